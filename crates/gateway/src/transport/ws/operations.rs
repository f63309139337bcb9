//! The operations that are under way on one socket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Most operations at once on one socket.
const MOST: usize = 100;

/// Operations by the ids that the client gave them. Whoever drops the last handle stops them all.
#[derive(Clone, Default)]
pub(super) struct Operations(Arc<Mutex<HashMap<String, UnderWay>>>);

struct UnderWay {
    /// Tells operations of one id apart: the client may use an id again.
    number: u64,
    stop: DropGuard,
}

/// Why an operation may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAdmitted {
    Duplicate,
    TooMany,
}

impl Operations {
    /// Admits an operation; the token stops it.
    pub fn admit(&self, id: &str, number: u64) -> Result<CancellationToken, NotAdmitted> {
        let mut all = self.all();
        if all.contains_key(id) {
            return Err(NotAdmitted::Duplicate);
        }
        if all.len() >= MOST {
            return Err(NotAdmitted::TooMany);
        }
        let token = CancellationToken::new();
        all.insert(id.to_owned(), UnderWay { number, stop: token.clone().drop_guard() });
        Ok(token)
    }

    /// Stops an operation at the client's wish.
    pub fn stop(&self, id: &str) {
        self.all().remove(id);
    }

    /// An operation ended by itself: its id is free from now on.
    pub fn ended(&self, id: &str, number: u64) {
        let mut all = self.all();
        if all.get(id).is_some_and(|under_way| under_way.number == number)
            && let Some(under_way) = all.remove(id)
        {
            // It still has to say that it is complete.
            under_way.stop.disarm();
        }
    }

    /// Stops everything.
    pub fn stop_all(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, UnderWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_until_its_operation_ends() {
        let operations = Operations::default();
        let token = operations.admit("a", 1).unwrap();
        assert_eq!(operations.admit("a", 2).unwrap_err(), NotAdmitted::Duplicate);
        operations.ended("a", 1);
        assert!(!token.is_cancelled(), "it may still say that it is complete");
        let second = operations.admit("a", 2).unwrap();
        operations.ended("a", 1);
        assert!(operations.admit("a", 3).is_err(), "the end of an earlier one frees nothing");
        operations.stop("a");
        assert!(second.is_cancelled());
        operations.admit("a", 4).unwrap();
    }

    #[test]
    fn there_is_a_most_and_an_end() {
        let operations = Operations::default();
        let tokens: Vec<_> = (0..MOST).map(|n| operations.admit(&n.to_string(), n as u64).unwrap()).collect();
        assert_eq!(operations.admit("one more", 0).unwrap_err(), NotAdmitted::TooMany);
        operations.stop_all();
        assert!(tokens.iter().all(CancellationToken::is_cancelled));
    }
}
