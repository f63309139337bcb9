//! How many queries and mutations are executed at once: what comes beyond is turned away at once, so that those who are
//! being served are served in time. Open streams have no place; they wait for events, and other bounds hold for them.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a process.
#[derive(Clone)]
pub(super) struct Places(Option<Arc<Semaphore>>);

/// One of them, until it is dropped.
pub(super) struct Place(
    #[allow(dead_code, reason = "it is held, and that is all")] Option<OwnedSemaphorePermit>,
);

impl Places {
    /// So many; 0 stands for no bound.
    pub fn new(most: usize) -> Self {
        Self((most > 0).then(|| Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))))
    }

    /// A place, if one is free now.
    pub fn take(&self) -> Option<Place> {
        match &self.0 {
            None => Some(Place(None)),
            Some(places) => places.clone().try_acquire_owned().ok().map(|permit| Place(Some(permit))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_was_left() {
        let places = Places::new(2);
        let (first, second) = (places.take(), places.take());
        assert!(first.is_some() && second.is_some() && places.take().is_none());
        drop(first);
        assert!(places.take().is_some());
    }

    #[test]
    fn without_a_bound_there_is_always_one() {
        let places = Places::new(0);
        let taken: Vec<_> = (0..10_000).map(|_| places.take()).collect();
        assert!(taken.iter().all(Option::is_some));
    }
}
