//! Producing one batch, so that of each stream a prefix arrives and nothing overtakes.

use super::RelayMetrics;
use crate::produce::{RelayProducer, producer, send};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{Producer, PurgeConfig};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use waymark_events::Record;

/// How long deliveries that are under way are awaited once the relay is to stop.
const LAST_WAIT: Duration = Duration::from_secs(8);

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The broker has it, and everything before it in its stream.
    Acknowledged,
    /// The broker can never take it, with its reason. Everything before it in its stream arrived.
    Refused(String),
    /// Nobody knows, or something before it in its stream did not arrive: it is to be published again.
    Unknown,
}

/// What became of a batch: a verdict for each message, and why some are unknown, if some are.
#[derive(Debug)]
pub(super) struct Outcome {
    pub verdicts: Vec<Verdict>,
    pub delayed: Option<String>,
}

/// A producer that is replaced when anything went wrong with it.
///
/// A message whose fate is unknown may still be on its way. As long as it is the same producer, the broker takes what
/// comes after it only in its order. So at the first failure everything that was not sent is taken back, and a new
/// producer begins again with the first message that was not acknowledged: what arrives late from the old one can
/// only repeat.
pub(super) struct Publisher {
    producer: RelayProducer,
    brokers: String,
    patience: Duration,
    metrics: RelayMetrics,
}

impl Publisher {
    /// A publisher that gives up on a batch after `patience`.
    pub fn new(brokers: &str, patience: Duration, metrics: RelayMetrics) -> Result<Self, KafkaError> {
        Ok(Self { producer: producer(brokers)?, brokers: brokers.to_owned(), patience, metrics })
    }

    /// Produces the messages in their order and awaits all of them; not for long any more once `stop` is cancelled.
    ///
    /// # Errors
    /// When no new producer can be made.
    pub async fn publish(
        &mut self,
        messages: &[&Record],
        stop: &CancellationToken,
    ) -> Result<Outcome, KafkaError> {
        let began = Instant::now();
        let mut batch = Batch::new(messages.len());
        let under_way = batch.hand_over(&self.producer, messages, &self.metrics);
        let healthy = batch.await_all(&self.producer, messages, under_way, began + self.patience, stop).await;
        if !healthy || self.producer.client().fatal_error().is_some() {
            self.replace().await?;
            self.isolate(&mut batch, messages, stop).await?;
        }
        self.metrics.batch(began.elapsed(), &batch.outcome.verdicts);
        Ok(batch.outcome)
    }

    /// A broker refuses many messages together for the sake of one of them. The first one of each stream that was
    /// refused is sent alone: what is refused even so is to blame itself.
    async fn isolate(
        &mut self,
        batch: &mut Batch,
        messages: &[&Record],
        stop: &CancellationToken,
    ) -> Result<(), KafkaError> {
        for index in std::mem::take(&mut batch.suspects) {
            if stop.is_cancelled() {
                return Ok(());
            }
            let deadline = Instant::now() + self.patience;
            let verdict = match send(&self.producer, messages[index]) {
                Ok(delivery) => match settled(delivery, deadline, stop).await {
                    Some(Ok(())) => Verdict::Acknowledged,
                    Some(Err(error)) if is_permanent(&error) => Verdict::Refused(error.to_string()),
                    _ => Verdict::Unknown,
                },
                Err(error) if is_permanent(&error) => Verdict::Refused(error.to_string()),
                Err(_) => Verdict::Unknown,
            };
            if verdict != Verdict::Acknowledged {
                self.replace().await?;
            }
            batch.outcome.verdicts[index] = verdict;
        }
        Ok(())
    }

    /// A new producer; what the old one had not sent yet is forgotten.
    async fn replace(&mut self) -> Result<(), KafkaError> {
        if let Some((code, reason)) = self.producer.client().fatal_error() {
            self.metrics.fatal_errors.inc();
            tracing::warn!(?code, reason, "the producer failed for good; a new one takes over");
        }
        let old = std::mem::replace(&mut self.producer, producer(&self.brokers)?);
        // Purging and dropping block: not on a worker of the runtime. Nothing is sent before it is over.
        let gone = tokio::task::spawn_blocking(move || {
            purge(&old);
            drop(old);
        });
        if gone.await.is_err() {
            tracing::warn!("the old producer did not end well");
        }
        Ok(())
    }

    /// Ends the producer.
    pub async fn close(self) {
        let producer = self.producer;
        let closed = tokio::task::spawn_blocking(move || {
            // Everything was awaited, so there is nothing to flush.
            purge(&producer);
            drop(producer);
        });
        if closed.await.is_err() {
            tracing::warn!("the producer did not end well");
        }
    }
}

/// Takes back what was not sent, and no longer waits for what was.
fn purge(producer: &RelayProducer) {
    producer.purge(PurgeConfig::default().queue().inflight());
}

/// Within it order is kept: a key of a topic.
fn stream(record: &Record) -> (&str, &str) {
    (record.topic.as_str(), record.key.as_str())
}

/// A batch while it is under way.
struct Batch {
    outcome: Outcome,
    /// The first message of each stream that was refused after it was sent.
    suspects: Vec<usize>,
}

impl Batch {
    fn new(len: usize) -> Self {
        let outcome = Outcome { verdicts: vec![Verdict::Unknown; len], delayed: None };
        Self { outcome, suspects: Vec::new() }
    }

    /// Hands the messages to the producer, of each stream up to the first that it does not take.
    fn hand_over(
        &mut self,
        producer: &RelayProducer,
        messages: &[&Record],
        metrics: &RelayMetrics,
    ) -> Vec<(usize, DeliveryFuture)> {
        let mut halted = HashSet::new();
        let mut under_way = Vec::with_capacity(messages.len());
        for (index, message) in messages.iter().enumerate() {
            if halted.contains(&stream(message)) {
                continue;
            }
            match send(producer, message) {
                Ok(delivery) => under_way.push((index, delivery)),
                Err(error) if is_permanent(&error) => {
                    halted.insert(stream(message));
                    self.outcome.verdicts[index] = Verdict::Refused(error.to_string());
                }
                Err(error) => {
                    // The rest waits where it is: in the outbox.
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) {
                        metrics.queue_full.inc();
                    }
                    self.outcome.delayed = Some(error.to_string());
                    break;
                }
            }
        }
        under_way
    }

    /// Awaits every delivery; says whether the producer may go on.
    async fn await_all(
        &mut self,
        producer: &RelayProducer,
        messages: &[&Record],
        under_way: Vec<(usize, DeliveryFuture)>,
        deadline: Instant,
        stop: &CancellationToken,
    ) -> bool {
        let mut healthy = true;
        let mut halted = HashSet::new();
        for (index, mut delivery) in under_way {
            let stream = stream(messages[index]);
            let result = match settled(&mut delivery, deadline, stop).await {
                Some(result) => result,
                None => {
                    self.outcome.delayed = Some("the broker did not acknowledge in time".to_owned());
                    purge(producer);
                    healthy = false;
                    flatten(delivery.await)
                }
            };
            match result {
                Ok(()) if !halted.contains(&stream) => self.outcome.verdicts[index] = Verdict::Acknowledged,
                Ok(()) => {}
                Err(error) => {
                    if healthy {
                        purge(producer);
                        healthy = false;
                    }
                    if halted.insert(stream) && is_permanent(&error) {
                        self.suspects.push(index);
                    }
                    self.outcome.delayed.get_or_insert_with(|| error.to_string());
                }
            }
        }
        healthy
    }
}

type Delivered = <DeliveryFuture as Future>::Output;

fn flatten(delivered: Delivered) -> Result<(), KafkaError> {
    match delivered {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(error),
        Err(_) => Err(KafkaError::Canceled),
    }
}

/// The delivery's result; `None` when it did not come in time.
async fn settled(
    delivery: impl Future<Output = Delivered>,
    deadline: Instant,
    stop: &CancellationToken,
) -> Option<Result<(), KafkaError>> {
    tokio::pin!(delivery);
    let deadline = tokio::select! {
        biased;
        delivered = timeout_at(deadline, &mut delivery) => return delivered.ok().map(flatten),
        () = stop.cancelled() => deadline.min(Instant::now() + LAST_WAIT),
    };
    timeout_at(deadline, delivery).await.ok().map(flatten)
}

/// Errors that the same message meets again and again. A time-out is none: nobody knows what became of it.
fn is_permanent(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{InvalidMessage, InvalidMessageSize, InvalidRecord, MessageSizeTooLarge};
    let code = error.rdkafka_error_code();
    code.is_some_and(|code| {
        [InvalidMessage, InvalidMessageSize, InvalidRecord, MessageSizeTooLarge].contains(&code)
    })
}
