//! The audit log: what is noted, how it is sealed, and what shows when somebody tampers with it.

use crate::given::{World, now};
use chrono::Duration;
use sea_orm::{ConnectionTrait, DbBackend};
use waymark_domain::access::{RequestGrant, request_grant};
use waymark_domain::audit::{Anchor, AuditEntry, AuditFaultKind, AuditOutcome, Verification, note_denial};
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
    a_chain_is_verified_in_parts,
    tampering_is_found,
    the_log_refuses_what_is_not_an_insert,
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

async fn verified(world: &World, after: &Anchor, most: u32) -> Verification {
    world.persistence.audit_verify(world.tenant.id, after, most).await.unwrap()
}

/// The end of a chain that is as it was sealed.
async fn intact(world: &World) -> Anchor {
    let found = verified(world, &Anchor::start(), 1_000).await;
    assert_eq!(found.fault, None);
    assert!(found.complete);
    assert_eq!(found.reached, found.head.unwrap_or_else(Anchor::start));
    found.reached
}

async fn sealed(world: &World) -> u64 {
    world.persistence.seal_pending().await.unwrap()
}

/// So many entries, each of a change of its own.
async fn changes(world: &World, count: usize) {
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

async fn a_chain_is_verified_in_parts(world: World) {
    assert_eq!(intact(&world).await, Anchor::start(), "an empty one");
    world.organisation().await;
    changes(&world, 7).await;
    sealed(&world).await;
    let mut after = Anchor::start();
    let mut seen = Vec::new();
    loop {
        let found = verified(&world, &after, 4).await;
        assert_eq!(found.fault, None);
        seen.push(found.checked);
        after = found.reached;
        if found.complete {
            break;
        }
    }
    assert_eq!(seen, [4, 4, 2]);
    assert_eq!(after.number, 10);
    let noted = Anchor {
        number: 5,
        hash: world.texts("select hash from audit_entry where number = 5").await.remove(0),
    };
    assert_eq!(verified(&world, &noted, 100).await.checked, 5);
    assert_eq!(verified(&world, &noted, 0).await.fault, None);
    let forged = Anchor { number: 5, hash: "ab".repeat(32) };
    let fault = verified(&world, &forged, 0).await.fault.unwrap();
    assert_eq!((fault.number, fault.kind), (5, AuditFaultKind::Changed), "not the one that was noted");
    let longer = Anchor { number: 12, ..forged };
    let fault = verified(&world, &longer, 0).await.fault.unwrap();
    assert_eq!((fault.number, fault.kind), (11, AuditFaultKind::TailCut), "it was longer once");
}

/// Lets statements through that the log refuses: what somebody could do who owns the database.
async fn tamper(world: &World, statements: &[&str]) {
    let root = world.root().await;
    let guards: &[&str] = match root.get_database_backend() {
        DbBackend::Sqlite => &[
            "drop trigger if exists audit_entry_no_update",
            "drop trigger if exists audit_entry_no_delete",
            "drop trigger if exists audit_chain_stays",
            "drop trigger if exists audit_chain_grows",
        ],
        _ => &["alter table audit_entry disable trigger all", "alter table audit_chain disable trigger all"],
    };
    for sql in guards.iter().chain(statements) {
        root.execute_unprepared(sql).await.unwrap();
    }
    root.close().await.unwrap();
}

/// A forged entry at this place, with a hash that no one sealed.
fn forged(number: i64) -> String {
    format!(
        "insert into audit_entry select tenant_id, {number}, actor_id, at, actor_id, action, object_kind, object_id,
         person_id, outcome, correlation, hash from audit_entry where number = 1"
    )
}

async fn tampering_is_found(world: World) {
    world.organisation().await;
    changes(&world, 7).await;
    sealed(&world).await;
    let head = intact(&world).await;
    assert_eq!(head.number, 10);
    let zeros = "0".repeat(64);
    let other_hash = format!("update audit_entry set hash = '{zeros}' where number = 4");
    let other_head = format!("update audit_chain set hash = '{zeros}'");
    let swap = |one: i64, other: i64| {
        format!(
            "update audit_entry set number = 1000 where number = {one};
             update audit_entry set number = {one} where number = {other};
             update audit_entry set number = {other} where number = 1000"
        )
    };
    let (neighbours, distant) = (swap(4, 5), swap(3, 8));
    let (shift, forged_4, forged_11) = (
        "update audit_entry set number = number + 1000 where number >= 4;
         update audit_entry set number = number - 999 where number >= 1004",
        forged(4),
        forged(11),
    );
    let renumbered = "delete from audit_entry where number = 4;
         update audit_entry set number = number + 1000 where number > 4;
         update audit_entry set number = number - 1001 where number > 1000";
    use AuditFaultKind::{Changed, HeadChanged, Inserted, Missing, Reordered, TailCut};
    let cases: Vec<(&str, Vec<&str>, i64, AuditFaultKind)> = vec![
        ("who", vec!["update audit_entry set actor_id = id where number = 4"], 4, Changed),
        ("what", vec!["update audit_entry set action = 'endorseSkill' where number = 4"], 4, Changed),
        ("how", vec!["update audit_entry set outcome = 'FORBIDDEN' where number = 4"], 4, Changed),
        ("of what", vec!["update audit_entry set object_id = null where number = 4"], 4, Changed),
        (
            "when",
            vec!["update audit_entry set at = '2026-01-01 00:00:00+00:00' where number = 4"],
            4,
            Changed,
        ),
        ("a hash", vec![&other_hash], 4, Changed),
        ("in the middle", vec!["delete from audit_entry where number = 4"], 4, Missing),
        ("several", vec!["delete from audit_entry where number between 4 and 6"], 4, Missing),
        ("the first", vec!["delete from audit_entry where number = 1"], 1, Missing),
        ("the tail", vec!["delete from audit_entry where number > 8"], 9, TailCut),
        ("all", vec!["delete from audit_entry"], 1, TailCut),
        ("deleted and numbered anew", vec![renumbered], 4, Changed),
        ("neighbours", vec![&neighbours], 4, Reordered),
        ("far apart", vec![&distant], 3, Reordered),
        ("between", vec![shift, &forged_4], 4, Inserted),
        ("at the end", vec![&forged_11], 11, Inserted),
        ("the head's hash", vec![&other_head], 10, HeadChanged),
        ("the head's number", vec!["update audit_chain set number = 20"], 11, TailCut),
        ("the head set back", vec!["update audit_chain set number = 9"], 10, Inserted),
        ("the head deleted", vec!["delete from audit_chain"], 10, HeadChanged),
    ];
    for (what, statements, number, kind) in cases {
        let kept = [
            "create table kept_entry as select * from audit_entry",
            "create table kept_chain as select * from audit_chain",
        ];
        tamper(&world, &kept).await;
        tamper(&world, &statements).await;
        let found = verified(&world, &Anchor::start(), 1_000).await;
        let fault = found.fault.unwrap_or_else(|| panic!("{what} was not found"));
        assert_eq!((fault.number, fault.kind), (number, kind), "{what}");
        assert_eq!(fault.entry.is_some(), !matches!(kind, Missing | TailCut), "{what}");
        assert!(!found.complete);
        assert!(found.checked < 10 || kind == HeadChanged || number > 10, "{what}: {}", found.checked);
        tamper(
            &world,
            &[
                "delete from audit_entry",
                "delete from audit_chain",
                "insert into audit_entry select * from kept_entry",
                "insert into audit_chain select * from kept_chain",
                "drop table kept_entry",
                "drop table kept_chain",
            ],
        )
        .await;
        assert_eq!(intact(&world).await, head, "{what} was undone");
    }
    // In parts as well: what is wrong lies in a later one.
    tamper(&world, &["update audit_entry set action = 'x' where number = 7"]).await;
    let first = verified(&world, &Anchor::start(), 4).await;
    assert_eq!(first.fault, None);
    assert_eq!(verified(&world, &first.reached, 4).await.fault.unwrap().number, 7);
    // What nobody can read is broken too, and stops nothing.
    if world.root().await.get_database_backend() == DbBackend::Sqlite {
        tamper(&world, &["update audit_entry set at = 'yesterday' where number = 2"]).await;
        let fault = verified(&world, &Anchor::start(), 1_000).await.fault.unwrap();
        assert_eq!((fault.number, fault.kind, fault.entry), (2, AuditFaultKind::Changed, None));
    }
}

async fn the_log_refuses_what_is_not_an_insert(world: World) {
    world.organisation().await;
    sealed(&world).await;
    let head = intact(&world).await;
    let root = world.root().await;
    let mut refused = vec![
        "update audit_entry set action = 'x'",
        "delete from audit_entry",
        "update audit_entry set hash = '' where number = 1",
        "delete from audit_chain",
        "update audit_chain set number = number - 1",
        "update audit_chain set hash = ''",
    ];
    refused.extend(match root.get_database_backend() {
        DbBackend::Sqlite => {
            vec!["insert or replace into audit_entry select * from audit_entry where number = 1"]
        }
        _ => vec!["truncate audit_entry", "truncate audit_chain"],
    });
    for sql in refused {
        assert!(root.execute_unprepared(sql).await.is_err(), "{sql}");
    }
    assert_eq!(intact(&world).await, head);
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
