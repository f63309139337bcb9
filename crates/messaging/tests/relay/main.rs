//! The relay against librdkafka's broker, which can be told to fail: whatever it does, of each stream the events
//! arrive in order, and only what arrived is taken off.
#![allow(clippy::unwrap_used, clippy::expect_used)] // these are tests: a panic is how they fail

mod given;

use given::{Memory, event, first_occurrences, until};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waymark_messaging::{Relay, RelayConfig, RelayMetrics};

const TOPIC: &str = "career.progress.events.v1";

fn cluster() -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 1, 1).unwrap();
    cluster
}

fn start(
    cluster: &MockCluster<'static, DefaultProducerContext>,
    outbox: &Arc<Memory>,
    patience: Duration,
) -> (CancellationToken, RelayMetrics, tokio::task::JoinHandle<()>) {
    let config = RelayConfig {
        patience,
        poll: Duration::from_millis(20),
        lease: Duration::from_millis(300),
        ..RelayConfig::new(cluster.bootstrap_servers(), Uuid::from_u128(1))
    };
    let relay = Relay::new(outbox.clone(), config);
    let (token, metrics) = (CancellationToken::new(), relay.metrics());
    let stop = token.clone();
    let running = tokio::spawn(async move { relay.run(stop).await.unwrap() });
    (token, metrics, running)
}

fn in_order(arrived: &[(String, i64)], key: &str, last: i64) {
    let sequences = first_occurrences(arrived, key);
    assert_eq!(sequences, (1..=last).collect::<Vec<_>>(), "{key}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_batch_was_given_up_nothing_overtakes() {
    let cluster = cluster();
    let outbox = Memory::with((1..=200).map(|n| event(n, if n % 2 == 0 { "a" } else { "b" }, (n + 1) / 2)));
    // Answers take longer than the relay waits, so that it gives up again and again on what may have arrived.
    cluster.broker_round_trip_time(1, Duration::from_millis(900)).unwrap();
    let (token, metrics, running) = start(&cluster, &outbox, Duration::from_millis(700));
    until(|| metrics.failed.get() > 0).await;
    assert_eq!(outbox.left(), 200, "nothing is taken off that was not acknowledged");
    assert!(outbox.renewals() > 0, "leases are renewed while the broker is awaited");
    cluster.broker_round_trip_time(1, Duration::ZERO).unwrap();
    until(|| outbox.left() == 0).await;
    token.cancel();
    running.await.unwrap();
    let arrived = given::read(&cluster.bootstrap_servers(), TOPIC).await;
    in_order(&arrived, "a", 100);
    in_order(&arrived, "b", 100);
    assert!(outbox.released(), "the leases are given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_refused_together_with_another_are_not_to_blame() {
    let cluster = cluster();
    let outbox = Memory::with((1..=60).map(|n| event(n, ["a", "b", "c"][n as usize % 3], (n + 2) / 3)));
    let refusal = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE];
    cluster.request_errors(RDKafkaApiKey::Produce, &refusal);
    let (token, metrics, running) = start(&cluster, &outbox, Duration::from_secs(20));
    until(|| outbox.left() == 0).await;
    token.cancel();
    running.await.unwrap();
    assert_eq!((outbox.blocked(), metrics.refused.get()), (vec![], 0));
    assert!(metrics.fatal_errors.get() > 0, "the producer was replaced");
    let arrived = given::read(&cluster.bootstrap_servers(), TOPIC).await;
    for key in ["a", "b", "c"] {
        in_order(&arrived, key, 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_never_fits_blocks_its_own_stream() {
    let cluster = cluster();
    let mut events: Vec<_> =
        (1..=40).map(|n| event(n, if n % 2 == 0 { "a" } else { "b" }, (n + 1) / 2)).collect();
    events[9].data = format!("\"{}\"", "x".repeat(2_000_000));
    let outbox = Memory::with(events);
    let (token, _, running) = start(&cluster, &outbox, Duration::from_secs(20));
    until(|| outbox.left() == 16).await;
    token.cancel();
    running.await.unwrap();
    let blocked = outbox.blocked();
    assert_eq!(blocked.len(), 1);
    assert_eq!(blocked[0].0, 10);
    assert!(blocked[0].1.contains("too large"), "{}", blocked[0].1);
    let arrived = given::read(&cluster.bootstrap_servers(), TOPIC).await;
    in_order(&arrived, "a", 4);
    in_order(&arrived, "b", 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_stops_although_the_broker_is_silent() {
    let cluster = cluster();
    let outbox = Memory::with((1..=10).map(|n| event(n, "a", n)));
    cluster.broker_round_trip_time(1, Duration::from_secs(60)).unwrap();
    let (token, _, running) = start(&cluster, &outbox, Duration::from_secs(120));
    tokio::time::sleep(Duration::from_millis(500)).await;
    token.cancel();
    tokio::time::timeout(Duration::from_secs(19), running).await.expect("within its grace").unwrap();
    assert!(outbox.released());
    assert_eq!(outbox.left(), 10);
}
