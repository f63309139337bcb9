//! What shows when somebody tampers with the audit log, and what the database refuses.

use crate::audit::{changes, intact, sealed, verified};
use crate::given::World;
use sea_orm::{ConnectionTrait, DbBackend};
use waymark_domain::audit::{Anchor, AuditFaultKind};

on_both_databases!(
    a_chain_is_verified_in_parts,
    tampering_is_found,
    tampering_is_found_in_a_later_part,
    the_log_refuses_what_is_not_an_insert
);

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
    assert_eq!((fault.number, fault.kind), (5, AuditFaultKind::Unexpected), "not the one that was noted");
    let longer = Anchor { number: 12, ..forged };
    let fault = verified(&world, &longer, 0).await.fault.unwrap();
    assert_eq!((fault.number, fault.kind), (11, AuditFaultKind::TailCut), "it was longer once");
}

/// Lets statements through that the log refuses: what somebody could do who owns the database.
async fn tamper(world: &World, statements: &[String]) {
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
    for sql in guards.iter().copied().chain(statements.iter().map(String::as_str)) {
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

/// What somebody does, by statements, and what is found: at which entry, and what is wrong.
type Case = (&'static str, Vec<String>, i64, AuditFaultKind);

/// Changes of what entries say, or of their hashes.
fn changed() -> Vec<Case> {
    let set = |what, values: &str| {
        let sql = format!("update audit_entry set {values} where number = 4");
        (what, vec![sql], 4, AuditFaultKind::Changed)
    };
    vec![
        set("who", "actor_id = id"),
        set("what", "action = 'endorseSkill'"),
        set("how", "outcome = 'FORBIDDEN'"),
        set("of what", "object_id = null"),
        set("of nothing", "object_id = null, object_kind = null"),
        set("whom", "person_id = id"),
        set("when", "at = '2026-01-01 00:00:00+00:00'"),
        set("in which request", "correlation = id"),
        set("a hash", "hash = 'x'"),
    ]
}

/// Entries that are gone.
fn deleted() -> Vec<Case> {
    use AuditFaultKind::{Changed, Missing, TailCut};
    let delete = |which: &str| vec![format!("delete from audit_entry {which}")];
    let renumbered = "delete from audit_entry where number = 4;
         update audit_entry set number = number + 1000 where number > 4;
         update audit_entry set number = number - 1001 where number > 1000";
    vec![
        ("in the middle", delete("where number = 4"), 4, Missing),
        ("several", delete("where number between 4 and 6"), 4, Missing),
        ("the first", delete("where number = 1"), 1, Missing),
        ("the tail", delete("where number > 8"), 9, TailCut),
        ("all", delete(""), 1, TailCut),
        ("deleted and numbered anew", vec![renumbered.to_owned()], 4, Changed),
    ]
}

/// Entries that stand elsewhere, and such as nobody sealed.
fn moved() -> Vec<Case> {
    use AuditFaultKind::{Inserted, Reordered};
    let swap = |one: i64, other: i64| {
        format!(
            "update audit_entry set number = 1000 where number = {one};
             update audit_entry set number = {one} where number = {other};
             update audit_entry set number = {other} where number = 1000"
        )
    };
    let shift = "update audit_entry set number = number + 1000 where number >= 4;
         update audit_entry set number = number - 999 where number >= 1004";
    let hashes = "update audit_entry set hash =
         (select kept_entry.hash from kept_entry where kept_entry.number = audit_entry.number)";
    vec![
        ("neighbours", vec![swap(4, 5)], 4, Reordered),
        ("neighbours, but for their hashes", vec![swap(4, 5), hashes.to_owned()], 4, Reordered),
        ("far apart", vec![swap(3, 8)], 3, Reordered),
        ("far apart, but for their hashes", vec![swap(3, 8), hashes.to_owned()], 3, Reordered),
        ("put between", vec![shift.to_owned(), forged(4)], 4, Inserted),
        ("put at the end", vec![forged(11)], 11, Inserted),
    ]
}

/// Another end.
fn heads() -> Vec<Case> {
    use AuditFaultKind::{HeadChanged, Inserted, TailCut};
    let sql = |sql: &str| vec![sql.to_owned()];
    vec![
        ("the head's hash", sql("update audit_chain set hash = 'x'"), 10, HeadChanged),
        ("the head's number", sql("update audit_chain set number = 20"), 11, TailCut),
        ("the head set back", sql("update audit_chain set number = 9"), 10, Inserted),
        ("the head deleted", sql("delete from audit_chain"), 10, HeadChanged),
    ]
}

async fn tampering_is_found(world: World) {
    use AuditFaultKind::{HeadChanged, Missing, TailCut};
    world.organisation().await;
    changes(&world, 7).await;
    sealed(&world).await;
    let head = intact(&world).await;
    assert_eq!(head.number, 10);
    let kept =
        ["entry", "chain"].map(|table| format!("create table kept_{table} as select * from audit_{table}"));
    tamper(&world, &kept).await;
    let restored = ["entry", "chain"].map(|table| {
        format!("delete from audit_{table}; insert into audit_{table} select * from kept_{table}")
    });
    for (what, statements, number, kind) in [changed(), deleted(), moved(), heads()].concat() {
        tamper(&world, &statements).await;
        let found = verified(&world, &Anchor::start(), 1_000).await;
        let fault = found.fault.unwrap_or_else(|| panic!("{what} was not found"));
        assert_eq!((fault.number, fault.kind), (number, kind), "{what}");
        assert_eq!(fault.entry.is_some(), !matches!(kind, Missing | TailCut), "{what}");
        assert!(!found.complete, "{what}");
        let before = if kind == HeadChanged { number } else { number - 1 };
        assert_eq!(found.reached.number, before, "{what}");
        tamper(&world, &restored).await;
        assert_eq!(intact(&world).await, head, "{what} was undone");
    }
}

async fn tampering_is_found_in_a_later_part(world: World) {
    world.organisation().await;
    changes(&world, 7).await;
    sealed(&world).await;
    tamper(&world, &["update audit_entry set action = 'x' where number = 7".to_owned()]).await;
    let first = verified(&world, &Anchor::start(), 4).await;
    assert_eq!(first.fault, None);
    assert_eq!(verified(&world, &first.reached, 4).await.fault.unwrap().number, 7);
    // What nobody can read is broken too, and stops nothing.
    if world.root().await.get_database_backend() == DbBackend::Sqlite {
        tamper(&world, &["update audit_entry set at = 'yesterday' where number = 2".to_owned()]).await;
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
