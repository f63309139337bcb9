//! The relay's producer, and one record as one message: key, value, headers, time.

use rdkafka::client::DefaultClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, ClientContext};
use waymark_events::Record;

/// The relay's producer.
pub(crate) type RelayProducer = FutureProducer<Chosen>;

/// Logs what librdkafka says, but for its remarks on settings: those below are chosen, and whoever reads the log cannot
/// change them.
pub(crate) struct Chosen;

impl ClientContext for Chosen {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility != "CONFWARN" {
            DefaultClientContext.log(level, facility, message);
        }
    }
}

/// A producer that leaves no gap: of the messages of a partition a prefix arrives, whatever happens.
///
/// # Errors
/// When the brokers' addresses are none.
pub(crate) fn producer(brokers: &str) -> Result<RelayProducer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("client.id", "waymark-relay")
        .set("acks", "all")
        .set("enable.idempotence", "true")
        // Without it a message that failed is left out, and those after it are sent.
        .set("enable.gapless.guarantee", "true")
        // Never by itself: a message that times out would be left out as well. The relay gives up, on all at once.
        .set("message.timeout.ms", "0")
        // As Java clients do: librdkafka's own default would put keys into other partitions.
        .set("partitioner", "murmur2_random")
        // The one compression that every client can read without an extra library.
        .set("compression.type", "gzip")
        .set("linger.ms", "5")
        // A broker that comes back is noticed within a second, not within ten.
        .set("reconnect.backoff.max.ms", "1000")
        .create_with_context(Chosen)
}

/// Hands the record to the producer; its delivery is still to be awaited.
///
/// # Errors
/// When the producer does not even take it: too large, or its queue is full.
pub(crate) fn send<C: ClientContext + 'static>(
    producer: &FutureProducer<C>,
    record: &Record,
) -> Result<DeliveryFuture, KafkaError> {
    let headers = record.headers();
    let headers = headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
        all.insert(Header { key, value: Some(value.as_str()) })
    });
    let message = FutureRecord::to(&record.topic)
        .key(record.key.as_str())
        .timestamp(record.time.timestamp_millis())
        .headers(headers);
    let message = if record.is_tombstone() { message } else { message.payload(record.data.as_str()) };
    producer.send_result(message).map_err(|(error, _)| error)
}
