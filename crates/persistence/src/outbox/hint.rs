//! Wakes the relay and the feeds after a commit, within the process.

use tokio::sync::broadcast;
use uuid::Uuid;

/// Commits that a slow listener may fall behind before it must look for itself.
const BACKLOG: usize = 1_024;

/// A bell that rings after each commit with the keys whose streams grew.
#[derive(Debug, Clone)]
pub(crate) struct Hint {
    sender: broadcast::Sender<std::sync::Arc<[Uuid]>>,
}

impl Default for Hint {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0 }
    }
}

impl Hint {
    /// Rings. Nobody has to listen.
    pub fn ring(&self, keys: Vec<Uuid>) {
        // An error says that nobody listens, which is fine.
        let _ = self.sender.send(keys.into());
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<std::sync::Arc<[Uuid]>> {
        self.sender.subscribe()
    }
}
