//! Commands as callers use them: what they leave behind, and what a refusal leaves alone.

use crate::given::{World, level, now};
use waymark_domain::evidence::{EvidenceState, accept_evidence, verify_evidence};
use waymark_domain::framework::{VersionState, import_framework, publish_framework};
use waymark_domain::kernel::{PersonId, RefusalCode};
use waymark_domain::people::{ChangeManager, change_manager, find_reporting_cycle};
use waymark_domain::ports::{CommandError, Ids, Store};
use waymark_domain::progress::{
    AttestSkill, Levels, Policy, SkillRecordView, attest_skill, endorse_skill, score,
};

on_both_databases!(
    from_a_framework_to_a_risen_readiness,
    what_is_saved_is_what_is_loaded,
    refusals_leave_nothing,
    a_published_version_is_frozen,
    circles_are_refused,
    no_two_changes_close_a_circle_together
);

async fn readiness(world: &World, person: PersonId) -> f64 {
    let records = world.persistence.skill_records(world.tenant.id, person).await.unwrap();
    let views: Vec<SkillRecordView> = records.into_iter().map(Into::into).collect();
    let position = world.position().await;
    let catalogue = world.persistence.catalogue_of(world.tenant.id, position).await.unwrap().unwrap();
    score(&catalogue.requirements(position), &Levels::at(&views, &Policy::default(), now())).value
}

async fn from_a_framework_to_a_risen_readiness(world: World) {
    let version = world.organisation().await;
    assert_eq!(version.state, VersionState::Published);
    let mira = world.person("mira").await;
    assert_eq!(readiness(&world, mira).await, 0.0);

    let evidence = world.evidence("jonas", "mira", "A faster export").await;
    assert_eq!(evidence.state, EvidenceState::Proposed);
    assert_eq!(world.number("select count(*) from skill_record").await, 0, "proposed counts nowhere");
    let (store, ids) = (&world.persistence, &*world.ids);
    accept_evidence(store, ids, &world.by("mira").await, evidence.id).await.unwrap();
    verify_evidence(store, ids, &world.by("tomas").await, evidence.id).await.unwrap();
    let records = store.skill_records(world.tenant.id, mira).await.unwrap();
    assert_eq!(records.len(), 2, "one a claimed skill");

    let sql = AttestSkill { person: mira, skill: world.skill("sql"), level: 3 };
    attest_skill(store, ids, &world.by("tomas").await, sql).await.unwrap();
    assert!((readiness(&world, mira).await - 0.75).abs() < 1e-9, "3 of 4 weights are met");

    let five = AttestSkill { level: 5, ..sql };
    let refused = attest_skill(store, ids, &world.by("tomas").await, five).await.unwrap_err();
    assert_eq!(code(&refused), RefusalCode::SecondAttesterRequired);
    endorse_skill(store, ids, &world.by("noor").await, five).await.unwrap();
    let record = attest_skill(store, ids, &world.by("tomas").await, five).await.unwrap();
    assert_eq!(record.snapshot(&Policy::default(), now()).attested, Some(level(5)));
}

fn code(error: &CommandError) -> RefusalCode {
    match error {
        CommandError::Refused(refusals) => refusals.0[0].code,
        CommandError::Port(fault) => panic!("a fault: {fault:?}"),
    }
}

async fn what_is_saved_is_what_is_loaded(world: World) {
    let mut version = world.organisation().await;
    let tenant = world.tenant.id;
    let mut evidence = world.evidence("mira", "mira", "Robert'); DROP TABLE evidence;--").await;
    let store = &world.persistence;

    let loaded = store.version(tenant, version.id).await.unwrap().unwrap();
    version.revision = loaded.revision;
    version.events.clear();
    assert_eq!(loaded, version);

    let loaded = store.evidence(tenant, evidence.id).await.unwrap().unwrap();
    assert_eq!(loaded.revision, 1);
    evidence.revision = 1;
    evidence.events.clear();
    assert_eq!(loaded, evidence);

    let sql = AttestSkill { person: world.person("mira").await, skill: world.skill("sql"), level: 2 };
    let mut record = attest_skill(store, &*world.ids, &world.by("tomas").await, sql).await.unwrap();
    let records = store.skill_records(tenant, sql.person).await.unwrap();
    let loaded = records.into_iter().find(|r| r.id == record.id).unwrap();
    record.revision = loaded.revision;
    record.events.clear();
    assert_eq!(loaded, record);
}

async fn refusals_leave_nothing(world: World) {
    world.organisation().await;
    let before = world.rows().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let sql = AttestSkill { person: world.person("mira").await, skill: world.skill("sql"), level: 3 };
    let table = [
        ("mira", sql, RefusalCode::SelfReview),
        ("jonas", sql, RefusalCode::Forbidden),
        ("somebody who is not registered", sql, RefusalCode::Forbidden),
        ("tomas", AttestSkill { level: 6, ..sql }, RefusalCode::OffScale),
        ("tomas", AttestSkill { level: -1, ..sql }, RefusalCode::OffScale),
        ("tomas", AttestSkill { level: 4, ..sql }, RefusalCode::SecondAttesterRequired),
        ("tomas", AttestSkill { person: ids.next().into(), ..sql }, RefusalCode::NotFound),
        ("tomas", AttestSkill { skill: world.skill("cobol"), ..sql }, RefusalCode::NotFound),
    ];
    for (who, input, expected) in table {
        let refused = attest_skill(store, ids, &world.by(who).await, input).await.unwrap_err();
        assert_eq!(code(&refused), expected, "{who}: {input:?}");
    }
    let missing = verify_evidence(store, ids, &world.by("tomas").await, ids.next().into()).await.unwrap_err();
    assert_eq!(code(&missing), RefusalCode::NotFound);
    let import = import_framework(store, &world.by("mira").await, crate::given::FRAMEWORK).await.unwrap_err();
    assert_eq!(code(&import), RefusalCode::Forbidden);
    assert_eq!(world.rows().await, before);
}

async fn a_published_version_is_frozen(world: World) {
    let version = world.organisation().await;
    let context = world.by("noor").await;
    let again = import_framework(&world.persistence, &context, crate::given::FRAMEWORK).await.unwrap();
    assert!(!again.changed && again.version.id == version.id, "the same document changes nothing");
    let other = crate::given::FRAMEWORK.replace("A small framework", "Another");
    let next = import_framework(&world.persistence, &context, &other).await.unwrap();
    assert_eq!((next.version.number, next.version.state), (2, VersionState::Draft));
    let first = world.persistence.version(world.tenant.id, version.id).await.unwrap().unwrap();
    assert_eq!(first.content, version.content);
    publish_framework(&world.persistence, &context, next.version.id).await.unwrap();
    let catalogues = Store::catalogues(&world.persistence, world.tenant.id).await.unwrap();
    assert_eq!(catalogues.iter().map(|c| c.version.number).collect::<Vec<_>>(), [2], "caches follow");
}

async fn circles_are_refused(world: World) {
    world.organisation().await;
    let (store, context) = (&world.persistence, world.by("noor").await);
    let [noor, mira] = [world.person("noor").await, world.person("mira").await];
    let before = world.rows().await;
    let up = ChangeManager { person: noor, manager: Some(mira) };
    assert_eq!(code(&change_manager(store, &context, up).await.unwrap_err()), RefusalCode::Cycle);
    let own = ChangeManager { person: mira, manager: Some(mira) };
    assert_eq!(code(&change_manager(store, &context, own).await.unwrap_err()), RefusalCode::Cycle);
    assert_eq!(world.rows().await, before);
}

async fn no_two_changes_close_a_circle_together(world: World) {
    world.organisation().await;
    let (store, context) = (&world.persistence, world.by("noor").await);
    let [mira, jonas] = [world.person("mira").await, world.person("jonas").await];
    let change = |person, manager| change_manager(store, &context, ChangeManager { person, manager });
    for _ in 0..10 {
        let both = tokio::join!(change(mira, Some(jonas)), change(jonas, Some(mira)));
        let done = [&both.0, &both.1].iter().filter(|result| result.is_ok()).count();
        assert!(done <= 1, "both went through: {both:?}");
        let lines = store.reporting_lines(world.tenant.id, &[mira, jonas]).await.unwrap();
        assert_eq!(find_reporting_cycle(&lines), None);
        for person in [mira, jonas] {
            change(person, None).await.unwrap();
        }
    }
}
