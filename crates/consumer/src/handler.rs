//! What a consumer says of itself: the effect of one event.

use crate::Event;
use async_trait::async_trait;
use sea_orm::{DatabaseTransaction, DbErr};
use thiserror::Error;

/// Why an event had no effect.
#[derive(Debug, Error)]
pub enum HandlerError {
    /// It may work later: the event is tried again, and goes to the dead letters when its attempts are used up.
    #[error("{0}")]
    Retry(String),
    /// It will never work: the event goes to the dead letters at once.
    #[error("{0}")]
    Dead(String),
    /// Something that the handler needs beside its database is away, no fault of the event: it waits, however long
    /// that takes, and its attempts are not counted.
    #[error("{0}")]
    Away(String),
}

impl From<DbErr> for HandlerError {
    /// A statement that failed may work later: the database may have been away.
    fn from(error: DbErr) -> Self {
        Self::Retry(error.to_string())
    }
}

/// The effect of events. Everything it writes goes through the transaction, which the kit commits together with the
/// inbox; what it does elsewhere (an e-mail, a request) may happen again after a crash.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Applies one event. Calls for one key come one after the other, in order of sequence; calls for different keys
    /// come at the same time.
    ///
    /// # Errors
    /// When it had no effect; the transaction is rolled back.
    async fn handle(&self, event: &Event, transaction: &DatabaseTransaction) -> Result<(), HandlerError>;

    /// Events of this key were missed, those after `last` up to and without the event: reads anew what they would have
    /// told. Called in the transaction of the event that comes after the gap, with
    /// [`GapPolicy::Refresh`](crate::GapPolicy::Refresh) alone.
    ///
    /// # Errors
    /// As [`Handler::handle`].
    async fn refresh(
        &self,
        event: &Event,
        last: i64,
        transaction: &DatabaseTransaction,
    ) -> Result<(), HandlerError> {
        let _ = (last, transaction);
        Err(HandlerError::Dead(format!(
            "events before {} are missing and cannot be read anew",
            event.sequence
        )))
    }
}
