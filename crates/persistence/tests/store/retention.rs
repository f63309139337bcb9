//! Retention: what is over ends after its days, of its tenant alone, once a day by schedule.

use crate::given::World;
use chrono::{DateTime, Duration, Utc};
use waymark_domain::kernel::CommandContext;
use waymark_domain::people::{AssignPosition, assign_position};
use waymark_domain::privacy::{Retained, RetentionStart, refuse_erasure, request_erasure};

on_both_databases!(decided_requests_end, replaced_states_end, a_day_has_one_run_by_schedule);

/// The time by the database's own clock, by which days are counted.
async fn clock(world: &World) -> DateTime<Utc> {
    let sql = match world.root().await.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "select cast((julianday('now') - 2440587.5) * 86400000 as integer)",
        _ => "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
    };
    DateTime::from_timestamp_millis(world.number(sql).await).unwrap()
}

/// Mira asks for her erasure, so many days ago; it is refused at the same time if it is to be `decided`.
async fn asked(world: &World, days_ago: i64, decided: bool) {
    let at = clock(world).await - Duration::days(days_ago);
    let (store, mira) = (&world.persistence, world.person("mira").await);
    let context = world.by_at("mira", at).await;
    let request = request_erasure(store, &*world.ids, &context, mira).await.unwrap();
    if decided {
        let operator = CommandContext { at, ..world.operator() };
        refuse_erasure(store, &operator, request.id, "It is kept.").await.unwrap();
    }
}

async fn removed(world: &World, what: Retained, days: u32) -> u64 {
    let (store, tenant) = (&world.persistence, world.tenant.id);
    let expired = store.expired(tenant, what, days).await.unwrap();
    let run = store.retain(tenant, (what, days), RetentionStart::Operator, &|_| {}).await.unwrap().unwrap();
    assert!(run.ended_at.unwrap() >= run.started_at);
    assert_eq!((run.what, run.days, run.removed), (what, days, Some(expired)), "a dry run says the same");
    expired
}

async fn decided_requests_end(world: World) {
    let foreign = world.as_tenant("other");
    for world in [&world, &foreign] {
        world.organisation().await;
        asked(world, 60, true).await;
        asked(world, 20, true).await;
        asked(world, 90, false).await;
    }
    assert_eq!(removed(&world, Retained::DecidedErasures, 90).await, 0);
    assert_eq!(removed(&world, Retained::DecidedErasures, 30).await, 1, "not the open one, however old");
    assert_eq!(removed(&world, Retained::DecidedErasures, 30).await, 0);
    assert_eq!(world.number("select count(*) from erasure_request").await, 5, "the other tenant's are there");
}

async fn replaced_states_end(world: World) {
    world.organisation().await;
    let position = world.position().await;
    let at = clock(&world).await - Duration::days(60);
    let context = CommandContext { at, ..world.operator() };
    let input = AssignPosition { person: world.person("tomas").await, position, since: at.date_naive() };
    assign_position(&world.persistence, &context, input).await.unwrap();
    let all = world.number("select count(*) from assignment").await;
    assert_eq!(removed(&world, Retained::ReplacedStates, 30).await, 0, "what is believed stays");
    world.execute("update assignment set superseded_at = recorded_at").await;
    assert_eq!(removed(&world, Retained::ReplacedStates, 36_500).await, 0);
    assert!(removed(&world, Retained::ReplacedStates, 30).await > 0);
    assert!(world.number("select count(*) from assignment").await < all);
}

async fn a_day_has_one_run_by_schedule(world: World) {
    world.organisation().await;
    let other = world.another_process().await;
    let term = (Retained::EndedGrants, 30);
    let run = |store: waymark_persistence::Persistence| {
        let tenant = world.tenant.id;
        async move { store.retain(tenant, term, RetentionStart::Schedule, &|_| {}).await.unwrap() }
    };
    let (one, two) = tokio::join!(run(world.persistence.clone()), run(other));
    assert_ne!(one.is_some(), two.is_some(), "whoever comes first");
    assert!(run(world.persistence.clone()).await.is_none());
    assert_eq!(removed(&world, term.0, term.1).await, 0, "the operator may at any time");
    assert_eq!(world.number("select count(*) from retention_run").await, 2);
}
