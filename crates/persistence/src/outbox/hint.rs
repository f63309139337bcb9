//! Wakes the relay and the feeds after a commit, within the process.

use std::sync::Arc;
use tokio::sync::{broadcast, watch};
use uuid::Uuid;

/// Bells among which feeds are spread: a commit wakes those of one bell, not every feed that there is.
const BELLS: usize = 256;

/// Rings that a slow listener may fall behind before it must look for itself.
const BACKLOG: usize = 16;

/// Bells that ring after each commit with the keys whose streams grew.
#[derive(Debug, Clone)]
pub(crate) struct Hint {
    any: watch::Sender<u64>,
    /// Commits of this process alone, for whoever tells them to others.
    own: watch::Sender<u64>,
    of_keys: Arc<[broadcast::Sender<Uuid>]>,
}

impl Default for Hint {
    fn default() -> Self {
        let of_keys = (0..BELLS).map(|_| broadcast::channel(BACKLOG).0).collect();
        Self { any: watch::channel(0).0, own: watch::channel(0).0, of_keys }
    }
}

impl Hint {
    /// Rings for a commit of this process.
    pub fn committed(&self, keys: Vec<Uuid>) {
        self.own.send_modify(|count| *count = count.wrapping_add(1));
        self.ring(keys);
    }

    /// Listens to the commits of this process from now on.
    pub fn listen_to_own(&self) -> watch::Receiver<u64> {
        self.own.subscribe()
    }

    /// Rings. Nobody has to listen.
    pub fn ring(&self, keys: Vec<Uuid>) {
        self.any.send_modify(|count| *count = count.wrapping_add(1));
        for key in keys {
            // An error says that nobody listens, which is fine.
            let _ = self.bell(key).send(key);
        }
    }

    /// Listens to every commit from now on.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.any.subscribe()
    }

    /// Listens from now on to the commits that concern this key, and to a few others.
    pub fn listen_to(&self, key: Uuid) -> broadcast::Receiver<Uuid> {
        self.bell(key).subscribe()
    }

    fn bell(&self, key: Uuid) -> &broadcast::Sender<Uuid> {
        // The last byte of an id is random in every version that is used here.
        let number = usize::from(key.as_bytes()[15]) % self.of_keys.len();
        &self.of_keys[number]
    }
}
