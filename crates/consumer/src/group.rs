//! A member of a group: a thread that polls, and lanes that work.

use crate::settle::Engine;
use crate::state::{Partition, State};
use crate::{Handler, Incoming, Settings, admin, dead, inbox, lane};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};
use sea_orm::{DatabaseConnection, DbErr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

/// How long one poll waits.
const POLL: Duration = Duration::from_millis(50);
/// How often positions are committed.
const COMMIT: Duration = Duration::from_millis(500);

/// Why a group cannot begin or go on.
#[derive(Debug, Error)]
pub enum GroupError {
    /// The broker.
    #[error("Kafka: {0}")]
    Kafka(KafkaError),
    /// The database.
    #[error("the database: {0}")]
    Database(DbErr),
    /// The polling thread could not be started, or ended without a word.
    #[error("the polling thread: {0}")]
    Thread(String),
}

// Their texts are in the message already; as sources they would be told twice.
impl From<KafkaError> for GroupError {
    fn from(error: KafkaError) -> Self {
        Self::Kafka(error)
    }
}

impl From<DbErr> for GroupError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// A consumer group: settings, a database and a handler.
pub struct Group {
    engine: Engine,
}

/// A member that consumes. Dropping it stops it too, without waiting.
pub struct RunningGroup {
    stop: CancellationToken,
    ended: oneshot::Receiver<Result<(), GroupError>>,
}

impl Group {
    /// A member of the group. Makes the inbox and the group's own topics unless they are there.
    ///
    /// # Errors
    /// When the database or the brokers do not answer, or refuse.
    pub async fn new(
        settings: Settings,
        database: DatabaseConnection,
        handler: Arc<dyn Handler>,
    ) -> Result<Self, GroupError> {
        inbox::create(&database).await?;
        admin::ensure(&settings).await?;
        let producer = dead::producer(&settings.brokers)?;
        Ok(Self { engine: Engine { settings, database, handler, producer } })
    }

    /// Joins the group and consumes until it is stopped. Needs the runtime in which it is called.
    ///
    /// # Errors
    /// When the consumer cannot be made.
    pub fn start(self) -> Result<RunningGroup, GroupError> {
        let stop = CancellationToken::new();
        let (ending, ended) = oneshot::channel();
        let (token, runtime) = (stop.clone(), Handle::current());
        let poll = move || {
            // Nobody is left to hear it if this fails.
            let _ = ending.send(run(self.engine, &runtime, &token));
        };
        let thread = std::thread::Builder::new().name("waymark-consumer".to_owned());
        thread.spawn(poll).map_err(|error| GroupError::Thread(error.to_string()))?;
        Ok(RunningGroup { stop, ended })
    }
}

impl RunningGroup {
    /// Finishes what is being handled, commits and leaves the group.
    ///
    /// # Errors
    /// What ended the member before.
    pub async fn stop(mut self) -> Result<(), GroupError> {
        self.stop.cancel();
        self.ended().await
    }

    /// Consumes until the process is told to end (SIGINT, SIGTERM), and then stops; or until a fatal error.
    ///
    /// # Errors
    /// What ended the member.
    pub async fn until_told(mut self) -> Result<(), GroupError> {
        let told = |kind| signal(kind).map_err(|error| GroupError::Thread(error.to_string()));
        let (mut interrupted, mut terminated) =
            (told(SignalKind::interrupt())?, told(SignalKind::terminate())?);
        tokio::select! {
            ended = self.ended() => return ended,
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        self.stop().await
    }

    /// Waits until the member ends by itself, which only a fatal error makes it do.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(&mut self) -> Result<(), GroupError> {
        (&mut self.ended)
            .await
            .unwrap_or_else(|_| Err(GroupError::Thread("it ended without a word".to_owned())))
    }
}

impl Drop for RunningGroup {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Hears of partitions that go to another member.
struct Context {
    state: Arc<State>,
    grace: Duration,
}

impl ClientContext for Context {}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            let elements = list.elements();
            let gone: Vec<Partition> =
                elements.iter().map(|element| (element.topic().to_owned(), element.partition())).collect();
            commit(consumer, self.state.revoke(&gone, self.grace), CommitMode::Sync);
        }
    }
}

fn run(engine: Engine, runtime: &Handle, stop: &CancellationToken) -> Result<(), GroupError> {
    let state = Arc::new(State::default());
    let settings = &engine.settings;
    let consumer = consumer(settings, Arc::clone(&state))?;
    let retries: Vec<String> = settings.topics.iter().map(|topic| settings.retry_topic(topic)).collect();
    let topics: Vec<&str> = settings.topics.iter().chain(&retries).map(String::as_str).collect();
    consumer.subscribe(&topics)?;
    let slots = Arc::new(Semaphore::new(settings.concurrency.max(1)));
    let (most, grace) = (settings.in_flight.max(1), settings.grace);
    let engine = Arc::new(engine);
    let mut committed = Instant::now();
    let mut full = false;
    while !stop.is_cancelled() {
        full = throttle(&consumer, state.waiting(), most, full)?;
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                if let Some(id) = state.deliver(incoming(&message)) {
                    let (engine, slots) = (Arc::clone(&engine), Arc::clone(&slots));
                    runtime.spawn(lane::run(engine, Arc::clone(&state), slots, id));
                }
            }
            Some(Err(error)) => {
                if let Some((_, text)) = consumer.client().fatal_error() {
                    tracing::error!(text, "the consumer cannot go on");
                    return Err(error.into());
                }
                tracing::warn!(%error, "the broker is away, or a topic is missing");
            }
            None => {}
        }
        if committed.elapsed() >= COMMIT {
            commit(&consumer, state.positions(), CommitMode::Async);
            committed = Instant::now();
        }
    }
    let left = state.revoke(&state.partitions(), grace);
    commit(&consumer, left, CommitMode::Sync);
    Ok(())
}

fn consumer(settings: &Settings, state: Arc<State>) -> Result<BaseConsumer<Context>, KafkaError> {
    ClientConfig::new()
        .set("bootstrap.servers", &settings.brokers)
        .set("client.id", format!("waymark-consumer-{}", settings.group))
        .set("group.id", &settings.group)
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", settings.session_timeout.as_millis().to_string())
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "earliest")
        .set("allow.auto.create.topics", "false")
        .create_with_context(Context { state, grace: settings.grace })
}

/// Stops and resumes reading, so that memory is bounded while keys wait. Polling goes on: the group must hear us.
fn throttle(
    consumer: &BaseConsumer<Context>,
    waiting: usize,
    most: usize,
    full: bool,
) -> Result<bool, KafkaError> {
    if waiting >= most {
        // Again and again: partitions that were just assigned are not paused yet.
        consumer.pause(&consumer.assignment()?)?;
        return Ok(true);
    }
    if full && waiting > most / 2 {
        return Ok(true);
    }
    if full {
        consumer.resume(&consumer.assignment()?)?;
    }
    Ok(false)
}

fn commit(consumer: &BaseConsumer<Context>, positions: Vec<(Partition, i64)>, mode: CommitMode) {
    let mut list = TopicPartitionList::new();
    for ((topic, partition), offset) in &positions {
        // An offset is never out of range: it came from the broker.
        let _ = list.add_partition_offset(topic, *partition, Offset::Offset(*offset));
    }
    if list.count() == 0 {
        return;
    }
    if let Err(error) = consumer.commit(&list, mode) {
        // Whoever has the partition next sees the events again, and the inbox knows them.
        tracing::warn!(%error, "positions could not be committed");
    }
}

pub(crate) fn incoming(message: &BorrowedMessage<'_>) -> Incoming {
    let headers = message.headers().map(|headers| {
        let pair = |header: rdkafka::message::Header<'_, &[u8]>| {
            (header.key.to_owned(), header.value.unwrap_or_default().to_vec())
        };
        headers.iter().map(pair).collect()
    });
    Incoming {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().unwrap_or_default().to_vec(),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(<[u8]>::to_vec),
    }
}
