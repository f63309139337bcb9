//! What a process that serves does beside its requests: it forgets keys and exports whose time is over.

use crate::Persistence;
use std::time::Duration;
use waymark_domain::ports::Keys;

/// How often they are swept.
const SWEEP: Duration = Duration::from_secs(60);

/// Most rows that are forgotten in one statement.
const BATCH: u64 = 1_000;

impl Persistence {
    /// Tends the database until it is dropped. Several processes may do so at once.
    pub async fn tend(self) {
        let mut sweeps = tokio::time::interval(SWEEP);
        loop {
            sweeps.tick().await;
            self.sweep().await;
        }
    }

    async fn sweep(&self) {
        loop {
            match self.forget_exports(BATCH).await {
                Ok(BATCH) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "old exports could not be swept; they are tried again");
                    break;
                }
            }
        }
        loop {
            match self.forget(BATCH).await {
                Ok(BATCH) => {}
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "old keys could not be swept; they are tried again");
                    return;
                }
            }
        }
    }
}
