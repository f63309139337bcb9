//! Exports: put together once, for the person alone, and gone when their time is over or the person is erased.

use crate::given::{World, now};
use chrono::{DateTime, Duration, Utc};
use waymark_domain::evidence::accept_evidence;
use waymark_domain::kernel::{CommandContext, PersonId, RefusalCode};
use waymark_domain::ports::{CommandError, Directory, PrivacyReader, Store};
use waymark_domain::privacy::{ExportState, ExportView, request_export};

on_both_databases!(
    it_is_told_to_the_person_alone,
    others_are_told_by_what_they_are,
    several_processes_make_it_once,
    it_takes_the_place_of_an_earlier_one,
    it_ends,
    nothing_is_made_for_somebody_who_is_erased
);

const HASH: &str = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";

/// Somebody acting now, by the database's own clock: exports end by it.
async fn by_clock(world: &World, subject: &str) -> CommandContext {
    let sql = match world.root().await.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "select cast((julianday('now') - 2440587.5) * 86400000 as integer)",
        _ => "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
    };
    let clock: DateTime<Utc> = DateTime::from_timestamp_millis(world.number(sql).await).unwrap();
    world.by_at(subject, clock).await
}

async fn asked(world: &World, by: &str, person: PersonId, hash: &str) -> Result<ExportView, CommandError> {
    let context = by_clock(world, by).await;
    request_export(&world.persistence, &*world.ids, &context, person, hash).await
}

async fn content(world: &World, by: &str, hash: &str) -> Option<String> {
    let viewer = world.persistence.actor(&world.tenant, by, now()).await.unwrap();
    world.persistence.export_content(&viewer, hash).await.unwrap()
}

async fn it_is_told_to_the_person_alone(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    for by in ["tomas", "noor", "jonas"] {
        let Err(CommandError::Refused(refusals)) = asked(&world, by, mira, HASH).await else {
            panic!("{by}")
        };
        assert_eq!(refusals.0[0].code, RefusalCode::Forbidden, "{by}");
    }
    let export = asked(&world, "mira", mira, HASH).await.unwrap();
    assert_eq!(export.state, ExportState::Requested);
    assert_eq!(content(&world, "mira", HASH).await, None, "there is nothing yet");
    assert!(world.persistence.export_next().await.unwrap());
    assert!(content(&world, "mira", HASH).await.unwrap().contains("mira@example.com"));
    assert_eq!(content(&world, "mira", &HASH.replace('5', "6")).await, None, "a guessed link");
    for other in ["tomas", "noor"] {
        assert_eq!(content(&world, other, HASH).await, None, "{other} has the link");
        let viewer = world.by(other).await.actor;
        assert!(world.persistence.exports(&viewer).await.unwrap().is_empty(), "{other} sees none");
    }
    let foreign = world.as_tenant("other");
    foreign.organisation().await;
    assert_eq!(content(&foreign, "mira", HASH).await, None, "another tenant's mira");
    let seen = world.persistence.exports(&world.by("mira").await.actor).await.unwrap();
    assert_eq!(seen, [ExportView { state: ExportState::Ready, ..export }]);
}

async fn others_are_told_by_what_they_are(world: World) {
    world.organisation().await;
    let (store, mira) = (&world.persistence, world.person("mira").await);
    for author in ["tomas", "jonas"] {
        let written = world.evidence(author, "mira", "Seen from outside").await;
        accept_evidence(store, &*world.ids, &world.by("mira").await, written.id).await.unwrap();
    }
    world.evidence("mira", "jonas", "About somebody else").await;
    asked(&world, "mira", mira, HASH).await.unwrap();
    store.export_next().await.unwrap();
    let text = content(&world, "mira", HASH).await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let evidence = json["tables"]["evidence"].as_array().unwrap();
    let mut authors: Vec<_> = evidence.iter().map(|row| row["author"].as_str().unwrap()).collect();
    authors.sort_unstable();
    assert_eq!(authors, ["MANAGER", "OTHER"]);
    assert!(text.contains("SQL 3"), "skills are named: {text}");
    let lower = text.to_lowercase();
    for other in ["tomas", "jonas", "noor", "about somebody else"] {
        assert!(!lower.contains(other), "{other} is in it");
    }
    for other in ["tomas", "jonas", "noor"] {
        let id = world.person(other).await.to_string();
        assert!(!text.contains(&id), "the id of {other} is in it");
    }
}

async fn several_processes_make_it_once(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    asked(&world, "mira", mira, HASH).await.unwrap();
    let other = world.another_process().await;
    let (one, two) = tokio::join!(world.persistence.export_next(), other.export_next());
    assert_ne!(one.unwrap(), two.unwrap(), "one of them had something to do");
    // Whoever took it is gone: it is another's when the lease has ended.
    world.execute("update data_export set state = 'REQUESTED', content = null").await;
    assert!(!other.export_next().await.unwrap(), "it is held");
    world.execute("update data_export set leased_until = 1").await;
    assert!(other.export_next().await.unwrap());
    assert!(content(&world, "mira", HASH).await.is_some());
}

async fn it_takes_the_place_of_an_earlier_one(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    asked(&world, "mira", mira, HASH).await.unwrap();
    world.persistence.export_next().await.unwrap();
    asked(&world, "mira", mira, "other").await.unwrap();
    assert_eq!(content(&world, "mira", HASH).await, None);
    assert_eq!(world.number("select count(*) from data_export").await, 1);
}

async fn it_ends(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    let export = asked(&world, "mira", mira, HASH).await.unwrap();
    assert!((export.expires_at - export.requested_at - Duration::hours(24)).num_seconds().abs() < 1);
    world.persistence.export_next().await.unwrap();
    world.execute("update data_export set expires_at = 1").await;
    assert_eq!(content(&world, "mira", HASH).await, None);
    assert!(world.persistence.exports(&world.by("mira").await.actor).await.unwrap().is_empty());
    let tend = tokio::spawn(world.persistence.clone().tend());
    for _ in 0..100 {
        if world.number("select count(*) from data_export").await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tend.abort();
    assert_eq!(world.number("select count(*) from data_export").await, 0, "it is deleted");
}

async fn nothing_is_made_for_somebody_who_is_erased(world: World) {
    use waymark_domain::kernel::Change;
    world.organisation().await;
    let (store, mira) = (&world.persistence, world.person("mira").await);
    asked(&world, "mira", mira, HASH).await.unwrap();
    let mut person = Store::people(store, world.tenant.id, &[mira]).await.unwrap().pop().unwrap();
    person.erase();
    store.save(vec![Change::Person(Box::new(person))], &world.operator()).await.unwrap();
    assert_eq!(world.number("select count(*) from data_export").await, 0);
    assert!(!store.export_next().await.unwrap());
    assert_eq!(content(&world, "mira", HASH).await, None);
}
