//! How a group consumes.

use std::time::Duration;

/// How often a failing event is tried, and how long it waits in between.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Attempts before an event goes to the dead letters, at least 1.
    pub attempts: u32,
    /// Wait after the first failure; doubled after each further one.
    pub first: Duration,
    /// Longest wait.
    pub longest: Duration,
}

impl Retry {
    /// The wait after this many failures (from 1).
    #[must_use]
    pub fn wait(&self, failures: u32) -> Duration {
        let factor = 1_u32 << failures.saturating_sub(1).min(16);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// What is done when the sequence of a key jumps ahead: events were older than the topic's retention, or one is being
/// sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapPolicy {
    /// The event is taken as it is.
    Accept,
    /// The missing event is awaited so long, then the later one goes to the dead letters and the key behind it.
    Wait(Duration),
    /// The missing event is awaited so long, then [`Handler::refresh`](crate::Handler::refresh) is called.
    Refresh(Duration),
}

/// What is done with types that this version of the contract does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownTypes {
    /// They are parked in the dead-letter topic.
    Park,
    /// They are passed over: the contract may grow by types that do not concern this consumer.
    Skip,
}

/// How a group consumes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Kafka brokers, separated by commas.
    pub brokers: String,
    /// The group: its members share the partitions, and its inbox is its own.
    pub group: String,
    /// Topics to read.
    pub topics: Vec<String>,
    /// How failing events are tried again.
    pub retry: Retry,
    /// What a missing sequence means.
    pub gap: GapPolicy,
    /// What a type that is not known means.
    pub unknown: UnknownTypes,
    /// Events that are handled at once, at least 1. More than the connections of the database brings nothing.
    pub concurrency: usize,
    /// Events that are read ahead; beyond them the group stops reading until some are done.
    pub in_flight: usize,
    /// How long a stop or a rebalance waits for what is being handled.
    pub grace: Duration,
    /// How long a member may be silent before the others take its partitions, 6 s to 30 min on a usual broker.
    pub session_timeout: Duration,
    /// Copies of the retry and dead-letter topics that the group makes.
    pub replication: i32,
}

impl Settings {
    /// The usual settings for this group.
    #[must_use]
    pub fn new(brokers: &str, group: &str, topics: &[&str]) -> Self {
        Self {
            brokers: brokers.to_owned(),
            group: group.to_owned(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            retry: Retry { attempts: 6, first: Duration::from_millis(200), longest: Duration::from_secs(30) },
            gap: GapPolicy::Wait(Duration::from_secs(60)),
            unknown: UnknownTypes::Park,
            concurrency: 4,
            in_flight: 2_000,
            grace: Duration::from_secs(10),
            session_timeout: Duration::from_secs(45),
            replication: 3,
        }
    }

    /// The topic to which dead letters of a topic are redriven, for this group alone.
    #[must_use]
    pub fn retry_topic(&self, topic: &str) -> String {
        retry_topic(topic, &self.group)
    }

    /// The dead-letter topic of a topic, for this group alone.
    #[must_use]
    pub fn dead_topic(&self, topic: &str) -> String {
        dead_topic(topic, &self.group)
    }
}

/// Name of the retry topic of a topic and group.
#[must_use]
pub(crate) fn retry_topic(topic: &str, group: &str) -> String {
    format!("{topic}.retry.{group}")
}

/// Name of the dead-letter topic of a topic and group.
#[must_use]
pub(crate) fn dead_topic(topic: &str, group: &str) -> String {
    format!("{topic}.dlq.{group}")
}
