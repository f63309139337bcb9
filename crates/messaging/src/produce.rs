//! One record as one message: key, value, headers, time.

use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};
use waymark_events::Record;

/// Hands the record to the producer; its delivery is still to be awaited.
///
/// # Errors
/// When the producer does not even take it: too large, or its queue is full.
pub(crate) fn send(producer: &FutureProducer, record: &Record) -> Result<DeliveryFuture, KafkaError> {
    let headers = record.headers();
    let headers = headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
        all.insert(Header { key, value: Some(value.as_str()) })
    });
    let message = FutureRecord::to(&record.topic)
        .key(record.key.as_str())
        .payload(record.data.as_str())
        .timestamp(record.time.timestamp_millis())
        .headers(headers);
    producer.send_result(message).map_err(|(error, _)| error)
}
