//! Creating and checking the topics of the contract.

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::time::Duration;
use waymark_events::Topic;

/// How topics are kept.
#[derive(Debug, Clone, Copy)]
pub struct Replication {
    /// Copies of each topic.
    pub factor: i32,
    /// Copies that must have an event before it is acknowledged.
    pub min_insync: i32,
}

/// What became of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicState {
    /// It was missing and is there now.
    Created,
    /// It was there, as it should be.
    Present,
    /// It is there with another number of partitions, so that keys lie elsewhere than expected.
    Partitions(usize),
    /// It is missing.
    Missing,
}

/// Creates the topics that are missing; those that exist are only looked at.
///
/// # Errors
/// When the brokers do not answer, or refuse.
pub async fn ensure(brokers: &str, replication: Replication) -> Result<Vec<(Topic, TopicState)>, KafkaError> {
    let mut states = check(brokers).await?;
    let missing: Vec<Topic> =
        states.iter().filter(|(_, state)| *state == TopicState::Missing).map(|(topic, _)| *topic).collect();
    if missing.is_empty() {
        return Ok(states);
    }
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let retention = (Topic::RETENTION_DAYS * 24 * 60 * 60 * 1_000).to_string();
    let min_insync = replication.min_insync.to_string();
    let new: Vec<NewTopic<'_>> = missing
        .iter()
        .map(|topic| {
            NewTopic::new(topic.name(), Topic::PARTITIONS, TopicReplication::Fixed(replication.factor))
                .set("retention.ms", &retention)
                .set("min.insync.replicas", &min_insync)
                .set("cleanup.policy", "delete")
        })
        .collect();
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(10)));
    for result in admin.create_topics(&new, &options).await? {
        match result {
            // Another relay was faster.
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(KafkaError::AdminOp(code)),
        }
    }
    for (topic, state) in &mut states {
        if missing.contains(topic) {
            *state = TopicState::Created;
        }
    }
    Ok(states)
}

/// Looks at the topics without changing anything.
///
/// # Errors
/// When the brokers do not answer within 10 s.
pub async fn check(brokers: &str) -> Result<Vec<(Topic, TopicState)>, KafkaError> {
    let brokers = brokers.to_owned();
    // Asking and dropping the client both block.
    let looked = tokio::task::spawn_blocking(move || look(&brokers)).await;
    looked.unwrap_or(Err(KafkaError::Canceled))
}

fn look(brokers: &str) -> Result<Vec<(Topic, TopicState)>, KafkaError> {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("allow.auto.create.topics", "false")
        .create()?;
    let metadata = client.fetch_metadata(None, Duration::from_secs(10))?;
    let expected = usize::try_from(Topic::PARTITIONS).unwrap_or_default();
    let state = |topic: Topic| {
        let found = metadata.topics().iter().find(|found| found.name() == topic.name());
        match found.map(|found| found.partitions().len()) {
            None => TopicState::Missing,
            Some(partitions) if partitions == expected => TopicState::Present,
            Some(partitions) => TopicState::Partitions(partitions),
        }
    };
    Ok(Topic::ALL.into_iter().map(|topic| (topic, state(topic))).collect())
}
