//! An outbox in memory, and a look at a topic.

use async_trait::async_trait;
use chrono::DateTime;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waymark_events::{Record, State, TraceHeaders};
use waymark_messaging::consume::{Consumption, consume};
use waymark_messaging::{Lease, OutboxSource, SourceError};

pub fn event(seq: i64, key: &str, sequence: i64) -> Record {
    Record {
        seq,
        id: Uuid::from_u128(seq.unsigned_abs().into()),
        tenant: "acme".to_owned(),
        event_type: "career.person-updated.v1".to_owned(),
        topic: super::TOPIC.to_owned(),
        key: key.to_owned(),
        subject: format!("person/{key}"),
        sequence,
        time: DateTime::UNIX_EPOCH,
        trace: TraceHeaders::default(),
        data: "{}".to_owned(),
    }
}

/// Pending events of one shard.
#[derive(Default)]
pub struct Memory {
    pending: Mutex<Vec<Record>>,
    blocked: Mutex<Vec<(i64, String, String)>>,
    renewals: AtomicU64,
    released: AtomicBool,
}

impl Memory {
    pub fn with(events: impl IntoIterator<Item = Record>) -> Arc<Self> {
        Arc::new(Self { pending: Mutex::new(events.into_iter().collect()), ..Self::default() })
    }

    pub fn left(&self) -> usize {
        self.pending.lock().unwrap().len()
    }

    /// Places and reasons.
    pub fn blocked(&self) -> Vec<(i64, String)> {
        self.blocked.lock().unwrap().iter().map(|(seq, _, error)| (*seq, error.clone())).collect()
    }

    pub fn renewals(&self) -> u64 {
        self.renewals.load(Ordering::Relaxed)
    }

    pub fn released(&self) -> bool {
        self.released.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl OutboxSource for Memory {
    async fn claim(&self, owner: Uuid, _: Duration) -> Result<Lease, SourceError> {
        Ok(Lease { owner, shards: vec![(0, 1)] })
    }

    async fn renew(&self, _: Uuid, _: Duration) -> Result<(), SourceError> {
        self.renewals.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn pending(&self, _: &Lease, limit: u64, under_way: &[i64]) -> Result<Vec<Record>, SourceError> {
        let blocked: HashSet<String> =
            self.blocked.lock().unwrap().iter().map(|(_, key, _)| key.clone()).collect();
        let pending = self.pending.lock().unwrap();
        let free = pending
            .iter()
            .filter(|record| !blocked.contains(&record.key) && !under_way.contains(&record.seq));
        Ok(free.take(usize::try_from(limit).unwrap()).cloned().collect())
    }

    async fn acknowledge(&self, _: &Lease, seqs: &[i64]) -> Result<u64, SourceError> {
        let mut pending = self.pending.lock().unwrap();
        let before = pending.len();
        pending.retain(|record| !seqs.contains(&record.seq));
        Ok((before - pending.len()) as u64)
    }

    async fn block(&self, seq: i64, error: &str) -> Result<(), SourceError> {
        let pending = self.pending.lock().unwrap();
        let key = pending.iter().find(|record| record.seq == seq).unwrap().key.clone();
        self.blocked.lock().unwrap().push((seq, key, error.to_owned()));
        Ok(())
    }

    async fn states(&self, _: &Lease, _: u64) -> Result<Vec<State>, SourceError> {
        Ok(Vec::new())
    }

    async fn settle(&self, _: &Lease, _: &[State]) -> Result<(), SourceError> {
        Ok(())
    }

    async fn release(&self, _: Uuid) -> Result<(), SourceError> {
        self.released.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn hints(&self) -> BoxStream<'static, ()> {
        stream::pending().boxed()
    }
}

/// Waits until it is so.
pub async fn until(so: impl Fn() -> bool) {
    let waited = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waited).await.expect("within a minute");
}

/// Key and sequence of every message, as they lie on the one partition.
pub async fn read(brokers: &str, topic: &str) -> Vec<(String, i64)> {
    let what = Consumption {
        brokers: brokers.to_owned(),
        topic: topic.to_owned(),
        from_beginning: true,
        idle: Some(Duration::from_secs(3)),
    };
    let mut messages = consume(what, CancellationToken::new());
    let mut read = Vec::new();
    while let Some(message) = messages.recv().await {
        let message = message.unwrap();
        let sequence = message.headers.iter().find(|(name, _)| name == "ce_sequence").unwrap();
        read.push((message.key.unwrap(), sequence.1.parse().unwrap()));
    }
    read
}

/// The sequences of a key, each where it was first seen.
pub fn first_occurrences(arrived: &[(String, i64)], key: &str) -> Vec<i64> {
    let mut seen = HashSet::new();
    let of_key = arrived.iter().filter(|(of, _)| of == key).map(|(_, sequence)| *sequence);
    of_key.filter(|sequence| seen.insert(*sequence)).collect()
}
