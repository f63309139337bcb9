//! Keys of mutations: one effect each, whatever happens in between.

use crate::given::{World, now};
use waymark_domain::evidence::{EvidenceKind, RecordEvidence, record_evidence};
use waymark_domain::kernel::{Claim, CommandContext, DomainId, ObjectKind};
use waymark_domain::ports::{Claimed, CommandError, Keys, MutationKey, PortError};

on_both_databases!(
    a_key_is_done_once_and_answered_again,
    what_changed_nothing_leaves_the_key_free,
    a_crash_after_the_commit_is_told,
    a_crash_before_it_frees_the_key_in_time,
    who_lost_the_claim_saves_nothing,
    one_of_many_at_once_gets_the_key,
    keys_are_forgotten_in_batches,
    keys_of_others_are_other_keys
);

async fn mutation(world: &World, subject: &str, payload: &str) -> MutationKey {
    let actor = world.by(subject).await.actor;
    MutationKey {
        tenant: actor.tenant.id,
        actor: actor.id,
        key: "key".to_owned(),
        payload: payload.to_owned(),
    }
}

async fn claim(world: &World, payload: &str) -> Claimed {
    world.persistence.claim(&mutation(world, "mira", payload).await).await.unwrap()
}

async fn mine(world: &World, payload: &str) -> Claim {
    match claim(world, payload).await {
        Claimed::Mine(claim) => claim,
        other => panic!("{other:?}"),
    }
}

async fn record(world: &World, claim: Claim) -> Result<uuid::Uuid, CommandError> {
    let context = CommandContext { claim: Some(claim), ..world.by("mira").await };
    let input = RecordEvidence {
        person: world.person("mira").await,
        kind: EvidenceKind::WorkArtefact,
        title: "A faster export".to_owned(),
        body: String::new(),
        links: Vec::new(),
        occurred_on: now().date_naive(),
        claims: vec![(world.skill("sql"), 3)],
    };
    record_evidence(&world.persistence, &*world.ids, &context, input).await.map(|evidence| evidence.id.uuid())
}

async fn pieces(world: &World) -> i64 {
    world.number("select count(*) from evidence").await
}

async fn a_key_is_done_once_and_answered_again(world: World) {
    world.organisation().await;
    let first = mine(&world, "a").await;
    assert_eq!(claim(&world, "a").await, Claimed::UnderWay);
    assert_eq!(claim(&world, "b").await, Claimed::OtherPayload);
    record(&world, first).await.unwrap();
    world.persistence.keep(&first, "{\"answer\": \"ünïcode\"}").await.unwrap();
    for _ in 0..2 {
        assert_eq!(claim(&world, "a").await, Claimed::Answered("{\"answer\": \"ünïcode\"}".to_owned()));
    }
    assert_eq!(claim(&world, "b").await, Claimed::OtherPayload);
    assert!(!world.persistence.release(&first).await.unwrap(), "what was done stays done");
    assert!(record(&world, first).await.is_err(), "no second effect under one claim");
    assert_eq!(pieces(&world).await, 1);
}

async fn what_changed_nothing_leaves_the_key_free(world: World) {
    world.organisation().await;
    let first = mine(&world, "a").await;
    assert!(world.persistence.release(&first).await.unwrap());
    let second = mine(&world, "b").await;
    assert!(!world.persistence.release(&first).await.unwrap(), "it is somebody else's by now");
    // A success that changed nothing is kept like any other.
    world.persistence.keep(&second, "same").await.unwrap();
    assert_eq!(claim(&world, "b").await, Claimed::Answered("same".to_owned()));
}

async fn a_crash_after_the_commit_is_told(world: World) {
    world.organisation().await;
    let first = mine(&world, "a").await;
    let evidence = record(&world, first).await.unwrap();
    assert_eq!(claim(&world, "a").await, Claimed::UnderWay, "its answer may still come");
    // The process ends here, and the claim's time with it.
    world.execute("update mutation_key set leased_until = 0").await;
    match claim(&world, "a").await {
        Claimed::AnswerLost(objects) => {
            assert_eq!((objects[0].kind, objects[0].id), (ObjectKind::Evidence, evidence));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(claim(&world, "b").await, Claimed::OtherPayload);
}

async fn a_crash_before_it_frees_the_key_in_time(world: World) {
    world.organisation().await;
    mine(&world, "a").await;
    assert_eq!(claim(&world, "a").await, Claimed::UnderWay);
    world.execute("update mutation_key set leased_until = 0").await;
    let second = mine(&world, "b").await;
    record(&world, second).await.unwrap();
    assert_eq!(pieces(&world).await, 1);
}

async fn who_lost_the_claim_saves_nothing(world: World) {
    world.organisation().await;
    let slow = mine(&world, "a").await;
    world.execute("update mutation_key set leased_until = 0").await;
    let quick = mine(&world, "a").await;
    let before = world.rows().await;
    let refused = record(&world, slow).await;
    assert!(matches!(refused, Err(CommandError::Port(PortError::Conflict))), "{refused:?}");
    assert_eq!(world.rows().await, before, "not even an event");
    record(&world, quick).await.unwrap();
    world.persistence.keep(&slow, "of the slow one").await.unwrap();
    world.execute("update mutation_key set leased_until = 0").await;
    assert!(
        matches!(claim(&world, "a").await, Claimed::AnswerLost(_)),
        "its answer is not that of the effect"
    );
}

async fn one_of_many_at_once_gets_the_key(world: World) {
    world.organisation().await;
    let (other, key) = (world.another_process().await, mutation(&world, "mira", "a").await);
    let tries = (0..20).map(|number| {
        let (process, key) = (if number % 2 == 0 { &world.persistence } else { &other }, key.clone());
        async move { process.claim(&key).await.unwrap() }
    });
    let all = futures_util::future::join_all(tries).await;
    let mine = all.iter().filter(|claimed| matches!(claimed, Claimed::Mine(_))).count();
    let waiting = all.iter().filter(|claimed| **claimed == Claimed::UnderWay).count();
    assert_eq!((mine, waiting), (1, 19), "{all:?}");
}

async fn keys_are_forgotten_in_batches(world: World) {
    world.organisation().await;
    for number in 0..5 {
        let mut key = mutation(&world, "mira", "a").await;
        key.key = format!("{number}");
        world.persistence.claim(&key).await.unwrap();
    }
    let forget = async |most| world.persistence.forget(most).await.unwrap();
    assert_eq!(forget(10).await, 0, "a day has not passed");
    world.execute("update mutation_key set expires_at = 1 where key <> '4'").await;
    assert_eq!((forget(3).await, forget(3).await, forget(3).await), (3, 1, 0));
    assert_eq!(world.number("select count(*) from mutation_key").await, 1);
    // One whose time is over is free even before somebody has swept.
    let first = mine(&world, "a").await;
    record(&world, first).await.unwrap();
    world.execute("update mutation_key set expires_at = 1").await;
    assert_ne!(mine(&world, "b").await, first);
}

async fn keys_of_others_are_other_keys(world: World) {
    world.organisation().await;
    mine(&world, "a").await;
    let tomas = mutation(&world, "tomas", "b").await;
    assert!(matches!(world.persistence.claim(&tomas).await.unwrap(), Claimed::Mine(_)));
    let other = world.as_tenant("other");
    let mut foreign = mutation(&world, "mira", "b").await;
    foreign.tenant = other.tenant.id;
    assert!(matches!(world.persistence.claim(&foreign).await.unwrap(), Claimed::Mine(_)));
}
