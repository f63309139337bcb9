//! What the compacted topics are told of people: the newest, once for many changes, and nothing of those erased.

use crate::given::{World, now};
use std::collections::HashSet;
use std::time::Duration;
use waymark_domain::ports::Ids;
use waymark_domain::progress::{AttestSkill, attest_skill};
use waymark_events::State;
use waymark_events::payload::ProgressStateV1;
use waymark_persistence::{Lease, Outbox};

on_both_databases!(
    everybody_who_changed_is_told_once,
    a_change_meanwhile_is_told_again,
    what_a_stale_relay_sent_is_sent_once_more,
    a_state_has_no_personal_text
);

const LONG: Duration = Duration::from_secs(60);

async fn lease(world: &World, outbox: &Outbox) -> Lease {
    outbox.claim(world.ids.next(), LONG).await.unwrap()
}

fn state(state: &State) -> ProgressStateV1 {
    serde_json::from_str(&state.records[0].data).unwrap()
}

async fn attest(world: &World, level: i64) {
    let input = AttestSkill { person: world.person("mira").await, skill: world.skill("sql"), level };
    attest_skill(&world.persistence, &*world.ids, &world.by("tomas").await, input).await.unwrap();
}

async fn everybody_who_changed_is_told_once(world: World) {
    world.organisation().await;
    attest(&world, 2).await;
    attest(&world, 3).await;
    let outbox = world.persistence.outbox();
    let lease = lease(&world, &outbox).await;
    let states = outbox.states(&lease, 100).await.unwrap();
    let people: HashSet<_> = states.iter().map(|state| state.person).collect();
    assert_eq!((people.len(), states.len()), (4, 4), "one each");
    let mira = world.person("mira").await.to_string();
    let told = states.iter().find(|state| state.records[0].key == mira).unwrap();
    let record = &told.records[0];
    let last = format!(
        "select max(sequence) from event_log where topic = 'career.progress.events.v1' and key = '{mira}'"
    );
    assert_eq!(record.sequence, world.number(&last).await);
    assert_eq!((record.topic.as_str(), record.tenant.as_str()), ("career.progress.state.v1", "acme"));
    let skills = state(told).skills;
    assert_eq!((skills.len(), skills[0].attested_level, state(told).version), (1, Some(3), record.sequence));
    assert!(state(told).position_id.is_some());
    outbox.settle(&lease, &states).await.unwrap();
    assert_eq!(outbox.states(&lease, 100).await.unwrap(), []);
    assert_eq!(outbox.mark_everybody(now()).await.unwrap(), 4);
    let again = outbox.states(&lease, 100).await.unwrap();
    let again = again.iter().find(|state| state.records[0].key == mira).unwrap();
    assert_eq!(again.records[0].id, record.id, "the same state has the same id");
}

async fn a_change_meanwhile_is_told_again(world: World) {
    world.organisation().await;
    let outbox = world.persistence.outbox();
    let lease = lease(&world, &outbox).await;
    let before = outbox.states(&lease, 100).await.unwrap();
    attest(&world, 3).await;
    outbox.settle(&lease, &before).await.unwrap();
    let left = outbox.states(&lease, 100).await.unwrap();
    assert_eq!(left.len(), 1, "the one who changed");
    assert_eq!(state(&left[0]).skills[0].attested_level, Some(3));
}

async fn what_a_stale_relay_sent_is_sent_once_more(world: World) {
    world.organisation().await;
    let outbox = world.persistence.outbox();
    let stale = lease(&world, &outbox).await;
    let old = outbox.states(&stale, 100).await.unwrap();
    outbox.release(stale.owner).await.unwrap();
    let heir = lease(&world, &outbox).await;
    attest(&world, 3).await;
    let new = outbox.states(&heir, 100).await.unwrap();
    outbox.settle(&heir, &new).await.unwrap();
    // Only now what the stale relay had sent arrives, behind the newer state.
    outbox.settle(&stale, &old).await.unwrap();
    let again = outbox.states(&heir, 100).await.unwrap();
    assert_eq!(again.len(), 4);
    let newest = again.iter().map(|s| state(s).skills.iter().filter_map(|s| s.attested_level).max()).max();
    assert_eq!(newest, Some(Some(3)));
}

async fn a_state_has_no_personal_text(world: World) {
    world.organisation().await;
    world.evidence("mira", "mira", "Secret title").await;
    let outbox = world.persistence.outbox();
    let lease = lease(&world, &outbox).await;
    for state in outbox.states(&lease, 100).await.unwrap() {
        for record in &state.records {
            let text = format!("{} {:?}", record.data, record.headers());
            for personal in ["Mira", "mira", "example.com", "Secret", "ünïcode", "Payments", "git."] {
                assert!(!text.contains(personal), "{personal} in {text}");
            }
        }
    }
}
