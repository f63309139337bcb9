//! Where crates that do not know each other meet: persistence's outbox as messaging's source, the database
//! as the gateway's readiness.

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream};
use std::time::Duration;
use uuid::Uuid;
use waymark_events::{Record, State};
use waymark_gateway::transport::Readiness;
use waymark_messaging::{Lease, OutboxSource, SourceError};
use waymark_persistence::{Database, Fault, Lease as StoredLease, Outbox};

/// The outbox as the relay wants it.
pub struct OutboxAdapter(pub Outbox);

fn source_error(fault: Fault) -> SourceError {
    SourceError(Box::new(fault))
}

fn stored(lease: &Lease) -> StoredLease {
    StoredLease { owner: lease.owner, shards: lease.shards.clone() }
}

#[async_trait]
impl OutboxSource for OutboxAdapter {
    async fn claim(&self, owner: Uuid, ttl: Duration) -> Result<Lease, SourceError> {
        let StoredLease { owner, shards } = self.0.claim(owner, ttl).await.map_err(source_error)?;
        Ok(Lease { owner, shards })
    }

    async fn renew(&self, owner: Uuid, ttl: Duration) -> Result<(), SourceError> {
        self.0.renew(owner, ttl).await.map_err(source_error)
    }

    async fn pending(
        &self,
        lease: &Lease,
        limit: u64,
        under_way: &[i64],
    ) -> Result<Vec<Record>, SourceError> {
        self.0.pending_beside(&stored(lease), limit, under_way).await.map_err(source_error)
    }

    async fn acknowledge(&self, lease: &Lease, seqs: &[i64]) -> Result<u64, SourceError> {
        self.0.acknowledge(&stored(lease), seqs).await.map_err(source_error)
    }

    async fn block(&self, seq: i64, error: &str) -> Result<(), SourceError> {
        self.0.block(seq, error).await.map_err(source_error)
    }

    async fn states(&self, lease: &Lease, limit: u64) -> Result<Vec<State>, SourceError> {
        self.0.states(&stored(lease), limit).await.map_err(source_error)
    }

    async fn settle(&self, lease: &Lease, sent: &[State]) -> Result<(), SourceError> {
        self.0.settle(&stored(lease), sent).await.map_err(source_error)
    }

    async fn release(&self, owner: Uuid) -> Result<(), SourceError> {
        self.0.release(owner).await.map_err(source_error)
    }

    fn hints(&self) -> BoxStream<'static, ()> {
        Box::pin(stream::unfold(self.0.bell(), |mut bell| async move {
            bell.rung().await;
            Some(((), bell))
        }))
    }
}

/// The service can work when its database answers.
pub struct DatabaseReadiness(pub Database);

#[async_trait]
impl Readiness for DatabaseReadiness {
    async fn ready(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.ping().await?)
    }
}
