//! The relay: publishes pending events in order, at least once.
//!
//! Events are taken in the order of the log, produced together, awaited together, and then each stream's
//! contiguous acknowledged prefix is taken off the outbox. What is not acknowledged is published again with
//! the same id. An event that the broker can never take blocks its own stream alone.
//!
//! A relay takes whatever is pending from its first place on, and nothing is taken off that was not acknowledged. So
//! whoever publishes, even a relay whose lease is over without its knowing, can only repeat what was there before.

mod batch;
mod metrics;

pub use metrics::RelayMetrics;

use crate::outbox::{Lease, OutboxSource, SourceError};
use batch::{Outcome, Publisher, Verdict};
use futures_util::{StreamExt, future};
use rdkafka::error::KafkaError;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waymark_events::Record;

/// How a relay works.
#[derive(Debug, Clone)]
pub struct RelayConfig {
    /// Kafka brokers, separated by commas.
    pub brokers: String,
    /// Identifies the relay among others.
    pub owner: Uuid,
    /// Events of one batch, which is also the most that are under way.
    pub batch: u64,
    /// How often it looks without being woken.
    pub poll: Duration,
    /// How long leases last; they are renewed after a third of it. Another relay takes over what a dead one had after
    /// at most this and a third of it.
    pub lease: Duration,
    /// How long the broker has to acknowledge a batch, before it is published again by a new producer.
    pub patience: Duration,
}

impl RelayConfig {
    /// The usual figures: batches of 1,000, a look every 250 ms, leases of 6 s, two minutes for a batch.
    #[must_use]
    pub fn new(brokers: String, owner: Uuid) -> Self {
        Self {
            brokers,
            owner,
            batch: 1_000,
            poll: Duration::from_millis(250),
            lease: Duration::from_secs(6),
            patience: Duration::from_secs(120),
        }
    }
}

/// Why a turn came to nothing.
#[derive(Debug, Error)]
enum TurnError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("no producer can be made: {0}")]
    Producer(#[from] KafkaError),
}

/// Publishes what waits in one outbox.
pub struct Relay<S> {
    source: Arc<S>,
    config: RelayConfig,
    metrics: RelayMetrics,
}

impl<S: OutboxSource> Relay<S> {
    /// A relay for this outbox.
    #[must_use]
    pub fn new(source: Arc<S>, config: RelayConfig) -> Self {
        Self { source, config, metrics: RelayMetrics::default() }
    }

    /// What it has done so far; stays true while it runs.
    #[must_use]
    pub fn metrics(&self) -> RelayMetrics {
        self.metrics.clone()
    }

    /// Publishes until the token is cancelled: then it awaits what is under way, though not for long, and gives its
    /// leases back. Faults of the outbox or the broker are logged and outlived.
    ///
    /// # Errors
    /// Only when no producer can be made at all, which is a matter of configuration.
    pub async fn run(self, token: CancellationToken) -> Result<(), KafkaError> {
        let mut publisher = Publisher::new(&self.config.brokers, self.config.patience, self.metrics.clone())?;
        let mut hints = self.source.hints();
        let mut holding = Holding::default();
        while !token.is_cancelled() {
            let more = match self.turn(&mut publisher, &mut holding, &token).await {
                Ok(more) => more,
                Err(error) => {
                    self.metrics.failed_turns.inc();
                    holding.ahead.clear();
                    tracing::warn!(%error, "the relay could not go on; it tries again");
                    false
                }
            };
            if !more {
                tokio::select! {
                    () = token.cancelled() => {}
                    _ = hints.next() => {}
                    () = tokio::time::sleep(self.config.poll) => {}
                }
            }
        }
        publisher.close().await;
        if let Err(error) = self.source.release(self.config.owner).await {
            tracing::warn!(%error, "the leases could not be given back; they expire by themselves");
        }
        Ok(())
    }

    /// One batch; says whether there may be more at once.
    async fn turn(
        &self,
        publisher: &mut Publisher,
        holding: &mut Holding,
        token: &CancellationToken,
    ) -> Result<bool, TurnError> {
        let lease = self.hold(holding).await?;
        let events = self.events(publisher, &lease, &mut holding.ahead, token).await?;
        if events == Progress::Delayed {
            return Ok(false);
        }
        let states = self.states(publisher, &lease, token).await?;
        Ok(states != Progress::Delayed && [events, states].contains(&Progress::Made))
    }

    /// A batch of events. While it is under way the next one is read already, and kept only if all of this one
    /// arrives: otherwise it could overtake.
    async fn events(
        &self,
        publisher: &mut Publisher,
        lease: &Lease,
        ahead: &mut Vec<Record>,
        token: &CancellationToken,
    ) -> Result<Progress, TurnError> {
        let limit = self.config.batch;
        let mut records = std::mem::take(ahead);
        if records.is_empty() {
            records = self.source.pending(lease, limit, &[]).await?;
        }
        if records.is_empty() {
            return Ok(Progress::Nothing);
        }
        let seqs: Vec<i64> = records.iter().map(|record| record.seq).collect();
        let messages: Vec<&Record> = records.iter().collect();
        let publishing = publisher.publish(&messages, token);
        let outcome = if seqs.len() as u64 == limit {
            let looking = self.source.pending(lease, limit, &seqs);
            let (outcome, next) = self.keeping(future::join(publishing, looking)).await;
            let outcome = outcome?;
            if outcome.verdicts.iter().all(|verdict| *verdict == Verdict::Acknowledged) {
                // What could not be read now is read in the next turn.
                *ahead = next.unwrap_or_default();
            }
            outcome
        } else {
            self.keeping(publishing).await?
        };
        self.conclude(lease, &records, &outcome).await?;
        Ok(Progress::of(&outcome))
    }

    /// A batch of states. Of a person only the newest is sent, so there is nothing to block: what is refused is told
    /// again and again.
    async fn states(
        &self,
        publisher: &mut Publisher,
        lease: &Lease,
        token: &CancellationToken,
    ) -> Result<Progress, TurnError> {
        let mut states = self.source.states(lease, self.config.batch / 2).await?;
        if states.is_empty() {
            return Ok(Progress::Nothing);
        }
        let messages: Vec<&Record> = states.iter().flat_map(|state| &state.records).collect();
        let outcome = self.keeping(publisher.publish(&messages, token)).await?;
        let mut verdicts = outcome.verdicts.iter();
        states.retain(|state| {
            // Every verdict is taken, whatever the others are.
            let sent = verdicts.by_ref().take(state.records.len()).filter(|v| **v == Verdict::Acknowledged);
            sent.count() == state.records.len()
        });
        self.source.settle(lease, &states).await?;
        Ok(Progress::of(&outcome))
    }

    /// Takes off what arrived, and blocks what never will.
    async fn conclude(
        &self,
        lease: &Lease,
        records: &[Record],
        outcome: &Outcome,
    ) -> Result<(), SourceError> {
        let judged = || records.iter().zip(&outcome.verdicts);
        let arrived = judged().filter(|(_, verdict)| **verdict == Verdict::Acknowledged);
        let arrived: Vec<i64> = arrived.map(|(record, _)| record.seq).collect();
        let taken = self.source.acknowledge(lease, &arrived).await?;
        if taken < arrived.len() as u64 {
            tracing::warn!(
                sent = arrived.len(),
                taken,
                "leases were lost meanwhile; some events are sent twice"
            );
        }
        for (record, verdict) in judged() {
            if let Verdict::Refused(error) = verdict {
                let seq = record.seq;
                tracing::error!(seq, error, "the broker refuses this event for good; its stream is blocked");
                self.source.block(seq, error).await?;
            }
        }
        Ok(())
    }

    /// Does the work and renews the leases meanwhile, however long it takes.
    async fn keeping<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(self.config.lease / 3) => {}
            }
            let renewing = self.source.renew(self.config.owner, self.config.lease);
            tokio::select! {
                done = &mut work => return done,
                renewed = renewing => if let Err(error) = renewed {
                    // They may be over. What is under way can then only repeat.
                    tracing::warn!(%error, "the leases could not be renewed");
                }
            }
        }
    }

    /// The lease, renewed when a third of its time has passed. A lease that could not be renewed is not
    /// used: somebody else may hold the shards by now.
    async fn hold(&self, holding: &mut Holding) -> Result<Lease, SourceError> {
        if let Some((lease, renewed)) = &holding.lease
            && renewed.elapsed() < self.config.lease / 3
        {
            return Ok(lease.clone());
        }
        let before = holding.lease.take().map(|(lease, _)| lease.shards).unwrap_or_default();
        let asked = Instant::now();
        let lease = self.source.claim(self.config.owner, self.config.lease).await?;
        if lease.shards != before {
            // It was read under another lease.
            holding.ahead.clear();
        }
        let gained = lease.shards.iter().filter(|shard| !before.contains(shard)).count();
        self.metrics.lease_moves.inc_by(gained as u64);
        self.metrics.leases.set(i64::try_from(lease.shards.len()).unwrap_or(i64::MAX));
        holding.lease = Some((lease.clone(), asked));
        Ok(lease)
    }
}

/// What came of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// There was nothing to do.
    Nothing,
    /// It arrived.
    Made,
    /// Some of it is to be published again.
    Delayed,
}

impl Progress {
    fn of(outcome: &Outcome) -> Self {
        let Some(error) = &outcome.delayed else { return Self::Made };
        tracing::warn!(error, "the broker did not acknowledge everything; it is published again");
        Self::Delayed
    }
}

/// What a relay has in its hands between two turns.
#[derive(Default)]
struct Holding {
    /// The lease, and when it was asked for.
    lease: Option<(Lease, Instant)>,
    /// Events that were read already, to be published next.
    ahead: Vec<Record>,
}
