//! Processes that end well: background tasks are tracked, none dies silently, and signals stop them all.

use anyhow::{Result, anyhow};
use std::future::Future;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long tasks may take to end once they were asked to.
const GRACE: Duration = Duration::from_secs(20);

/// The background tasks of a process.
#[derive(Default)]
pub struct Lifecycle {
    token: CancellationToken,
    tasks: JoinSet<(&'static str, Result<()>)>,
}

impl Lifecycle {
    /// Is cancelled when the process is to stop.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Runs a task until the process stops. When it ends before, the process ends with it.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = Result<()>> + Send + 'static) {
        self.tasks.spawn(async move { (name, task.await) });
    }

    /// Waits for a signal or the end of a task, then stops everything.
    ///
    /// # Errors
    /// When a task failed, or ended although nobody had asked it to.
    pub async fn run(mut self) -> Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut outcome = tokio::select! {
            _ = terminate.recv() => Ok(()),
            _ = interrupt.recv() => Ok(()),
            Some(ended) = self.tasks.join_next() => Err(unexpected(ended)),
        };
        tracing::info!("stopping");
        self.token.cancel();
        let drain = async {
            while let Some(ended) = self.tasks.join_next().await {
                match ended {
                    Ok((_, Ok(()))) => {}
                    Ok((name, Err(error))) if outcome.is_ok() => outcome = Err(error.context(name)),
                    Err(error) if outcome.is_ok() && !error.is_cancelled() => outcome = Err(error.into()),
                    _ => {}
                }
            }
        };
        if tokio::time::timeout(GRACE, drain).await.is_err() {
            tracing::warn!("some tasks did not end in time; they are cut off");
            self.tasks.abort_all();
        }
        outcome
    }
}

fn unexpected(ended: Result<(&'static str, Result<()>), tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok((name, Ok(()))) => anyhow!("the {name} ended by itself"),
        Ok((name, Err(error))) => error.context(format!("the {name} failed")),
        Err(error) => anyhow!(error).context("a task crashed"),
    }
}
