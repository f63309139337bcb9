//! Producing one batch.

use crate::produce::send;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, future_producer::DeliveryFuture};
use std::collections::HashSet;
use waymark_events::Record;

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Log places that may be taken off: of each stream the contiguous acknowledged prefix.
    pub acknowledged: Vec<i64>,
    /// Log places that the broker can never take, with its reason.
    pub refused: Vec<(i64, String)>,
    /// Why something is to be published again, if something is.
    pub delayed: Option<String>,
}

type Stream<'r> = (&'r str, &'r str);

/// Produces the records in their order and awaits all of them.
pub(super) async fn publish(producer: &FutureProducer, records: &[Record]) -> Outcome {
    let mut outcome = Outcome::default();
    // Streams in which something failed: nothing after it may count, or it would overtake.
    let mut halted: HashSet<Stream<'_>> = HashSet::new();
    let mut under_way: Vec<(&Record, DeliveryFuture)> = Vec::with_capacity(records.len());
    for record in records {
        let stream = (record.topic.as_str(), record.key.as_str());
        if halted.contains(&stream) {
            continue;
        }
        match send(producer, record) {
            Ok(delivery) => under_way.push((record, delivery)),
            Err(error) => {
                halted.insert(stream);
                outcome.note(record, &error);
            }
        }
    }
    for (record, delivery) in under_way {
        let stream = (record.topic.as_str(), record.key.as_str());
        let result = match delivery.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err((error, _))) => Err(error),
            Err(_) => Err(KafkaError::Canceled),
        };
        match result {
            Ok(()) if !halted.contains(&stream) => outcome.acknowledged.push(record.seq),
            Ok(()) => {}
            Err(error) => {
                if halted.insert(stream) {
                    outcome.note(record, &error);
                }
            }
        }
    }
    outcome
}

impl Outcome {
    fn note(&mut self, record: &Record, error: &KafkaError) {
        if is_permanent(error) {
            self.refused.push((record.seq, error.to_string()));
        } else {
            self.delayed = Some(error.to_string());
        }
    }
}

/// Errors that the same message meets again and again. A time-out is none: nobody knows what became of it.
fn is_permanent(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{InvalidMessage, InvalidMessageSize, InvalidRecord, MessageSizeTooLarge};
    let code = error.rdkafka_error_code();
    code.is_some_and(|code| {
        [InvalidMessage, InvalidMessageSize, InvalidRecord, MessageSizeTooLarge].contains(&code)
    })
}
