//! The kit on Apache Kafka, with its inbox on SQLite and PostgreSQL. Needs what `cargo xtask services` prints.

// Helpers outside of test functions may panic too: a test is what they are part of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::time::Duration;
use support::{Bench, Plan, databases, fails};
use waymark_consumer::dlq::Action;
use waymark_consumer::position::{self, From};
use waymark_consumer::{GapPolicy, inbox};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_three_times_has_one_effect_also_after_a_restart() {
    for url in databases().await {
        let bench = Bench::new(&url).await;
        for _ in 0..2 {
            bench.send("a", 1).await;
        }
        let member = bench.member(Plan::default()).await;
        bench.expect(&[("a", 1)]).await;
        member.stop().await.unwrap();
        let member = bench.member(Plan::default()).await;
        bench.send("a", 1).await;
        bench.send("a", 2).await;
        bench.expect(&[("a", 1), ("a", 2)]).await;
        member.stop().await.unwrap();
        bench.expect(&[("a", 1), ("a", 2)]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_parked_and_the_next_offset_is_processed() {
    for url in databases().await {
        let bench = Bench::new(&url).await;
        bench.send_raw("a", Some(1), "career.person-erased.v1", "{").await;
        bench.send_raw("a", Some(2), "career.unheard-of.v1", "{}").await;
        bench.send_raw("a", Some(3), "career.gap-closed.v1", "{}").await;
        bench.send_raw("a", None, "career.person-erased.v1", "{}").await;
        bench.send("a", 4).await;
        let member = bench.member(Plan::default()).await;
        bench.expect(&[("a", 4)]).await;
        let letters = bench.letters(4).await;
        assert!(letters.iter().all(|letter| letter.header("dlq_reason") == Some("poison")));
        let errors: Vec<&str> = letters.iter().filter_map(|letter| letter.header("dlq_error")).collect();
        assert!(errors.iter().any(|error| error.contains("unheard-of")), "{errors:?}");
        member.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_fails_waits_while_others_flow_and_then_succeeds() {
    for url in databases().await {
        let bench = Bench::new(&url).await;
        bench.send("slow", 1).await;
        bench.send("slow", 2).await;
        for sequence in 1..=5 {
            bench.send("fast", sequence).await;
        }
        let plan = Plan { attempts: 1_000, ..Plan::default() };
        fails(&bench.group, "slow", 1, u32::MAX);
        let member = bench.member(plan).await;
        let fast = [("fast", 1), ("fast", 2), ("fast", 3), ("fast", 4), ("fast", 5)];
        bench.expect(&fast).await;
        fails(&bench.group, "slow", 1, 2);
        bench.expect(&[&fast[..], &[("slow", 1), ("slow", 2)]].concat()).await;
        assert!(bench.letters(0).await.is_empty());
        member.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_and_those_behind_them_come_back_in_order() {
    for url in databases().await {
        let bench = Bench::new(&url).await;
        fails(&bench.group, "a", 2, u32::MAX);
        for sequence in 1..=4 {
            bench.send("a", sequence).await;
        }
        bench.send("b", 1).await;
        let member = bench.member(Plan::default()).await;
        bench.expect(&[("a", 1), ("b", 1)]).await;
        let letters = bench.letters(3).await;
        let reasons: Vec<_> = letters.iter().filter_map(|letter| letter.header("dlq_reason")).collect();
        assert_eq!(reasons, ["handler", "behind", "behind"]);
        // Redriven too early: they are dead again, in the same order.
        assert_eq!(bench.settle(Action::Redrive).await, 3);
        bench.letters(3).await;
        fails(&bench.group, "a", 2, 0);
        assert_eq!(bench.settle(Action::Redrive).await, 3);
        bench.expect(&[("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1)]).await;
        // The key flows again.
        bench.send("a", 5).await;
        bench.expect(&[("a", 1), ("a", 2), ("a", 3), ("a", 4), ("a", 5), ("b", 1)]).await;
        assert!(bench.letters(0).await.is_empty());
        assert_eq!(bench.order("a").await, [1, 2, 3, 4, 5]);
        member.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_letter_is_passed_over() {
    let bench = Bench::new(&databases().await[0]).await;
    fails(&bench.group, "a", 1, u32::MAX);
    bench.send("a", 1).await;
    let member = bench.member(Plan::default()).await;
    bench.letters(1).await;
    bench.settle(Action::Drop).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    bench.send("a", 2).await;
    bench.expect(&[("a", 2)]).await;
    member.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_event_is_awaited_and_overtakes_those_that_wait() {
    let bench = Bench::new(&databases().await[0]).await;
    let plan = Plan { gap: GapPolicy::Wait(Duration::from_secs(60)), ..Plan::default() };
    let member = bench.member(plan).await;
    for sequence in [1, 3] {
        bench.send("a", sequence).await;
    }
    bench.send("b", 1).await;
    bench.expect(&[("a", 1), ("b", 1)]).await;
    bench.send("a", 2).await;
    bench.expect(&[("a", 1), ("a", 2), ("a", 3), ("b", 1)]).await;
    assert_eq!(bench.order("a").await, [1, 2, 3]);
    member.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_share_the_work_and_hand_it_over() {
    for url in databases().await {
        let bench = Bench::new(&url).await;
        let keys: Vec<String> = (0..20).map(|number| format!("key-{number}")).collect();
        let first = bench.member(Plan::default()).await;
        let mut wanted = Vec::new();
        for sequence in 1..=3 {
            for key in &keys {
                bench.send(key, sequence).await;
                wanted.push((key.as_str(), sequence));
            }
            if sequence == 1 {
                let second = bench.member(Plan::default()).await;
                tokio::time::sleep(Duration::from_secs(4)).await;
                bench.send("key-x", 1).await;
                second.stop().await.unwrap();
            }
        }
        wanted.push(("key-x", 1));
        bench.expect(&wanted).await;
        first.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_by_time_begins_there() {
    let bench = Bench::new(&databases().await[0]).await;
    for sequence in 1..=4 {
        bench.send("a", sequence).await;
    }
    let plan = Plan { gap: GapPolicy::Accept, ..Plan::default() };
    let member = bench.member(plan).await;
    bench.expect(&[("a", 1), ("a", 2), ("a", 3), ("a", 4)]).await;
    member.stop().await.unwrap();
    inbox::forget(&bench.database, &bench.group).await.unwrap();
    bench.clear().await;
    position::reset(&bench.brokers, &bench.group, &bench.topic, From::Time(support::time_of(3)))
        .await
        .unwrap();
    let member = bench.member(plan).await;
    bench.expect(&[("a", 3), ("a", 4)]).await;
    member.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_killed_loses_nothing_and_repeats_nothing() {
    for url in databases().await {
        let bench = Bench::new(&url).await;
        let keys: Vec<String> = (0..10).map(|number| format!("key-{number}")).collect();
        let mut wanted = Vec::new();
        for sequence in 1..=20 {
            for key in &keys {
                bench.send(key, sequence).await;
                wanted.push((key.as_str(), sequence));
            }
        }
        let mut child = bench.child();
        bench.until(|effects| effects.len() > 20).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let after = bench.effects().await.len();
        assert!(after < wanted.len(), "it was killed too late to prove anything");
        let member = bench.member(Plan::default()).await;
        bench.expect(&wanted).await;
        member.stop().await.unwrap();
    }
}

/// Not a test: the process that the test above kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process that another test starts and kills"]
async fn member_process() {
    support::child_main().await;
}
