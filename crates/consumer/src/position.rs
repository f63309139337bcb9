//! Where a group goes on: moved while none of its members runs.

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::time::{Duration, Instant};

/// How long the brokers have to answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long after a coordinator was not ready it is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// Where a group begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// With the oldest message that is kept.
    Earliest,
    /// At this offset of every partition (or the oldest kept one, if that is later).
    Offset(i64),
    /// With the first message of this time (milliseconds since 1970) or later, in every partition.
    Time(i64),
}

/// Moves the group in this topic. The inbox still knows what had its effect: events have it again after
/// [`inbox::forget`](crate::inbox::forget), or in a group of another name.
///
/// # Errors
/// When the brokers do not answer, or members of the group are running.
pub async fn reset(brokers: &str, group: &str, topic: &str, from: From) -> Result<(), KafkaError> {
    let (brokers, group, topic) = (brokers.to_owned(), group.to_owned(), topic.to_owned());
    // Asking and dropping the client both block.
    let moved = tokio::task::spawn_blocking(move || move_to(&brokers, &group, &topic, from)).await;
    moved.unwrap_or(Err(KafkaError::Canceled))
}

/// What a partition holds at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Offset of its oldest message, 0 as long as none was removed.
    pub oldest: i64,
    /// Offset that its next message will get.
    pub end: i64,
}

/// What the partitions of these topics hold now.
///
/// # Errors
/// When the brokers do not answer.
pub async fn bounds(brokers: &str, topics: &[&str]) -> Result<Vec<Bounds>, KafkaError> {
    let topics: Vec<String> = topics.iter().map(|topic| (*topic).to_owned()).collect();
    let brokers = brokers.to_owned();
    let found = tokio::task::spawn_blocking(move || {
        let consumer = observer(&brokers, "waymark-observer")?;
        let mut all = Vec::new();
        for topic in topics {
            for partition in partitions(&consumer, &topic)? {
                let (oldest, end) = consumer.fetch_watermarks(&topic, partition, TIMEOUT)?;
                all.push(Bounds { topic: topic.clone(), partition, oldest, end });
            }
        }
        Ok(all)
    });
    found.await.unwrap_or(Err(KafkaError::Canceled))
}

/// How many offsets within these bounds the group has not settled and committed yet.
///
/// # Errors
/// When the brokers do not answer.
pub async fn left(brokers: &str, group: &str, bounds: &[Bounds]) -> Result<u64, KafkaError> {
    let (brokers, group, bounds) = (brokers.to_owned(), group.to_owned(), bounds.to_vec());
    let counted = tokio::task::spawn_blocking(move || {
        let mut asked = TopicPartitionList::new();
        for Bounds { topic, partition, .. } in &bounds {
            asked.add_partition(topic, *partition);
        }
        let committed = committed(&observer(&brokers, &group)?, &asked)?;
        let left = bounds.iter().map(|bounds| {
            let place = committed.find_partition(&bounds.topic, bounds.partition).map(|place| place.offset());
            let next = if let Some(Offset::Offset(next)) = place { next } else { bounds.oldest };
            u64::try_from(bounds.end - next.max(bounds.oldest)).unwrap_or_default()
        });
        Ok(left.sum())
    });
    counted.await.unwrap_or(Err(KafkaError::Canceled))
}

/// A consumer that never joins its group, only reads and writes its positions.
pub(crate) fn observer(brokers: &str, group: &str) -> Result<BaseConsumer, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("enable.partition.eof", "true")
        .set("allow.auto.create.topics", "false")
        .create()
}

/// Where the group stands.
pub(crate) fn committed(
    consumer: &BaseConsumer,
    asked: &TopicPartitionList,
) -> Result<TopicPartitionList, KafkaError> {
    patiently(|| consumer.committed_offsets(asked.clone(), TIMEOUT))
}

/// Moves the group.
pub(crate) fn commit(consumer: &BaseConsumer, places: &TopicPartitionList) -> Result<(), KafkaError> {
    patiently(|| consumer.commit(places, CommitMode::Sync))
}

/// Asks again while the coordinator of the group is just becoming it: after a broker started, or another one failed.
fn patiently<T>(ask: impl Fn() -> Result<T, KafkaError>) -> Result<T, KafkaError> {
    use RDKafkaErrorCode::{CoordinatorLoadInProgress, CoordinatorNotAvailable, NotCoordinator};
    const BECOMING: [RDKafkaErrorCode; 3] =
        [CoordinatorLoadInProgress, CoordinatorNotAvailable, NotCoordinator];
    let until = Instant::now() + TIMEOUT;
    loop {
        match ask() {
            Err(error)
                if Instant::now() < until
                    && error.rdkafka_error_code().is_some_and(|code| BECOMING.contains(&code)) =>
            {
                std::thread::sleep(AGAIN);
            }
            answer => return answer,
        }
    }
}

/// The partitions of a topic.
pub(crate) fn partitions(consumer: &BaseConsumer, topic: &str) -> Result<Vec<i32>, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    Ok(found
        .map(|found| found.partitions().iter().map(|partition| partition.id()).collect())
        .unwrap_or_default())
}

fn move_to(brokers: &str, group: &str, topic: &str, from: From) -> Result<(), KafkaError> {
    let consumer = observer(brokers, group)?;
    let mut asked = TopicPartitionList::new();
    for partition in partitions(&consumer, topic)? {
        let (low, _) = consumer.fetch_watermarks(topic, partition, TIMEOUT)?;
        let offset = match from {
            From::Earliest => low,
            From::Offset(offset) => offset.max(low),
            From::Time(time) => time,
        };
        asked.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    }
    let mut found = match from {
        From::Time(_) => consumer.offsets_for_times(asked, TIMEOUT)?,
        _ => asked,
    };
    for partition in partitions(&consumer, topic)? {
        let place = found.find_partition(topic, partition).map(|place| place.offset());
        // Nothing is so new: the group waits for what comes.
        if let Some(Offset::End) = place {
            let (_, high) = consumer.fetch_watermarks(topic, partition, TIMEOUT)?;
            found.set_partition_offset(topic, partition, Offset::Offset(high))?;
        }
    }
    commit(&consumer, &found)
}
