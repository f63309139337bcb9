//! The audit log: what is noted, how it is sealed, and who reads it.

use crate::given::{World, now};
use chrono::Duration;
use waymark_domain::access::{RequestGrant, request_grant};
use waymark_domain::audit::{Anchor, AuditEntry, AuditOutcome, Verification, note_denial};
use waymark_domain::evidence::verify_evidence;
use waymark_domain::kernel::{
    Actor, ActorId, DomainId, GrantScope, ObjectKind, ObjectRef, RefusalCode, Role,
};
use waymark_domain::people::{UpdatePerson, update_person};
use waymark_domain::ports::{
    AuditFilter, AuditReader, AuditTest, CommandError, Condition, PageRequest, PortError, Store,
};
use waymark_domain::privacy::{approve_erasure, request_erasure};
use waymark_domain::progress::{AttestSkill, attest_skill};

on_both_databases!(
    what_commits_leaves_one_entry,
    what_is_rolled_back_leaves_none,
    a_denial_leaves_an_entry_and_nothing_else,
    what_is_pending_survives_and_is_sealed_in_order,
    two_sealers_make_one_chain,
    erasure_keeps_the_chain,
    an_entry_is_of_whoever_acted,
    entries_are_found_by_what_they_say
);

fn all() -> PageRequest {
    PageRequest { limit: 100, backward: false, from: None }
}

async fn trail(world: &World, viewer: &Actor, filter: AuditFilter) -> Vec<AuditEntry> {
    let page = world.persistence.audit_trail(viewer, &filter, all()).await.unwrap();
    page.items.into_iter().map(|(_, entry)| entry).collect()
}

pub async fn verified(world: &World, after: &Anchor, most: u32) -> Verification {
    world.persistence.audit_verify(world.tenant.id, after, most).await.unwrap()
}

/// The end of a chain that is as it was sealed.
pub async fn intact(world: &World) -> Anchor {
    let found = verified(world, &Anchor::start(), 1_000).await;
    assert_eq!(found.fault, None);
    assert!(found.complete);
    assert_eq!(found.reached, found.head.unwrap_or_else(Anchor::start));
    found.reached
}

pub async fn sealed(world: &World) -> u64 {
    world.persistence.seal_pending().await.unwrap()
}

/// So many entries, each of a change of its own.
pub async fn changes(world: &World, count: usize) {
    for number in 0..count {
        let input = UpdatePerson {
            person: world.person("mira").await,
            display_name: waymark_domain::kernel::Patch::Set(format!("Mira {number}")),
            email: waymark_domain::kernel::Patch::Keep,
            discipline: waymark_domain::kernel::Patch::Keep,
            team: waymark_domain::kernel::Patch::Keep,
        };
        update_person(&world.persistence, &world.by("mira").await, input).await.unwrap();
    }
}

async fn what_commits_leaves_one_entry(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    let mut context = world.by("tomas").await;
    context.action = "attestSkill".to_owned();
    context.at += Duration::nanoseconds(1_234_567);
    let sql = AttestSkill { person: mira, skill: world.skill("sql"), level: 3 };
    let record = attest_skill(&world.persistence, &*world.ids, &context, sql).await.unwrap();
    // Again on the same day nothing changes: nothing is committed.
    attest_skill(&world.persistence, &*world.ids, &context, sql).await.unwrap();
    assert_eq!(sealed(&world).await, 4, "import, publication, import of people, attestation");
    let entries = trail(&world, &world.viewer().await, AuditFilter::default()).await;
    let newest = &entries[0];
    assert_eq!(newest.number, 4);
    assert_eq!(newest.note.action, "attestSkill");
    assert_eq!(newest.note.actor, world.person("tomas").await.into());
    let object = ObjectRef { kind: ObjectKind::SkillRecord, id: record.id.uuid() };
    assert_eq!(newest.note.object, Some(object));
    assert_eq!(newest.note.person, Some(mira));
    assert_eq!(newest.note.outcome, AuditOutcome::Done);
    assert_eq!(newest.note.at, now() + Duration::microseconds(1_234));
    assert_eq!(newest.note.correlation, context.correlation);
    assert_eq!(entries[1].note.object, None, "an import of people is about many");
    let framework = entries[2].note.object.unwrap();
    assert_eq!(framework.kind, ObjectKind::FrameworkVersion);
    intact(&world).await;
}

async fn what_is_rolled_back_leaves_none(world: World) {
    world.organisation().await;
    sealed(&world).await;
    let mira = world.person("mira").await;
    let mut person = Store::people(&world.persistence, world.tenant.id, &[mira]).await.unwrap().remove(0);
    person.revision += 7;
    person.report_to(None);
    let change = waymark_domain::kernel::Change::Person(Box::new(person));
    let lost = world.persistence.save(vec![change], &world.by("noor").await).await;
    assert!(matches!(lost, Err(PortError::Conflict)), "{lost:?}");
    assert_eq!(world.number("select count(*) from audit_pending").await, 0);
    // The entry is written before the events: where those fail, it goes with the rest.
    world.execute("alter table event_log rename to event_log_elsewhere").await;
    let sql = AttestSkill { person: mira, skill: world.skill("sql"), level: 3 };
    let failed = attest_skill(&world.persistence, &*world.ids, &world.by("tomas").await, sql).await;
    assert!(matches!(failed, Err(CommandError::Port(_))), "{failed:?}");
    assert_eq!(world.number("select count(*) from skill_record").await, 0);
    assert_eq!(world.number("select count(*) from audit_pending").await, 0);
}

async fn a_denial_leaves_an_entry_and_nothing_else(world: World) {
    world.organisation().await;
    sealed(&world).await;
    let mira = world.person("mira").await;
    let before = world.rows().await;
    let mut context = world.by("jonas").await;
    context.action = "attestSkill".to_owned();
    let sql = AttestSkill { person: mira, skill: world.skill("sql"), level: 3 };
    let denied = attest_skill(&world.persistence, &*world.ids, &context, sql).await;
    let Err(CommandError::Refused(refusals)) = denied else { panic!("{denied:?}") };
    assert_eq!(refusals.0[0].code, RefusalCode::Forbidden);
    note_denial(&world.persistence, &context, &refusals, |_| None).await.unwrap();
    assert_eq!(world.rows().await, before);
    assert_eq!(sealed(&world).await, 1);
    let entry = trail(&world, &world.viewer().await, AuditFilter::default()).await.remove(0);
    assert_eq!(entry.note.outcome, AuditOutcome::Forbidden);
    assert_eq!(entry.note.object, Some(ObjectRef::person(mira)), "the rule says of whom");
    assert_eq!(entry.note.person, Some(mira));
    assert_eq!(entry.note.actor, world.person("jonas").await.into());
    // What is wrong with the command and not with who gave it is no denial.
    let wrong = AttestSkill { level: 9, ..sql };
    let refused = attest_skill(&world.persistence, &*world.ids, &context, wrong).await;
    let Err(CommandError::Refused(refusals)) = refused else { panic!("{refused:?}") };
    note_denial(&world.persistence, &context, &refusals, |_| None).await.unwrap();
    assert_eq!(sealed(&world).await, 0);
}

/// A process that ends after its commit leaves what is pending to any other.
async fn what_is_pending_survives_and_is_sealed_in_order(world: World) {
    world.organisation().await;
    changes(&world, 5).await;
    assert_eq!(world.number("select count(*) from audit_pending").await, 8);
    assert_eq!(world.number("select count(*) from audit_entry").await, 0);
    let another = world.another_process().await;
    assert_eq!(another.seal_pending().await.unwrap(), 8);
    assert_eq!(world.number("select count(*) from audit_pending").await, 0);
    let entries = trail(&world, &world.viewer().await, AuditFilter::default()).await;
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [8, 7, 6, 5, 4, 3, 2, 1]);
    assert!(entries.windows(2).all(|pair| pair[0].id > pair[1].id), "in the order in which they were noted");
    // Each tenant has a chain of its own.
    let other = world.as_tenant("other");
    other.organisation().await;
    assert_eq!(sealed(&other).await, 3);
    assert_eq!(intact(&other).await.number, 3);
    assert_eq!(intact(&world).await.number, 8);
    assert!(trail(&other, &other.viewer().await, AuditFilter::default()).await.len() == 3);
}

async fn two_sealers_make_one_chain(world: World) {
    world.organisation().await;
    let (here, there) = (world.persistence.clone(), world.another_process().await);
    let seal = |sealer: waymark_persistence::Persistence| async move {
        let mut count = 0;
        for _ in 0..40 {
            count += sealer.seal_pending().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        count
    };
    let (one, other, ()) = tokio::join!(seal(here), seal(there), changes(&world, 30));
    let rest = sealed(&world).await;
    assert_eq!(one + other + rest, 33);
    assert_eq!(intact(&world).await.number, 33);
    assert_eq!(world.number("select count(distinct id) from audit_entry").await, 33);
}

async fn erasure_keeps_the_chain(world: World) {
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let mira = world.person("mira").await;
    let second = RequestGrant {
        subject: "tomas".to_owned(),
        role: Role::TenantAdministrator,
        scope: GrantScope::Tenant,
        permissions: Vec::new(),
        until: None,
    };
    request_grant(store, ids, &world.operator(), second).await.unwrap();
    let piece = world.evidence("mira", "mira", "Mira's own export").await;
    verify_evidence(store, ids, &world.by("tomas").await, piece.id).await.unwrap();
    sealed(&world).await;
    let before = intact(&world).await;
    let request = request_erasure(store, ids, &world.by("mira").await, mira).await.unwrap();
    approve_erasure(store, &world.by("tomas").await, request.id).await.unwrap();
    sealed(&world).await;
    let after = intact(&world).await;
    assert_eq!(after.number, before.number + 2);
    assert_eq!(verified(&world, &before, 100).await.checked, 2, "what was noted before is part of it still");
    let viewer = world.viewer().await;
    let hers = trail(&world, &viewer, AuditTest::Actor(vec![mira.into()]).into()).await;
    assert_eq!(hers.len(), 2, "under an id that leads to nobody");
    let approved = trail(&world, &viewer, AuditTest::Person(vec![mira]).into()).await.remove(0);
    let object = ObjectRef { kind: ObjectKind::ErasureRequest, id: request.id.uuid() };
    assert_eq!(approved.note.object, Some(object));
    for column in ["action", "outcome", "coalesce(object_kind, '')"] {
        for text in world.texts(&format!("select {column} from audit_entry")).await {
            let text = text.to_lowercase();
            assert!(!text.contains("mira") && !text.contains("export"), "{text}");
        }
    }
}

async fn an_entry_is_of_whoever_acted(world: World) {
    world.organisation().await;
    let people = ["noor", "tomas", "mira", "jonas"];
    for name in people {
        world.evidence(name, name, "Something done").await;
    }
    let partner = RequestGrant {
        subject: "omar".to_owned(),
        role: Role::PeoplePartner,
        scope: GrantScope::Unit(waymark_domain::kernel::TeamId::for_key(world.tenant.id, "payments")),
        permissions: Vec::new(),
        until: None,
    };
    request_grant(&world.persistence, &*world.ids, &world.operator(), partner).await.unwrap();
    sealed(&world).await;
    for (viewer, seen) in [
        ("mira", vec!["mira"]),
        ("tomas", vec!["tomas"]),
        ("omar", vec!["tomas", "mira", "jonas"]),
        ("noor", people.to_vec()),
        ("nobody", vec![]),
    ] {
        let viewer_actor = world.by(viewer).await.actor;
        for name in people {
            let actor: ActorId = world.person(name).await.into();
            let found = trail(&world, &viewer_actor, AuditTest::Actor(vec![actor]).into()).await;
            assert_eq!(!found.is_empty(), seen.contains(&name), "{viewer} and {name}");
        }
        let entries = trail(&world, &viewer_actor, AuditFilter::default()).await;
        let count = world.persistence.audit_count(&viewer_actor, &AuditFilter::default()).await.unwrap();
        assert_eq!(u64::try_from(entries.len()).unwrap(), count, "{viewer}");
    }
    let other = world.as_tenant("other");
    let foreign = other.by("noor").await.actor;
    assert!(trail(&world, &foreign, AuditFilter::default()).await.is_empty());
}

async fn entries_are_found_by_what_they_say(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    changes(&world, 3).await;
    let mut denied = world.by_at("jonas", now() + Duration::hours(1)).await;
    denied.action = "attestSkill".to_owned();
    let refusals = waymark_domain::kernel::Refusal::new(RefusalCode::NotFound, "").into();
    let about = ObjectRef { kind: ObjectKind::Evidence, id: waymark_domain::ports::Ids::next(&*world.ids) };
    note_denial(&world.persistence, &denied, &refusals, |_| Some(about)).await.unwrap();
    sealed(&world).await;
    let viewer = world.viewer().await;
    let number = async |filter: AuditFilter| trail(&world, &viewer, filter).await.len();
    assert_eq!(number(AuditTest::Action(vec!["attestSkill".to_owned()]).into()).await, 1);
    assert_eq!(number(AuditTest::Outcome(vec![AuditOutcome::NotFound]).into()).await, 1);
    assert_eq!(
        number(Condition::Not(Box::new(AuditTest::Outcome(vec![AuditOutcome::Done]).into()))).await,
        1
    );
    assert_eq!(number(AuditTest::Object(vec![about.id]).into()).await, 1);
    assert_eq!(number(Condition::Not(Box::new(AuditTest::Object(vec![about.id]).into()))).await, 6);
    assert_eq!(number(AuditTest::Person(vec![mira]).into()).await, 3);
    assert_eq!(number(Condition::Not(Box::new(AuditTest::Person(vec![mira]).into()))).await, 4);
    assert_eq!(number(AuditTest::Correlation(vec![denied.correlation]).into()).await, 1);
    assert_eq!(number(AuditTest::From(now() + Duration::minutes(30)).into()).await, 1);
    assert_eq!(number(AuditTest::Until(now()).into()).await, 6);
    // Pages, both ways.
    let request = |backward, from| PageRequest { limit: 2, backward, from };
    let filter = AuditFilter::default();
    let page = world.persistence.audit_trail(&viewer, &filter, request(false, None)).await.unwrap();
    let last = page.items[1].0.clone();
    assert_eq!(page.items.iter().map(|(_, entry)| entry.number).collect::<Vec<_>>(), [7, 6]);
    let next =
        world.persistence.audit_trail(&viewer, &filter, request(false, Some(last.clone()))).await.unwrap();
    assert_eq!(next.items.iter().map(|(_, entry)| entry.number).collect::<Vec<_>>(), [5, 4]);
    let back = world
        .persistence
        .audit_trail(&viewer, &filter, request(true, Some(next.items[0].0.clone())))
        .await
        .unwrap();
    assert_eq!(back.items.iter().map(|(_, entry)| entry.number).collect::<Vec<_>>(), [7, 6]);
}
