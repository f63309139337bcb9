//! Reading a topic from outside, without a group: nothing is committed, nobody is disturbed.

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Consumption {
    /// Kafka brokers, separated by commas.
    pub brokers: String,
    /// The topic.
    pub topic: String,
    /// Begin with the oldest message instead of the next new one.
    pub from_beginning: bool,
    /// Stop when nothing came for so long.
    pub idle: Option<Duration>,
}

/// A message as it lies on the topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumedMessage {
    /// The partition.
    pub partition: i32,
    /// The place in the partition.
    pub offset: i64,
    /// Milliseconds since 1970, if the message has a time.
    pub timestamp: Option<i64>,
    /// The key, if it is text.
    pub key: Option<String>,
    /// The headers in their order; bytes that are no text are replaced.
    pub headers: Vec<(String, String)>,
    /// The value; empty for a tombstone.
    pub value: Vec<u8>,
}

/// Why a topic cannot be read.
#[derive(Debug, Error)]
pub enum ConsumeError {
    /// The brokers do not answer, or refuse.
    #[error("the brokers at {brokers} do not answer: {source}")]
    Kafka {
        /// The brokers.
        brokers: String,
        /// Why.
        source: KafkaError,
    },
    /// There is no such topic.
    #[error("there is no topic {topic}; there are: {known}")]
    NoTopic {
        /// The topic.
        topic: String,
        /// Topics that exist.
        known: String,
    },
}

/// Reads the topic on a thread of its own; messages and at most one error come out of the channel, which
/// ends with the token, the idle time, or the receiver.
#[must_use]
pub fn consume(
    what: Consumption,
    token: CancellationToken,
) -> mpsc::Receiver<Result<ConsumedMessage, ConsumeError>> {
    let (sender, receiver) = mpsc::channel(1_000);
    std::thread::spawn(move || {
        if let Err(error) = read(&what, &token, &sender) {
            // Nobody is left to hear it if this fails.
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn read(
    what: &Consumption,
    token: &CancellationToken,
    sender: &mpsc::Sender<Result<ConsumedMessage, ConsumeError>>,
) -> Result<(), ConsumeError> {
    let failed = |source| ConsumeError::Kafka { brokers: what.brokers.clone(), source };
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &what.brokers)
        .set("client.id", "waymark-consume")
        // Never used for a group: partitions are assigned by hand and nothing is committed.
        .set("group.id", "waymark-consume")
        .set("enable.auto.commit", "false")
        .set("allow.auto.create.topics", "false")
        .set("fetch.wait.max.ms", "10")
        .create()
        .map_err(failed)?;
    let metadata = consumer.fetch_metadata(None, Duration::from_secs(10)).map_err(failed)?;
    let topic = metadata.topics().iter().find(|topic| topic.name() == what.topic).ok_or_else(|| {
        let known: Vec<&str> = metadata.topics().iter().map(|topic| topic.name()).collect();
        ConsumeError::NoTopic { topic: what.topic.clone(), known: known.join(", ") }
    })?;
    let start = if what.from_beginning { Offset::Beginning } else { Offset::End };
    let mut partitions = TopicPartitionList::new();
    for partition in topic.partitions() {
        partitions.add_partition_offset(&what.topic, partition.id(), start).map_err(failed)?;
    }
    consumer.assign(&partitions).map_err(failed)?;
    let mut last = Instant::now();
    while !token.is_cancelled() && what.idle.is_none_or(|idle| last.elapsed() < idle) {
        match consumer.poll(Duration::from_millis(100)) {
            None => {}
            Some(Ok(message)) => {
                last = Instant::now();
                if sender.blocking_send(Ok(consumed(&message))).is_err() {
                    return Ok(());
                }
            }
            // Brokers come back; what cannot be survived shows as an idle topic with this in the log.
            Some(Err(error)) => tracing::warn!(%error, "the topic cannot be read now"),
        }
    }
    Ok(())
}

fn consumed(message: &BorrowedMessage<'_>) -> ConsumedMessage {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = message.headers().map(|headers| {
        headers.iter().map(|header| (header.key.to_owned(), text(header.value.unwrap_or_default()))).collect()
    });
    ConsumedMessage {
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis(),
        key: message.key().map(text),
        headers: headers.unwrap_or_default(),
        value: message.payload().unwrap_or_default().to_vec(),
    }
}
