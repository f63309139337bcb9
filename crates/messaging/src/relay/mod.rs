//! The relay: publishes pending events in order, at least once.
//!
//! Events are taken in the order of the log, produced together, awaited together, and then each stream's
//! contiguous acknowledged prefix is taken off the outbox. What is not acknowledged is published again with
//! the same id. An event that the broker can never take blocks its own stream alone.

mod batch;
mod stats;

pub use stats::RelayStats;

use crate::outbox::{Lease, OutboxSource, SourceError};
use batch::{Outcome, publish};
use futures_util::StreamExt;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::producer::{FutureProducer, Producer};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How a relay works.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Kafka brokers, separated by commas.
    pub brokers: String,
    /// Identifies the relay among others.
    pub owner: Uuid,
    /// Events of one batch.
    pub batch: u64,
    /// How often it looks without being woken.
    pub poll: Duration,
    /// How long leases last; they are renewed after a third of it.
    pub lease: Duration,
}

impl RelayConfig {
    /// The usual figures: batches of 1,000, a look every 250 ms, leases of 10 s.
    #[must_use]
    pub fn new(brokers: String, owner: Uuid) -> Self {
        Self {
            brokers,
            owner,
            batch: 1_000,
            poll: Duration::from_millis(250),
            lease: Duration::from_secs(10),
        }
    }
}

/// Publishes what waits in one outbox.
pub struct Relay<S> {
    source: Arc<S>,
    config: RelayConfig,
    stats: Arc<RelayStats>,
}

impl<S: OutboxSource> Relay<S> {
    /// A relay for this outbox.
    #[must_use]
    pub fn new(source: Arc<S>, config: RelayConfig) -> Self {
        Self { source, config, stats: Arc::default() }
    }

    /// What it has done so far; stays true while it runs.
    #[must_use]
    pub fn stats(&self) -> Arc<RelayStats> {
        self.stats.clone()
    }

    /// Publishes until the token is cancelled: then it awaits what is under way and gives its leases back.
    /// Faults of the outbox or the broker are logged and outlived.
    ///
    /// # Errors
    /// Only when no producer can be made at all, which is a matter of configuration.
    pub async fn run(self, token: CancellationToken) -> Result<(), KafkaError> {
        let mut producer = producer(&self.config.brokers)?;
        let mut hints = self.source.hints();
        let mut holding = Holding::default();
        while !token.is_cancelled() {
            let more = match self.turn(&producer, &mut holding).await {
                Ok(more) => more,
                Err(error) => {
                    self.stats.failed(&error.to_string());
                    tracing::warn!(%error, "the relay could not go on; it tries again");
                    false
                }
            };
            if let Some((code, reason)) = producer.client().fatal_error() {
                tracing::warn!(?code, reason, "the producer failed for good; a new one takes over");
                producer = self::producer(&self.config.brokers)?;
            }
            if !more {
                tokio::select! {
                    () = token.cancelled() => {}
                    _ = hints.next() => {}
                    () = tokio::time::sleep(self.config.poll) => {}
                }
            }
        }
        self.stop(producer).await;
        Ok(())
    }

    /// One batch; says whether there may be more at once.
    async fn turn(&self, producer: &FutureProducer, holding: &mut Holding) -> Result<bool, SourceError> {
        let lease = self.hold(holding).await?;
        let records = self.source.pending(&lease, self.config.batch).await?;
        if records.is_empty() {
            self.stats.idle();
            return Ok(false);
        }
        let outcome: Outcome = publish(producer, &records).await;
        let taken = self.source.acknowledge(&lease, &outcome.acknowledged).await?;
        self.stats.published(taken);
        for (seq, error) in &outcome.refused {
            tracing::error!(seq, error, "the broker refuses this event for good; its stream is blocked");
            self.source.block(*seq, error).await?;
            self.stats.blocked(error);
        }
        if let Some(error) = &outcome.delayed {
            self.stats.failed(error);
            tracing::warn!(error, "the broker did not acknowledge everything; it is published again");
        }
        Ok(outcome.delayed.is_none())
    }

    /// The lease, renewed when a third of its time has passed. A lease that could not be renewed is not
    /// used: somebody else may hold the shards by now.
    async fn hold(&self, holding: &mut Holding) -> Result<Lease, SourceError> {
        if let Some((lease, renewed)) = &holding.0
            && renewed.elapsed() < self.config.lease / 3
        {
            return Ok(lease.clone());
        }
        holding.0 = None;
        let asked = Instant::now();
        let lease = self.source.claim(self.config.owner, self.config.lease).await?;
        holding.0 = Some((lease.clone(), asked));
        Ok(lease)
    }

    async fn stop(&self, producer: FutureProducer) {
        // Flushing blocks, and so does dropping: not on a worker of the runtime.
        let flushed = tokio::task::spawn_blocking(move || producer.flush(Duration::from_secs(10))).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "not everything was flushed; it is published again after the next start");
        }
        if let Err(error) = self.source.release(self.config.owner).await {
            tracing::warn!(%error, "the leases could not be given back; they expire by themselves");
        }
    }
}

#[derive(Default)]
struct Holding(Option<(Lease, Instant)>);

fn producer(brokers: &str) -> Result<FutureProducer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("client.id", "waymark-relay")
        .set("acks", "all")
        .set("enable.idempotence", "true")
        // As Java clients do: librdkafka's own default would put keys into other partitions.
        .set("partitioner", "murmur2_random")
        // The one compression that every client can read without an extra library.
        .set("compression.type", "gzip")
        .set("linger.ms", "5")
        .set("message.timeout.ms", "120000")
        .create()
}
