//! All or nothing, and nobody's change is lost.

use crate::given::World;
use waymark_domain::evidence::Evidence;
use waymark_domain::kernel::{Change, CommandContext};
use waymark_domain::ports::{PortError, Store};

on_both_databases!(
    a_conflict_writes_nothing_at_all,
    the_second_of_two_is_told,
    a_new_aggregate_is_written_once,
    migrations_are_applied_once
);

async fn loaded(world: &World, evidence: &Evidence) -> Evidence {
    world.persistence.evidence(world.tenant.id, evidence.id).await.unwrap().unwrap()
}

async fn save(world: &World, changes: Vec<Change>, context: &CommandContext) -> Result<(), PortError> {
    world.persistence.save(changes, context).await
}

fn change(evidence: Evidence) -> Change {
    Change::Evidence(Box::new(evidence))
}

async fn a_conflict_writes_nothing_at_all(world: World) {
    world.organisation().await;
    let (first, second) =
        (world.evidence("mira", "mira", "1").await, world.evidence("mira", "mira", "2").await);
    let tomas = world.by("tomas").await;
    let (mut fine, mut stale) = (loaded(&world, &first).await, loaded(&world, &second).await);
    fine.verify(&tomas.actor).unwrap();
    stale.verify(&tomas.actor).unwrap();
    stale.revision -= 1;
    let before = world.rows().await;
    let result = save(&world, vec![change(fine), change(stale)], &tomas).await;
    assert!(matches!(result, Err(PortError::Conflict)), "{result:?}");
    assert_eq!(world.rows().await, before);
    let untouched = loaded(&world, &first).await;
    assert_eq!((untouched.revision, untouched.state), (1, first.state));
}

async fn the_second_of_two_is_told(world: World) {
    world.organisation().await;
    let evidence = world.evidence("mira", "mira", "1").await;
    let tomas = world.by("tomas").await;
    let mut one = loaded(&world, &evidence).await;
    let mut other = one.clone();
    one.verify(&tomas.actor).unwrap();
    other.dispute(&tomas.actor).unwrap();
    let both =
        tokio::join!(save(&world, vec![change(one)], &tomas), save(&world, vec![change(other)], &tomas));
    match both {
        (Ok(()), Err(PortError::Conflict)) | (Err(PortError::Conflict), Ok(())) => {}
        unexpected => panic!("{unexpected:?}"),
    }
    assert_eq!(loaded(&world, &evidence).await.revision, 2);
}

async fn a_new_aggregate_is_written_once(world: World) {
    world.organisation().await;
    let evidence = world.evidence("mira", "mira", "1").await;
    let mut again = evidence.clone();
    again.revision = 0;
    let before = world.rows().await;
    let result = save(&world, vec![change(again)], &world.by("mira").await).await;
    assert!(matches!(result, Err(PortError::Conflict)), "{result:?}");
    assert_eq!(world.rows().await, before);
}

async fn migrations_are_applied_once(world: World) {
    let database = world.persistence.database_handle();
    assert_eq!(database.pending_migrations().await.unwrap(), 0);
    assert!(!database.migrate_next().await.unwrap());
}
