//! The durable event log as a live feed.

use super::PortError;
use crate::kernel::{Actor, PersonId};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_core::stream::BoxStream;
use uuid::Uuid;

/// A place in a person's feed: how far it was read in each of the person's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedPosition {
    /// Sequence of the last event read of the progress topic.
    pub progress: i64,
    /// Sequence of the last event read of the evidence topic.
    pub evidence: i64,
}

/// An event as a feed shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedEvent {
    /// Identifies the event; the same as on the topic.
    pub id: Uuid,
    /// `career.<name>.v<n>`.
    pub event_type: String,
    /// Whom it concerns.
    pub person: PersonId,
    /// What it is about, for instance `evidence/<id>`.
    pub subject: String,
    /// Its sequence in its topic, for the person.
    pub sequence: i64,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The payload as JSON text.
    pub data: String,
    /// Where to go on after this event.
    pub position: FeedPosition,
}

/// The durable event log as a live feed.
#[async_trait]
pub trait EventFeed: Send + Sync {
    /// The person's events after `from`, then every new one as it is committed, without gap or repeat.
    /// Without `from` only new events come.
    async fn follow(
        &self,
        viewer: &Actor,
        person: PersonId,
        from: Option<FeedPosition>,
    ) -> Result<BoxStream<'static, Result<FeedEvent, PortError>>, PortError>;
}
