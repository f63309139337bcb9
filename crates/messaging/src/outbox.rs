//! The port to an outbox. Persistence has one; the server brings the two together.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use std::time::Duration;
use thiserror::Error;
use uuid::Uuid;
use waymark_events::{Record, State};

/// The shards that a relay holds, each with the epoch in which it got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The relay.
    pub owner: Uuid,
    /// Shard and epoch.
    pub shards: Vec<(i16, i64)>,
}

/// The outbox could not answer; trying again may help.
#[derive(Debug, Error)]
#[error("the outbox does not answer: {0}")]
pub struct SourceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Events that wait to be published. Order matters within a stream, which is a key of a topic.
#[async_trait]
pub trait OutboxSource: Send + Sync + 'static {
    /// Renews the relay's leases and claims its fair share of the shards, for `ttl` from now.
    async fn claim(&self, owner: Uuid, ttl: Duration) -> Result<Lease, SourceError>;

    /// Renews the leases that still hold, and changes nothing else: for a relay that is busy with them.
    async fn renew(&self, owner: Uuid, ttl: Duration) -> Result<(), SourceError>;

    /// The oldest pending events of the leased shards, in the order of the log, without blocked streams and without
    /// those at these places, which are under way.
    async fn pending(&self, lease: &Lease, limit: u64, under_way: &[i64])
    -> Result<Vec<Record>, SourceError>;

    /// Takes acknowledged events off, as far as their shards are still held in the same epoch.
    async fn acknowledge(&self, lease: &Lease, seqs: &[i64]) -> Result<u64, SourceError>;

    /// Blocks the stream of an event that can never be published, with the reason.
    async fn block(&self, seq: i64, error: &str) -> Result<(), SourceError>;

    /// What the compacted topics are to say of people of the leased shards who changed, as it is now.
    async fn states(&self, lease: &Lease, limit: u64) -> Result<Vec<State>, SourceError>;

    /// Takes states off that were acknowledged. What was sent under a lease that is lost is left to its owner, to be
    /// sent once more: it may lie behind what they sent meanwhile.
    async fn settle(&self, lease: &Lease, sent: &[State]) -> Result<(), SourceError>;

    /// Gives all leases back.
    async fn release(&self, owner: Uuid) -> Result<(), SourceError>;

    /// Yields whenever something may have become pending; begins to listen at the call.
    fn hints(&self) -> BoxStream<'static, ()>;
}
