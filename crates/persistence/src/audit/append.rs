//! Noting.

use super::row::pending;
use crate::Persistence;
use crate::error::Result;
use async_trait::async_trait;
use chrono::{DurationRound, TimeDelta};
use sea_orm::{ConnectionTrait, EntityTrait};
use waymark_domain::audit::AuditNote;
use waymark_domain::ports::{AuditLog, Ids, PortError};

/// Leaves the notes for the sealer; one statement.
pub(crate) async fn append(db: &impl ConnectionTrait, ids: &dyn Ids, notes: &[AuditNote]) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let rows = notes.iter().map(|note| {
        // What is hashed must be what the database gives back: it keeps microseconds.
        let at = note.at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(note.at);
        pending::ActiveModel::of(ids.next(), &AuditNote { at, ..note.clone() })
    });
    pending::Entity::insert_many(rows.collect::<Vec<_>>()).exec_without_returning(db).await?;
    Ok(())
}

#[async_trait]
impl AuditLog for Persistence {
    async fn note(&self, notes: &[AuditNote]) -> Result<(), PortError> {
        Ok(append(self.pool(), &*self.ids, notes).await?)
    }
}
