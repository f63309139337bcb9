//! What a relay has done so far.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one relay, readable while it runs.
#[derive(Debug, Default)]
pub struct RelayStats {
    published: AtomicU64,
    blocked: AtomicU64,
    failures: AtomicU64,
    last_error: Mutex<Option<String>>,
}

impl RelayStats {
    /// Events that the broker acknowledged.
    #[must_use]
    pub fn published_total(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// Events that blocked their stream.
    #[must_use]
    pub fn blocked_total(&self) -> u64 {
        self.blocked.load(Ordering::Relaxed)
    }

    /// Turns that failed and were tried again.
    #[must_use]
    pub fn failures_total(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Why the last turn failed; `None` once one succeeded.
    #[must_use]
    pub fn last_error(&self) -> Option<String> {
        self.last_error.lock().ok().and_then(|error| error.clone())
    }

    pub(super) fn published(&self, count: u64) {
        self.published.fetch_add(count, Ordering::Relaxed);
        self.idle();
    }

    pub(super) fn idle(&self) {
        if let Ok(mut error) = self.last_error.lock() {
            *error = None;
        }
    }

    pub(super) fn blocked(&self, error: &str) {
        self.blocked.fetch_add(1, Ordering::Relaxed);
        self.set(error);
    }

    pub(super) fn failed(&self, error: &str) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.set(error);
    }

    fn set(&self, text: &str) {
        if let Ok(mut error) = self.last_error.lock() {
            *error = Some(text.to_owned());
        }
    }
}
