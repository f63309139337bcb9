//! Locks that are held for a moment, never across an await.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks. What is guarded here is whole after each step, so a holder that panicked leaves it whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
