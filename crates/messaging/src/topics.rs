//! Making, checking and mending the topics of the contract.

use rdkafka::ClientConfig;
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigResource, ConfigSource, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::collections::BTreeMap;
use std::time::Duration;
use waymark_events::{Cleanup, Topic};

/// How long the brokers have for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// How topics are kept.
#[derive(Debug, Clone, Copy)]
pub struct Replication {
    /// Copies of each topic.
    pub factor: i32,
    /// Copies that must have an event before it is acknowledged.
    pub min_insync: i32,
}

/// Something about a topic that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The topic.
    pub topic: Topic,
    /// What differs: `topic` itself, `partitions`, `replication`, or the name of a setting.
    pub what: &'static str,
    /// How it should be.
    pub expected: String,
    /// How it is.
    pub found: String,
}

impl Difference {
    /// Whether [`apply`] can mend it. It never changes partitions, which would move keys, and moves no copies.
    #[must_use]
    pub fn can_be_mended(&self) -> bool {
        !["partitions", "replication"].contains(&self.what)
    }
}

/// The settings that a topic should have.
fn settings(topic: Topic, replication: Replication) -> Vec<(&'static str, String)> {
    let min_insync = ("min.insync.replicas", replication.min_insync.to_string());
    match topic.cleanup() {
        Cleanup::Delete { days } => {
            let retention = ("retention.ms", (days * DAY).to_string());
            vec![("cleanup.policy", "delete".to_owned()), retention, min_insync]
        }
        Cleanup::Compact { days } => {
            let lag = ("max.compaction.lag.ms", (days * DAY).to_string());
            vec![("cleanup.policy", "compact".to_owned()), lag, min_insync]
        }
    }
}

/// What is missing, or not as it should be; changes nothing.
///
/// # Errors
/// When the brokers do not answer within 10 s, or refuse.
pub async fn check(brokers: &str, replication: Replication) -> Result<Vec<Difference>, KafkaError> {
    let found = layout(brokers).await?;
    let present: Vec<Topic> =
        Topic::ALL.into_iter().filter(|topic| found.contains_key(topic.name())).collect();
    let configs = describe(&admin(brokers)?, &present).await?;
    let mut differences = Vec::new();
    for topic in Topic::ALL {
        let mut differ = |what, expected: String, found: String| {
            if expected != found {
                differences.push(Difference { topic, what, expected, found });
            }
        };
        let Some((partitions, copies)) = found.get(topic.name()) else {
            differ("topic", "present".to_owned(), "missing".to_owned());
            continue;
        };
        differ("partitions", Topic::PARTITIONS.to_string(), partitions.to_string());
        differ("replication", replication.factor.to_string(), copies.to_string());
        let config = present.iter().position(|present| *present == topic).and_then(|at| configs.get(at));
        for (name, expected) in settings(topic, replication) {
            let found = config.and_then(|config| config.get(name)?.value.clone());
            differ(name, expected, found.unwrap_or_else(|| "unknown".to_owned()));
        }
    }
    Ok(differences)
}

/// Makes the topics that are missing, and changes nothing else; returns those that it made.
///
/// # Errors
/// When the brokers do not answer, or refuse.
pub async fn create(brokers: &str, replication: Replication) -> Result<Vec<Topic>, KafkaError> {
    let found = layout(brokers).await?;
    let missing: Vec<Topic> =
        Topic::ALL.into_iter().filter(|topic| !found.contains_key(topic.name())).collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let settings: Vec<_> = missing.iter().map(|topic| settings(*topic, replication)).collect();
    let new = missing.iter().zip(&settings).map(|(topic, settings)| {
        let new = NewTopic::new(topic.name(), Topic::PARTITIONS, TopicReplication::Fixed(replication.factor));
        settings.iter().fold(new, |new, (name, value)| new.set(name, value))
    });
    let new: Vec<NewTopic<'_>> = new.collect();
    let mut made = Vec::new();
    let results = admin(brokers)?.create_topics(&new, &options()).await?;
    for (topic, result) in missing.into_iter().zip(results) {
        match result {
            Ok(_) => made.push(topic),
            // Another relay was faster.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((_, code)) => return Err(KafkaError::AdminOp(code)),
        }
    }
    Ok(made)
}

/// Mends the settings that differ; other settings of the topics stay as they are.
///
/// # Errors
/// When the brokers do not answer, or refuse.
pub async fn mend(brokers: &str, differences: &[Difference]) -> Result<(), KafkaError> {
    let mut topics: BTreeMap<Topic, Vec<&Difference>> = BTreeMap::new();
    for difference in differences.iter().filter(|d| d.can_be_mended() && d.what != "topic") {
        topics.entry(difference.topic).or_default().push(difference);
    }
    if topics.is_empty() {
        return Ok(());
    }
    let names: Vec<Topic> = topics.keys().copied().collect();
    let admin = admin(brokers)?;
    let configs = describe(&admin, &names).await?;
    let mut altered = Vec::new();
    for ((topic, differences), config) in topics.iter().zip(&configs) {
        let mut alter = AlterConfig::new(ResourceSpecifier::Topic(topic.name()));
        // The request names all settings of the topic: what it does not name falls back to the default.
        for entry in &config.entries {
            if let (ConfigSource::DynamicTopic, Some(value)) = (&entry.source, &entry.value) {
                alter = alter.set(&entry.name, value);
            }
        }
        altered.push(differences.iter().fold(alter, |alter, d| alter.set(d.what, &d.expected)));
    }
    for result in admin.alter_configs(&altered, &options()).await? {
        result.map_err(|(_, code)| KafkaError::AdminOp(code))?;
    }
    Ok(())
}

fn admin(brokers: &str) -> Result<AdminClient<DefaultClientContext>, KafkaError> {
    ClientConfig::new().set("bootstrap.servers", brokers).create()
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(TIMEOUT)).request_timeout(Some(TIMEOUT))
}

/// The settings of these topics, in their order.
async fn describe(
    admin: &AdminClient<DefaultClientContext>,
    topics: &[Topic],
) -> Result<Vec<ConfigResource>, KafkaError> {
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let specifiers: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic.name())).collect();
    let described = admin.describe_configs(&specifiers, &options()).await?;
    described.into_iter().map(|config| config.map_err(KafkaError::AdminOp)).collect()
}

/// Partitions and copies of every topic that there is.
async fn layout(brokers: &str) -> Result<BTreeMap<String, (usize, usize)>, KafkaError> {
    let brokers = brokers.to_owned();
    // Asking and dropping the client both block.
    let looked = tokio::task::spawn_blocking(move || look(&brokers)).await;
    looked.unwrap_or(Err(KafkaError::Canceled))
}

fn look(brokers: &str) -> Result<BTreeMap<String, (usize, usize)>, KafkaError> {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("allow.auto.create.topics", "false")
        .create()?;
    let metadata = client.fetch_metadata(None, TIMEOUT)?;
    let topics = metadata.topics().iter().map(|topic| {
        let copies = topic.partitions().iter().map(|partition| partition.replicas().len()).min();
        (topic.name().to_owned(), (topic.partitions().len(), copies.unwrap_or_default()))
    });
    Ok(topics.collect())
}
