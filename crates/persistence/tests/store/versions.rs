//! Expected versions: nothing is changed at another one, and what comes back bears the version that was written.

use crate::given::World;
use waymark_domain::evidence::{accept_evidence, withdraw_evidence};
use waymark_domain::kernel::RefusalCode;
use waymark_domain::people::{ChangeManager, change_manager};
use waymark_domain::ports::{CommandError, Store};

on_both_databases!(another_version_changes_nothing, what_comes_back_bears_the_version_that_was_written);

fn current(error: CommandError) -> Option<i64> {
    match error {
        CommandError::Refused(refusals) => {
            assert_eq!(refusals.0[0].code, RefusalCode::Conflict);
            refusals.0[0].current_version
        }
        CommandError::Port(fault) => panic!("a fault: {fault:?}"),
    }
}

async fn another_version_changes_nothing(world: World) {
    world.organisation().await;
    let evidence = world.evidence("jonas", "mira", "1").await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let before = world.rows().await;
    for expected in [-1, 0, 2] {
        let context = world.by("mira").await.at_version(Some(expected));
        let refused = accept_evidence(store, ids, &context, evidence.id).await.unwrap_err();
        assert_eq!(current(refused), Some(1), "{expected}");
    }
    assert_eq!(world.rows().await, before);
    accept_evidence(store, ids, &world.by("mira").await.at_version(Some(1)), evidence.id).await.unwrap();
}

async fn what_comes_back_bears_the_version_that_was_written(world: World) {
    world.organisation().await;
    let (store, ids, tenant) = (&world.persistence, &*world.ids, world.tenant.id);
    let mut evidence = world.evidence("jonas", "mira", "1").await;
    assert_eq!(evidence.revision, 1);
    evidence = accept_evidence(store, ids, &world.by("mira").await, evidence.id).await.unwrap();
    evidence = withdraw_evidence(store, ids, &world.by("mira").await.at_version(Some(2)), evidence.id)
        .await
        .unwrap();
    assert_eq!(evidence.revision, store.evidence(tenant, evidence.id).await.unwrap().unwrap().revision);
    // What changes nothing leaves the version.
    let same = withdraw_evidence(store, ids, &world.by("mira").await, evidence.id).await.unwrap();
    assert_eq!((evidence.revision, same.revision), (3, 3));
    let input = ChangeManager { person: world.person("mira").await, manager: None };
    let mira = change_manager(store, &world.by("noor").await, input).await.unwrap();
    assert_eq!(mira.revision, store.people(tenant, &[mira.id]).await.unwrap()[0].revision);
}
