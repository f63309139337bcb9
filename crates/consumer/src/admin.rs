//! The topics that a group makes for itself.

use crate::Settings;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::time::Duration;
use waymark_events::Topic;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// Milliseconds for which redriven events are kept.
const RETRY_RETENTION: i64 = 7 * DAY;
/// Milliseconds for which dead letters are kept.
const DEAD_RETENTION: i64 = 90 * DAY;

/// Makes the retry and dead-letter topics that are missing.
pub(crate) async fn ensure(settings: &Settings) -> Result<(), KafkaError> {
    let retry = settings.topics.iter().map(|topic| (settings.retry_topic(topic), RETRY_RETENTION));
    let dead = settings.topics.iter().map(|topic| (settings.dead_topic(topic), DEAD_RETENTION));
    let wanted: Vec<(String, String)> =
        retry.chain(dead).map(|(name, time)| (name, time.to_string())).collect();
    let new: Vec<NewTopic<'_>> = wanted
        .iter()
        .map(|(name, retention)| {
            NewTopic::new(name, Topic::PARTITIONS, TopicReplication::Fixed(settings.replication))
                .set("retention.ms", retention)
                .set("cleanup.policy", "delete")
        })
        .collect();
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &settings.brokers).create()?;
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
    for result in admin.create_topics(&new, &options).await? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(KafkaError::AdminOp(code)),
        }
    }
    Ok(())
}
