//! Wakes relays in other processes after a commit: PostgreSQL's NOTIFY, never inside the transaction of a change.
//!
//! It is a hint. One that is lost costs the time until the relay looks by itself.

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{PgPool, query};
use std::time::Duration;
use tokio::sync::watch;

/// Where it is announced.
const CHANNEL: &str = "waymark_outbox";

/// At most one announcement in this time, however many commits there are.
const PAUSE: Duration = Duration::from_millis(10);

/// How long after a fault it is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Announces the commits of this process, on a connection of its own.
pub(crate) async fn announce(apart: Option<PgPool>, mut own: watch::Receiver<u64>) {
    let Some(pool) = apart else { return std::future::pending().await };
    while own.changed().await.is_ok() {
        let told = query("select pg_notify($1, '')").bind(CHANNEL).execute(&pool).await;
        if let Err(error) = told {
            tracing::warn!(%error, "a commit could not be announced; the relay looks by itself");
            tokio::time::sleep(RETRY).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What other processes announce, heard on a connection of its own.
#[derive(Debug)]
pub(super) struct Announcements {
    pool: PgPool,
    listener: Option<PgListener>,
}

impl Announcements {
    /// Those of this database.
    pub fn of(pool: PgPool) -> Self {
        Self { pool, listener: None }
    }

    /// Waits for the next one. Returns as well when listening began or began anew: something may have been announced
    /// before.
    pub async fn next(&mut self) {
        match self.listen().await {
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(%error, "announcements are not heard; the relay looks by itself");
                self.listener = None;
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    async fn listen(&mut self) -> Result<(), sea_orm::sqlx::Error> {
        match &mut self.listener {
            Some(listener) => {
                // None when the connection was lost; it listens again by itself.
                listener.try_recv().await?;
            }
            None => {
                let mut listener = PgListener::connect_with(&self.pool).await?;
                listener.listen(CHANNEL).await?;
                self.listener = Some(listener);
            }
        }
        Ok(())
    }
}
