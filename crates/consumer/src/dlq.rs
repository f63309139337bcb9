//! What people do with dead letters: look, redrive, drop.
//!
//! A letter is settled when the position of the group `waymark-dlq` in its topic has passed it. Letters that are kept
//! while others of the topic are settled are appended again; their order within a key is that of their sequences.

use crate::dead::{self, Reason};
use crate::group::incoming;
use crate::position::{commit, committed, observer, partitions};
use crate::settings::{dead_topic, retry_topic};
use crate::{GroupError, Incoming};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::HashSet;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(15);

/// Whose dead letters.
#[derive(Debug, Clone)]
pub struct Letters {
    /// Kafka brokers, separated by commas.
    pub brokers: String,
    /// The topic of the contract.
    pub topic: String,
    /// The consumer's group.
    pub group: String,
}

/// What is done with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It goes to the group's retry topic.
    Redrive,
    /// Its sequence is passed over; its key flows again.
    Drop,
    /// It stays.
    Keep,
}

/// The letters that are not settled yet, and where they end.
struct Found {
    letters: Vec<Incoming>,
    end: TopicPartitionList,
}

impl Letters {
    /// The letters that wait, in order within each key, each once.
    ///
    /// # Errors
    /// When the brokers do not answer, or the group has no dead letters of this topic because it never read it.
    pub async fn list(&self) -> Result<Vec<Incoming>, GroupError> {
        Ok(self.find().await?.letters)
    }

    /// Settles the letters, each as `choose` says; `progress` hears of each one how many are done, and of how many.
    /// Returns how many were redriven or dropped. After a crash it can be repeated: the inbox knows what was done.
    ///
    /// # Errors
    /// When the brokers do not answer.
    pub async fn settle(
        &self,
        choose: impl Fn(&Incoming) -> Action + Send,
        mut progress: impl FnMut(usize, usize) + Send,
    ) -> Result<usize, GroupError> {
        let Found { letters, end } = self.find().await?;
        let (retry, dead_letters) =
            (retry_topic(&self.topic, &self.group), dead_topic(&self.topic, &self.group));
        let producer = dead::producer(&self.brokers)?;
        let actions: Vec<Action> = letters.iter().map(choose).collect();
        let settled = actions.iter().filter(|action| **action != Action::Keep).count();
        if settled == 0 {
            return Ok(0);
        }
        for (done, (letter, action)) in letters.iter().zip(actions).enumerate() {
            // A message without a sequence has no place to go back to; whoever redrives it has seen it.
            let (topic, mark) = match action {
                Action::Redrive => (&retry, vec![(dead::ACTION, "redrive".to_owned())]),
                Action::Drop => (&retry, vec![(dead::ACTION, "drop".to_owned())]),
                Action::Keep => (&dead_letters, Vec::new()),
            };
            dead::forward(&producer, topic, letter, &mark).await?;
            progress(done + 1, letters.len());
        }
        let letters = self.clone();
        blocking(move || commit(&letters.observer()?, &end)).await?;
        Ok(settled)
    }

    fn observer(&self) -> Result<BaseConsumer, KafkaError> {
        observer(&self.brokers, "waymark-dlq")
    }

    async fn find(&self) -> Result<Found, GroupError> {
        let letters = self.clone();
        blocking(move || letters.read()).await
    }

    fn read(&self) -> Result<Found, KafkaError> {
        let topic = dead_topic(&self.topic, &self.group);
        let consumer = self.observer()?;
        let all = partitions(&consumer, &topic)?;
        if all.is_empty() {
            // A group makes it when it begins: the name of one of the two is wrong.
            return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopicOrPartition));
        }
        let mut begin = TopicPartitionList::new();
        for partition in &all {
            begin.add_partition(&topic, *partition);
        }
        let mut begin = committed(&consumer, &begin)?;
        let mut end = TopicPartitionList::new();
        let mut open = HashSet::new();
        for (partition, place) in all.into_iter().zip(0..) {
            let (low, high) = consumer.fetch_watermarks(&topic, partition, TIMEOUT)?;
            let known = begin.elements().get(place).and_then(|found| found.offset().to_raw());
            let first = known.unwrap_or(low).max(low);
            begin.set_partition_offset(&topic, partition, Offset::Offset(first))?;
            end.add_partition_offset(&topic, partition, Offset::Offset(high))?;
            if first < high {
                open.insert(partition);
            }
        }
        consumer.assign(&begin)?;
        let mut letters = Vec::new();
        while !open.is_empty() {
            match consumer.poll(TIMEOUT) {
                None => return Err(KafkaError::Canceled),
                Some(Err(KafkaError::PartitionEOF(partition))) => drop(open.remove(&partition)),
                Some(Err(error)) => return Err(error),
                Some(Ok(message)) => {
                    let high = end.find_partition(&topic, rdkafka::Message::partition(&message));
                    let high = high.and_then(|place| place.offset().to_raw()).unwrap_or_default();
                    let letter = incoming(&message);
                    if letter.offset + 1 >= high {
                        open.remove(&letter.partition);
                    }
                    if letter.offset < high {
                        letters.push(letter);
                    }
                }
            }
        }
        Ok(Found { letters: ordered(letters), end })
    }
}

/// By key and sequence, each sequence once: a letter may have been buried, or kept, more than once.
fn ordered(mut letters: Vec<Incoming>) -> Vec<Incoming> {
    letters.sort_by_cached_key(|letter| {
        (letter.key.clone(), letter.sequence(), letter.partition, letter.offset)
    });
    let mut seen = HashSet::new();
    letters.retain(|letter| {
        // One that went to the retry topic and came back tells the newer reason, but that is the same event.
        letter.sequence().is_none_or(|sequence| seen.insert((letter.key.clone(), sequence)))
    });
    letters
}

/// Whether a letter is one that cannot be read.
#[must_use]
pub fn is_poison(letter: &Incoming) -> bool {
    letter.header(dead::REASON) == Some(Reason::Poison.as_str())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KafkaError> + Send + 'static,
) -> Result<T, GroupError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.unwrap_or(Err(KafkaError::Canceled))?)
}
