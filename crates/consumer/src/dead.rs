//! Dead letters: messages with the reason why they are here, on a topic of the group's own.

use crate::Incoming;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::time::Duration;

/// Why it is here: one of [`Reason`].
pub const REASON: &str = "dlq_reason";
/// What the handler or the decoder said.
pub const ERROR: &str = "dlq_error";
/// Topic of the contract on which the message lay.
pub const TOPIC: &str = "dlq_topic";
/// Its partition there.
pub const PARTITION: &str = "dlq_partition";
/// Its place in that partition.
pub const OFFSET: &str = "dlq_offset";
/// The group that gave it up.
pub const GROUP: &str = "dlq_group";
/// How often it was tried.
pub const ATTEMPTS: &str = "dlq_attempts";
/// On a retry topic: `redrive`, or `drop` to pass it over.
pub const ACTION: &str = "dlq_action";

/// Why a message is a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Its handler failed for good, or too often. Its key is held back.
    Handler,
    /// It cannot be read. Its key flows on: redriving it changes nothing.
    Poison,
    /// An earlier event of its key is a dead letter.
    Behind,
    /// Events before it are missing. Redriven, it is taken without them.
    Gap,
}

impl Reason {
    /// As it stands in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Poison => "poison",
            Self::Behind => "behind",
            Self::Gap => "gap",
        }
    }
}

/// A producer that awaits every copy, and places keys as Waymark does.
pub(crate) fn producer(brokers: &str) -> Result<FutureProducer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "5")
        .create()
}

/// Sends a message on to a topic, with these headers in place of those of the same names, and awaits the broker.
pub(crate) async fn forward(
    producer: &FutureProducer,
    topic: &str,
    message: &Incoming,
    marks: &[(&str, String)],
) -> Result<(), KafkaError> {
    let kept = message.headers.iter().filter(|(name, _)| !marks.iter().any(|(mark, _)| mark == name));
    let headers = kept.fold(OwnedHeaders::new(), |all, (key, value)| {
        all.insert(Header { key, value: Some(value.as_slice()) })
    });
    let headers = marks
        .iter()
        .fold(headers, |all, (key, value)| all.insert(Header { key, value: Some(value.as_str()) }));
    let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(topic).headers(headers);
    record.key = (!message.key.is_empty()).then_some(message.key.as_slice());
    record.payload = message.value.as_deref();
    producer.send(record, Duration::from_secs(30)).await.map(drop).map_err(|(error, _)| error)
}
