//! The outbox: nothing lost, nothing twice, in order for each stream, whoever commits late.

use crate::given::{World, now};
use chrono::Duration;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration as Time;
use waymark_domain::evidence::verify_evidence;
use waymark_domain::ports::Ids;
use waymark_domain::progress::{AttestSkill, attest_skill};
use waymark_events::Record;

on_both_databases!(
    each_change_appends_its_events_with_it,
    concurrent_writers_leave_no_gap,
    a_reader_misses_no_late_commit,
    a_blocked_stream_stops_alone,
    events_carry_no_personal_text
);

async fn all(world: &World) -> Vec<Record> {
    let outbox = world.persistence.outbox();
    let lease = outbox.claim(world.ids.next(), Time::from_secs(60)).await.unwrap();
    let records = outbox.pending(&lease, 10_000).await.unwrap();
    outbox.release(lease.owner).await.unwrap();
    records
}

async fn each_change_appends_its_events_with_it(world: World) {
    world.organisation().await;
    let evidence = world.evidence("jonas", "mira", "1").await;
    let context = world.by("mira").await;
    waymark_domain::evidence::accept_evidence(&world.persistence, &*world.ids, &context, evidence.id)
        .await
        .unwrap();
    let records = all(&world).await;
    let types: Vec<&str> = records.iter().map(|record| record.event_type.as_str()).collect();
    let expected = [
        "career.framework-drafted.v1",
        "career.skill-defined.v1",
        "career.skill-defined.v1",
        "career.position-defined.v1",
        "career.framework-published.v1",
        "career.team-defined.v1",
        "career.person-registered.v1",
        "career.person-registered.v1",
        "career.person-registered.v1",
        "career.person-assigned.v1",
        "career.person-registered.v1",
        "career.person-assigned.v1",
        "career.evidence-proposed.v1",
        "career.evidence-accepted.v1",
        "career.skill-estimate-changed.v1",
        "career.skill-estimate-changed.v1",
    ];
    assert_eq!(types, expected);
    let accepted = records.iter().find(|r| r.event_type == "career.evidence-accepted.v1").unwrap();
    assert_eq!(accepted.key, world.person("mira").await.to_string());
    assert_eq!(accepted.subject, format!("evidence/{}", evidence.id));
    assert_eq!((accepted.sequence, accepted.tenant.as_str(), accepted.time), (2, "acme", now()));
    assert_eq!(accepted.trace.correlationid, Some(context.correlation.to_string()));
    assert_eq!(accepted.trace.actorid, Some(context.actor.id.to_string()));
    assert_eq!(records.iter().map(|r| r.id).collect::<HashSet<_>>().len(), records.len(), "ids are unique");
}

/// Each stream counts 1, 2, 3, ... and lies in the log in that order.
fn check_order(records: &[Record]) {
    let mut last: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for record in records {
        let sequence = last.entry((&record.topic, &record.key)).or_default();
        *sequence += 1;
        assert_eq!(record.sequence, *sequence, "{} {}", record.topic, record.key);
    }
}

/// Attests a level as often as it takes; others write to the same streams meanwhile.
async fn attest_with_patience(world: &World, who: &str, person: &str, days_ago: i64) {
    let input = AttestSkill {
        person: world.person(person).await,
        skill: world.skill("sql"),
        level: 1 + days_ago % 3,
    };
    let context = world.by_at(who, now() - Duration::days(days_ago)).await;
    for _ in 0..200 {
        if attest_skill(&world.persistence, &*world.ids, &context, input).await.is_ok() {
            return;
        }
    }
    panic!("200 conflicts in a row");
}

async fn concurrent_writers_leave_no_gap(world: World) {
    world.organisation().await;
    let before = all(&world).await.len();
    let writers = (0..6).map(|writer| {
        let world = &world;
        async move {
            for step in 0..8 {
                let person = if step % 2 == 0 { "mira" } else { "jonas" };
                let who = if writer % 2 == 0 { "tomas" } else { "noor" };
                attest_with_patience(world, who, person, 60 - writer * 8 - step).await;
            }
        }
    });
    futures_util::future::join_all(writers).await;
    let records = all(&world).await;
    check_order(&records);
    let attested =
        records[before..].iter().filter(|r| r.event_type == "career.skill-level-attested.v1").count();
    assert_eq!(attested, 48, "one for each acknowledged command");
    assert_eq!(world.number("select count(*) from skill_record_item").await, 48);
}

async fn a_reader_misses_no_late_commit(world: World) {
    world.organisation().await;
    let outbox = world.persistence.outbox();
    let owner = world.ids.next();
    let lease = outbox.claim(owner, Time::from_secs(600)).await.unwrap();
    let mut seen: Vec<Record> = Vec::new();
    let written = AtomicBool::new(false);
    let writing = async {
        let writers = ["mira", "jonas", "mira", "jonas"].into_iter().enumerate().map(|(n, person)| {
            let world = &world;
            async move {
                for step in 0..6 {
                    attest_with_patience(world, "tomas", person, 3 + i64::try_from(n).unwrap() * 6 + step)
                        .await;
                }
            }
        });
        futures_util::future::join_all(writers).await;
        written.store(true, Ordering::Release);
    };
    let reading = async {
        loop {
            let done = written.load(Ordering::Acquire);
            let batch = outbox.pending(&lease, 7).await.unwrap();
            let seqs: Vec<i64> = batch.iter().map(|record| record.seq).collect();
            assert_eq!(outbox.acknowledge(&lease, &seqs).await.unwrap(), seqs.len() as u64);
            let empty = batch.is_empty();
            seen.extend(batch);
            if done && empty {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(writing, reading);
    check_order(&seen);
    assert_eq!(seen.len() as i64, world.number("select count(*) from event_log").await, "each exactly once");
    assert_eq!(outbox.pending_count().await.unwrap(), 0);
}

async fn a_blocked_stream_stops_alone(world: World) {
    world.organisation().await;
    let (mira, jonas) = (world.person("mira").await.to_string(), world.person("jonas").await.to_string());
    let records = all(&world).await;
    let poison = records.iter().find(|record| record.key == mira).unwrap();
    world.persistence.outbox().block(poison.seq, "too large").await.unwrap();
    let left = all(&world).await;
    assert!(left.iter().all(|record| record.key != mira));
    assert!(left.iter().any(|record| record.key == jonas));
    let evidence = world.evidence("mira", "mira", "1").await;
    verify_evidence(&world.persistence, &*world.ids, &world.by("tomas").await, evidence.id).await.unwrap();
    let topics: HashSet<String> = all(&world)
        .await
        .into_iter()
        .filter(|record| record.key == mira)
        .map(|record| record.topic)
        .collect();
    assert!(!topics.contains(&poison.topic) && !topics.is_empty(), "only the topic's stream: {topics:?}");
    assert_eq!(world.texts("select error from outbox_blocked").await, ["too large"]);
}

async fn events_carry_no_personal_text(world: World) {
    world.organisation().await;
    world.evidence("mira", "mira", "Secret title").await;
    let payloads = world.texts("select data || subject || trace from event_log").await;
    for payload in payloads {
        for personal in ["Mira", "mira", "example.com", "Secret", "ünïcode", "Payments", "git."] {
            assert!(!payload.contains(personal), "{personal} in {payload}");
        }
    }
}
