//! `cargo xtask bench relay`: the relay beside what it cannot be faster than, in one run.
//!
//! a: a bare producer in awaited batches; b: the tables drained without a broker; then the relay, which does both.
//! Afterwards the time from a commit to a consumer, beside a bare producer's to the same consumer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a benchmark that fails says where

#[allow(dead_code)] // the gateway's part of it
#[path = "../src/adapters.rs"]
mod adapters;

use adapters::OutboxAdapter;
use futures_util::StreamExt;
use rdkafka::ClientConfig;
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waymark_domain::ports::Ids;
use waymark_messaging::topics::{self, Replication};
use waymark_messaging::{Relay, RelayConfig};
use waymark_persistence::{Administrators, Database, DatabaseConfig, Outbox, Persistence};

const TOPIC: &str = "career.evidence.events.v1";

/// Events of one measurement.
const EVENTS: usize = 20_000;

/// Events of one batch.
const BATCH: usize = 1_000;

/// Rounds of each measurement, in turn.
const ROUNDS: usize = 3;

/// Events whose way to the consumer is timed.
const TIMED: usize = 200;

struct NewIds;

impl Ids for NewIds {
    #[allow(clippy::disallowed_methods)] // a benchmark has no home of ids
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

struct Bench {
    brokers: String,
    db: DatabaseConnection,
    outbox: Outbox,
}

#[tokio::main]
async fn main() {
    let bench = Bench::open().await;
    let (mut a, mut b, mut relay) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        a.push(bench.bare_producer().await);
        bench.fill(EVENTS).await;
        b.push(bench.tables_alone().await);
        bench.fill(EVENTS).await;
        relay.push(bench.relay().await);
    }
    let (a, b, relay) = (median(a), median(b), median(relay));
    let bound = 1.0 / (1.0 / a + 1.0 / b);
    println!("| | events/s |\n|---|---|");
    println!("| a: bare producer, awaited batches of {BATCH} | {a:.0} |");
    println!("| b: the tables without a broker | {b:.0} |");
    println!("| 1/(1/a + 1/b) | {bound:.0} |\n| the relay | {relay:.0} |\n| ratio | {:.2} |", relay / bound);
    let (bare, whole) = (bench.bare_loop().await, bench.commit_to_consumer().await);
    println!("\n| | p95, ms |\n|---|---|\n| bare producer to consumer | {bare:.1} |");
    println!("| commit to consumer | {whole:.1} |\n| ratio | {:.2} |", whole / bare);
    // What the clients still do in the background is of no interest.
    std::process::exit(0);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn p95(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() * 95 / 100]
}

fn rate(began: Instant) -> f64 {
    EVENTS as f64 / began.elapsed().as_secs_f64()
}

impl Bench {
    async fn open() -> Self {
        let brokers = std::env::var("WAYMARK_TEST_KAFKA").expect("cargo xtask bench relay");
        let server = std::env::var("WAYMARK_TEST_POSTGRES").expect("cargo xtask bench relay");
        let root = sea_orm::Database::connect(&server).await.unwrap();
        let name = format!("relay_bench_{}", std::process::id());
        root.execute_unprepared(&format!("create database {name}")).await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        let config = DatabaseConfig { url: url.clone(), max_connections: 8, statement_timeout: None };
        let database = Database::connect(&config).await.unwrap();
        while database.migrate_next().await.unwrap() {}
        topics::create(&brokers, Replication { factor: 1, min_insync: 1 }).await.unwrap();
        let outbox = Persistence::new(database, Arc::new(NewIds), Administrators::default()).outbox();
        Self { brokers, db: sea_orm::Database::connect(&url).await.unwrap(), outbox }
    }

    /// So many committed events of 1,000 keys.
    async fn fill(&self, count: usize) {
        let sql = format!(
            "with grown as (
               insert into event_log (event_id, tenant_id, tenant_key, shard, topic, key, sequence, type, subject,
                                      occurred_at, trace, data)
               select gen_random_uuid(), gen_random_uuid(), 'bench', n % 64, '{TOPIC}', 'key-' || n % 1000, n / 1000 + 1,
                      'career.evidence-accepted.v1', 'evidence/1', now(), '{{}}',
                      '{{\"evidenceId\":\"01a210b7-d808-70a2-958c-027543d71d19\",\"personId\":\"01a210b7-d808-70a2-958c-027543d71d19\"}}'
               from generate_series(0, {count} - 1) n returning seq, shard)
             insert into outbox_pending (seq, shard) select seq, shard from grown"
        );
        self.db.execute_unprepared(&sql).await.unwrap();
        self.db.execute_unprepared("analyze").await.unwrap();
    }

    fn producer(&self) -> FutureProducer {
        ClientConfig::new()
            .set("bootstrap.servers", &self.brokers)
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("compression.type", "gzip")
            .set("partitioner", "murmur2_random")
            .create()
            .unwrap()
    }

    async fn bare_producer(&self) -> f64 {
        let producer = self.producer();
        let payload = "x".repeat(110);
        let mut began = Instant::now();
        for batch in 0..=EVENTS / BATCH {
            if batch == 1 {
                // The first one made the connection.
                began = Instant::now();
            }
            let deliveries = (0..BATCH).map(|n| {
                let key = format!("key-{n}");
                producer.send_result(FutureRecord::to(TOPIC).key(&key).payload(&payload)).unwrap()
            });
            let deliveries: Vec<_> = deliveries.collect();
            for delivery in deliveries {
                delivery.await.unwrap().unwrap();
            }
        }
        rate(began)
    }

    async fn tables_alone(&self) -> f64 {
        let began = Instant::now();
        let owner = NewIds.next();
        let lease = self.outbox.claim(owner, Duration::from_secs(600)).await.unwrap();
        loop {
            let records = self.outbox.pending(&lease, BATCH as u64).await.unwrap();
            if records.is_empty() {
                break;
            }
            let seqs: Vec<i64> = records.iter().map(|record| record.seq).collect();
            self.outbox.acknowledge(&lease, &seqs).await.unwrap();
        }
        let rate = rate(began);
        self.outbox.release(owner).await.unwrap();
        rate
    }

    async fn relay(&self) -> f64 {
        let config = RelayConfig::new(self.brokers.clone(), NewIds.next());
        let relay = Relay::new(Arc::new(OutboxAdapter(self.outbox.clone())), config);
        let (token, metrics) = (CancellationToken::new(), relay.metrics());
        let stop = token.clone();
        let running = tokio::spawn(async move { relay.run(stop).await.unwrap() });
        // The connection is made before anything counts, as with the bare producer.
        while metrics.produced.get() < BATCH as u64 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let (began, before) = (Instant::now(), metrics.produced.get());
        while self.outbox.pending_count().await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let done = (metrics.produced.get() - before) as f64;
        let rate = done / began.elapsed().as_secs_f64();
        token.cancel();
        running.await.unwrap();
        rate
    }

    /// A consumer at the end of the topic.
    async fn consumer(&self) -> StreamConsumer {
        let consumer: StreamConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.brokers)
            .set("group.id", NewIds.next().to_string())
            .set("auto.offset.reset", "latest")
            .set("fetch.wait.max.ms", "10")
            .create()
            .unwrap();
        consumer.subscribe(&[TOPIC]).unwrap();
        let producer = self.producer();
        // It is there once it hears something.
        loop {
            let hello = producer.send_result(FutureRecord::to(TOPIC).key("hello").payload("")).unwrap();
            hello.await.unwrap().unwrap();
            if tokio::time::timeout(Duration::from_secs(1), consumer.recv()).await.is_ok() {
                return consumer;
            }
        }
    }

    async fn timed(&self, mut send: impl AsyncFnMut(String)) -> f64 {
        let consumer = self.consumer().await;
        let mut messages = consumer.stream();
        let mut took = Vec::with_capacity(TIMED);
        for number in 0..TIMED {
            let key = format!("timed-{number}");
            let began = Instant::now();
            send(key.clone()).await;
            while messages.next().await.unwrap().unwrap().key() != Some(key.as_bytes()) {}
            took.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
        p95(took)
    }

    async fn bare_loop(&self) -> f64 {
        let producer = self.producer();
        self.timed(async |key| {
            let delivery = producer.send_result(FutureRecord::to(TOPIC).key(&key).payload("x")).unwrap();
            delivery.await.unwrap().unwrap();
        })
        .await
    }

    async fn commit_to_consumer(&self) -> f64 {
        let config = RelayConfig::new(self.brokers.clone(), NewIds.next());
        let source = OutboxAdapter(self.outbox.clone());
        let relay = Relay::new(Arc::new(source), config);
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let running = tokio::spawn(async move { relay.run(stopping).await.unwrap() });
        let p95 = self
            .timed(async |key| {
                // As a gateway does: the commit, then the announcement.
                let sql = format!(
                    "with grown as (
                       insert into event_log (event_id, tenant_id, tenant_key, shard, topic, key, sequence, type,
                                              subject, occurred_at, trace, data)
                       values (gen_random_uuid(), gen_random_uuid(), 'bench', 0, '{TOPIC}', '{key}', 1,
                               'career.evidence-accepted.v1', 'evidence/1', now(), '{{}}', '{{}}')
                       returning seq, shard)
                     insert into outbox_pending (seq, shard) select seq, shard from grown"
                );
                self.db.execute_unprepared(&sql).await.unwrap();
                self.db.execute_unprepared("select pg_notify('waymark_outbox', '')").await.unwrap();
            })
            .await;
        stop.cancel();
        running.await.unwrap();
        p95
    }
}
