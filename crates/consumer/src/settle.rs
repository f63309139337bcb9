//! One attempt at one event: decode, take it in the inbox, call the handler, commit. What can never work is buried.

use crate::dead::{self, Reason};
use crate::inbox::{self, Place, Redriven, Taken};
use crate::{Event, GapPolicy, Handler, HandlerError, Incoming, Poison, Settings, UnknownTypes, decode};
use rdkafka::producer::FutureProducer;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use std::sync::Arc;
use std::time::Duration;

/// What became of an attempt.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It is settled: applied, seen before, or passed over.
    Done,
    /// The handler failed and may work later.
    Failed(String),
    /// It will never work here.
    Dead(Reason, String),
    /// Events before it are missing.
    Gap(i64),
    /// The database, the broker or what the handler needs is away: no fault of the event.
    Unavailable(String),
}

/// All that an attempt works with.
pub(crate) struct Engine {
    pub settings: Settings,
    pub database: DatabaseConnection,
    pub handler: Arc<dyn Handler>,
    pub producer: FutureProducer,
}

impl Engine {
    /// Tries the event once. With `late`, missing events have been awaited long enough.
    pub async fn attempt(&self, message: &Incoming, late: bool) -> Outcome {
        let Some(sequence) = message.sequence() else {
            let why = decode(message, &self.origin(message))
                .map_or_else(|poison| poison.to_string(), |_| String::new());
            return Outcome::Dead(Reason::Poison, why);
        };
        let tried = async {
            let transaction = self.database.begin().await?;
            let outcome = self.within(&transaction, message, sequence, late).await?;
            match outcome {
                Outcome::Done => transaction.commit().await?,
                _ => transaction.rollback().await?,
            }
            Ok::<_, DbErr>(outcome)
        };
        tried.await.unwrap_or_else(|error| Outcome::Unavailable(error.to_string()))
    }

    async fn within(
        &self,
        transaction: &DatabaseTransaction,
        message: &Incoming,
        sequence: i64,
        late: bool,
    ) -> Result<Outcome, DbErr> {
        let (topic, key) = (self.origin(message), message.key_text());
        let place = Place { group: &self.settings.group, topic: &topic, key: &key };
        let missed = match inbox::take(transaction, place, sequence, redriven(message)).await? {
            Taken::Duplicate => return Ok(Outcome::Done),
            Taken::Held => {
                return Ok(Outcome::Dead(Reason::Behind, "an earlier event is a dead letter".to_owned()));
            }
            Taken::Gap(last) if !self.may_pass(message, late) => return Ok(Outcome::Gap(last)),
            Taken::Gap(last) => {
                inbox::skip_to(transaction, place, sequence).await?;
                Some(last)
            }
            Taken::Next => None,
        };
        inbox::release(transaction, place).await?;
        if message.header(dead::ACTION) == Some("drop") {
            return Ok(Outcome::Done);
        }
        Ok(match decode(message, &topic) {
            Ok(event) => self.apply(&event, missed, transaction).await,
            Err(Poison::UnknownType(_)) if self.settings.unknown == UnknownTypes::Skip => Outcome::Done,
            Err(poison) => Outcome::Dead(Reason::Poison, poison.to_string()),
        })
    }

    async fn apply(&self, event: &Event, missed: Option<i64>, transaction: &DatabaseTransaction) -> Outcome {
        let refreshes = matches!(self.settings.gap, GapPolicy::Refresh(_));
        let done = async {
            if let Some(last) = missed.filter(|_| refreshes) {
                self.handler.refresh(event, last, transaction).await?;
            }
            self.handler.handle(event, transaction).await
        };
        match done.await {
            Ok(()) => Outcome::Done,
            Err(HandlerError::Retry(why)) => Outcome::Failed(why),
            Err(HandlerError::Dead(why)) => Outcome::Dead(Reason::Handler, why),
            Err(HandlerError::Away(why)) => Outcome::Unavailable(why),
        }
    }

    /// Whether an event may be taken although earlier ones are missing.
    fn may_pass(&self, message: &Incoming, late: bool) -> bool {
        match self.settings.gap {
            GapPolicy::Accept => true,
            GapPolicy::Refresh(_) if late => true,
            _ => redriven(message) == Some(Redriven::AfterGap),
        }
    }

    /// How long missing events are awaited.
    pub fn patience(&self) -> Duration {
        match self.settings.gap {
            GapPolicy::Accept => Duration::ZERO,
            GapPolicy::Wait(time) | GapPolicy::Refresh(time) => time,
        }
    }

    /// Sends the message to the dead letters, and only then marks it: after a crash in between it is there twice,
    /// with the same id.
    pub async fn bury(
        &self,
        message: &Incoming,
        reason: Reason,
        why: &str,
        attempts: u32,
    ) -> Result<(), String> {
        let (topic, key) = (self.origin(message), message.key_text());
        let header = |name: &str, otherwise: String| message.header(name).map_or(otherwise, str::to_owned);
        let marks = [
            (dead::REASON, reason.as_str().to_owned()),
            (dead::ERROR, why.chars().take(1_000).collect()),
            (dead::TOPIC, topic.clone()),
            (dead::PARTITION, header(dead::PARTITION, message.partition.to_string())),
            (dead::OFFSET, header(dead::OFFSET, message.offset.to_string())),
            (dead::GROUP, self.settings.group.clone()),
            (dead::ATTEMPTS, attempts.to_string()),
        ];
        let dead_topic = self.settings.dead_topic(&topic);
        dead::forward(&self.producer, &dead_topic, message, &marks)
            .await
            .map_err(|error| error.to_string())?;
        let Some(sequence) = message.sequence() else { return Ok(()) };
        let place = Place { group: &self.settings.group, topic: &topic, key: &key };
        let marked = match reason {
            Reason::Poison => self.pass(place, sequence, message).await,
            _ => inbox::hold(&self.database, place, sequence).await,
        };
        marked.map_err(|error| error.to_string())
    }

    /// Takes the sequence of a message that nobody can read, so that the next one is no gap.
    async fn pass(&self, place: Place<'_>, sequence: i64, message: &Incoming) -> Result<(), DbErr> {
        let transaction = self.database.begin().await?;
        if let Taken::Gap(_) = inbox::take(&transaction, place, sequence, redriven(message)).await? {
            inbox::skip_to(&transaction, place, sequence).await?;
        }
        inbox::release(&transaction, place).await?;
        transaction.commit().await
    }

    /// The topic of the contract on which a message lay at first.
    fn origin(&self, message: &Incoming) -> String {
        let read = &self.settings.topics;
        read.iter()
            .find(|topic| self.settings.retry_topic(topic) == message.topic)
            .unwrap_or(&message.topic)
            .clone()
    }
}

fn redriven(message: &Incoming) -> Option<Redriven> {
    message.header(dead::ACTION)?;
    // To drop an event is to go on without it, whatever is missing before.
    let gap = message.header(dead::REASON) == Some(Reason::Gap.as_str());
    Some(if gap { Redriven::AfterGap } else { Redriven::InOrder })
}
