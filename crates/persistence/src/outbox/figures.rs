//! How the outbox is doing, for those who watch over it.

use super::queue::{NOT_BLOCKED, Outbox};
use crate::error::Fault;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};

/// The state of the outbox at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxFigures {
    /// Events that the broker has not acknowledged, those of blocked streams included.
    pub pending: i64,
    /// When the oldest pending event happened, of the streams that are not blocked.
    pub oldest: Option<DateTime<Utc>>,
    /// Streams that are blocked.
    pub blocked: i64,
    /// People whose present state was not told yet.
    pub states: i64,
}

impl Outbox {
    /// How the outbox is doing now.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn figures(&self) -> Result<OutboxFigures, Fault> {
        let db = self.database.pool();
        let backend = db.get_database_backend();
        let counts = "select (select count(*) from outbox_pending) as pending,
             (select count(*) from outbox_blocked) as blocked,
             (select count(*) from state_pending) as states";
        let counts = db.query_one_raw(Statement::from_string(backend, counts)).await?;
        let oldest = format!(
            "select occurred_at from event_log where seq =
             (select min(seq) from outbox_pending where {NOT_BLOCKED})"
        );
        let oldest = db.query_one_raw(Statement::from_string(backend, oldest)).await?;
        let Some(counts) = counts else { return Ok(OutboxFigures::default()) };
        Ok(OutboxFigures {
            pending: counts.try_get("", "pending")?,
            oldest: oldest.map(|row| row.try_get("", "occurred_at")).transpose()?,
            blocked: counts.try_get("", "blocked")?,
            states: counts.try_get("", "states")?,
        })
    }
}
