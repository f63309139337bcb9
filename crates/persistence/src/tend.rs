//! What a process that serves does beside its requests: it forgets keys and exports whose time is over, and once a day
//! what retention says.

use crate::Persistence;
use crate::error::Result;
use std::time::Duration;
use waymark_domain::ports::{Keys, PortError};

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
            if let Err(error) = self.sweep_exports().await {
                tracing::warn!(%error, "old exports could not be swept; they are tried again");
            }
            if let Err(error) = self.sweep_keys().await {
                tracing::warn!(%error, "old keys could not be swept; they are tried again");
            }
            if let Err(error) = self.retain_today().await {
                tracing::warn!(%error, "retention could not run to its end; what is left waits for the next day");
            }
        }
    }

    async fn sweep_exports(&self) -> Result<()> {
        while self.forget_exports(BATCH).await? == BATCH {}
        Ok(())
    }

    async fn sweep_keys(&self) -> Result<(), PortError> {
        while self.forget(BATCH).await? == BATCH {}
        Ok(())
    }
}
