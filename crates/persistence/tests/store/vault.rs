//! Text about people is sealed: who has the database has not read it.

use crate::given::{MASTER_KEY, World, now};
use std::sync::atomic::{AtomicU64, Ordering};
use waymark_domain::access::{RequestGrant, request_grant};
use waymark_domain::evidence::accept_evidence;
use waymark_domain::kernel::{Change, GrantScope, PersonId, Role};
use waymark_domain::people::{PersonView, import_people};
use waymark_domain::ports::{
    Claimed, CommandError, Condition, Directory, EvidenceFilter, EvidenceReader, Keys, MutationKey, Page,
    PageRequest, PeopleFilter, PeopleReader, PersonTest, PortError, PrivacyReader, Store, TextTest,
};
use waymark_domain::privacy::{approve_erasure, refuse_erasure, request_erasure};
use waymark_persistence::{MasterKey, MasterKeys, WARNING_TIME};

on_both_databases!(
    a_dump_shows_no_text_about_people,
    a_sealed_value_opens_in_its_own_place_alone,
    erasure_destroys_the_key,
    who_writes_about_somebody_erased_meanwhile_writes_nothing,
    ids_and_addresses_stay_unique,
    people_are_found_and_ordered_as_in_the_clear,
    a_tenant_in_the_clear_is_sealed_while_it_is_used,
    keys_are_rotated_while_they_are_used,
    without_the_master_key_nothing_is_opened_or_written,
);

const OTHER_KEY: &str = "/////////////////////////////////////////w8=";

fn master(text: &str) -> MasterKey {
    MasterKey::parse(text).unwrap()
}

/// Everything that lies in the tables: texts in lower case, sealed bytes in hexadecimal.
async fn dump(world: &World) -> String {
    let hex = if world.is_sqlite() { "hex(sealed)" } else { "encode(sealed, 'hex')" };
    let sealed = format!("' ' || lower(coalesce({hex}, ''))");
    let mut dump = String::new();
    for (table, columns) in [
        (
            "person",
            "external_id || ' ' || display_name || ' ' || coalesce(email, '') || ' ' || coalesce(email_key, '')",
        ),
        ("evidence", "title || ' ' || body || ' ' || links"),
        ("access_grant", "subject"),
        ("erasure_request", "coalesce(reason, '')"),
        ("mutation_key", "coalesce(answer, '')"),
    ] {
        for text in world.texts(&format!("select {columns} || {sealed} from {table}")).await {
            dump.push_str(&text.to_lowercase());
            dump.push('\n');
        }
    }
    for text in world.texts("select data || ' ' || subject || ' ' || trace from event_log").await {
        dump.push_str(&text.to_lowercase());
    }
    dump
}

/// Whether a text is in a dump, as it is or as bytes.
fn shows(dump: &str, text: &str) -> bool {
    let bytes: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    dump.contains(text) || dump.contains(&bytes)
}

/// A person with everything that is said of one: evidence, a role, a reason, a kept answer.
async fn story(world: &World) {
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    world.evidence("mira", "mira", "A canary of the export").await;
    let grant = RequestGrant {
        subject: "jonas".to_owned(),
        role: Role::PeoplePartner,
        scope: GrantScope::Tenant,
        permissions: Vec::new(),
        until: None,
    };
    request_grant(store, ids, &world.operator(), grant).await.unwrap();
    let jonas = world.person("jonas").await;
    let request = request_erasure(store, ids, &world.by("jonas").await, jonas).await.unwrap();
    refuse_erasure(store, &world.by("noor").await, request.id, "A canary of a reason").await.unwrap();
    let Claimed::Mine(claim) = store.claim(&key(world).await).await.unwrap() else { panic!("it is free") };
    store.keep(&claim, "A canary of an answer").await.unwrap();
}

async fn key(world: &World) -> MutationKey {
    let actor = world.by("mira").await.actor;
    MutationKey { tenant: actor.tenant.id, actor: actor.id, key: "k".into(), payload: "p".into() }
}

/// What the tenant's people and evidence read as, in order.
async fn read(world: &World) -> Vec<String> {
    let (store, viewer) = (&world.persistence, world.viewer().await);
    let page = PageRequest { limit: 100, backward: false, from: None };
    let people = PeopleReader::people(store, &viewer, &PeopleFilter::default(), page.clone()).await.unwrap();
    let mut read: Vec<String> = people.items.into_iter().map(|(_, person)| format!("{person:?}")).collect();
    let tomas = world.by("tomas").await.actor;
    let pieces = EvidenceReader::evidence(store, &tomas, &EvidenceFilter::default(), page).await.unwrap();
    read.extend(pieces.items.into_iter().map(|(_, piece)| format!("{piece:?}")));
    let roles = store.actor(&world.tenant, "jonas", now()).await.unwrap().roles;
    read.push(format!("{roles:?}"));
    read
}

async fn a_dump_shows_no_text_about_people(world: World) {
    // The same story in the clear is found: the search works.
    let plain = world.as_tenant("plain");
    story(&plain).await;
    let before = dump(&plain).await;
    for text in
        ["mira", "mira@example.com", "canary of the export", "canary of a reason", "canary of an answer"]
    {
        assert!(shows(&before, text), "{text} is in\n{before}");
    }
    for table in [
        "mutation_key",
        "erasure_request",
        "access_grant",
        "evidence",
        "skill_record_item",
        "skill_record_history",
        "skill_record",
        "assignment",
        "person",
    ] {
        world.execute(&format!("delete from {table}")).await;
    }

    story(&world).await;
    let sealed = dump(&world).await;
    for text in ["mira", "jonas", "noor", "tomas", "example.com", "canary", "ünïcode", "git."] {
        assert!(!shows(&sealed, text), "{text} is in\n{sealed}");
    }
    assert!(read(&world).await.iter().any(|text| text.contains("A canary of the export")));
    assert!(matches!(
        world.persistence.claim(&key(&world).await).await.unwrap(),
        Claimed::Answered(answer) if answer == "A canary of an answer"
    ));
}

async fn a_sealed_value_opens_in_its_own_place_alone(world: World) {
    story(&world).await;
    let other = world.evidence("mira", "mira", "Another").await;
    let fault = |result: Result<_, PortError>| {
        let Err(PortError::Internal(fault)) = result else { panic!("it opened") };
        fault.to_string()
    };
    let tenant = world.tenant.id;
    // The same person, table, column and key: only the row is another one.
    world
        .execute(
            "update evidence set sealed = (select e.sealed from evidence e order by recorded_at, id limit 1)",
        )
        .await;
    let read = fault(Store::evidence(&world.persistence, tenant, other.id).await.map(|_| ()));
    assert!(read.contains("stays sealed") && !read.contains("canary"), "{read}");
    // Somebody's key in somebody else's row.
    let mira = world.person("mira").await;
    world.execute("update person set data_key = (select p.data_key from person p order by id limit 1)").await;
    let fresh = world.another_process().await;
    let read = fault(Store::people(&fresh, tenant, &[mira]).await.map(|_| ()));
    assert!(read.contains("data_key"), "{read}");
}

async fn erasure_destroys_the_key(world: World) {
    story(&world).await;
    let store = &world.persistence;
    let jonas = world.person("jonas").await;
    let sealed = "select count(*) from erasure_request where sealed is not null";
    assert_eq!(world.number(sealed).await, 1, "why it was refused once");
    let request = request_erasure(store, &*world.ids, &world.by("noor").await, jonas).await.unwrap();
    world.execute("update erasure_request set requested_by = person_id where state = 'RECEIVED'").await;
    approve_erasure(store, &world.by("noor").await, request.id).await.unwrap();
    let left = "select count(*) from person where erased_at is not null and (data_key is not null or sealed is not null)";
    assert_eq!(world.number(left).await, 0);
    let admin = world.viewer().await;
    let page = PageRequest { limit: 10, backward: false, from: None };
    let requests = PrivacyReader::erasures(store, &admin, page).await.unwrap();
    assert_eq!(requests.items.len(), 2);
    assert!(
        requests.items.iter().all(|(_, request)| request.reason.is_none()),
        "what was said went with them"
    );
}

async fn who_writes_about_somebody_erased_meanwhile_writes_nothing(world: World) {
    world.organisation().await;
    let piece = world.evidence("mira", "jonas", "A review").await;
    let store = &world.persistence;
    let loaded = Store::evidence(store, world.tenant.id, piece.id).await.unwrap().unwrap();
    world.execute("update person set data_key = null, sealed = null, erased_at = recorded from (select max(recorded_at) as recorded from assignment) a").await;
    let context = world.by("noor").await;
    let refused = store.save(vec![Change::Evidence(Box::new(loaded))], &context).await;
    assert!(matches!(refused, Err(PortError::Conflict)), "{refused:?}");
}

async fn ids_and_addresses_stay_unique(world: World) {
    world.organisation().await;
    let header = "external_id,name,email,discipline,team,manager_external_id,position,since\n";
    let context = world.by("noor").await;
    let rows = format!("{header}ada,Ada,MIRA@example.com,,,,,\n");
    let refused = import_people(&world.persistence, &*world.ids, &context, &rows).await;
    assert!(matches!(refused, Err(CommandError::Refused(_))), "{refused:?}");
    let people = "select count(*) from person";
    let before = world.number(people).await;
    let rows = format!("{header}mira,Mira the Second,mira@example.com,,,,,\n");
    import_people(&world.persistence, &*world.ids, &context, &rows).await.unwrap();
    assert_eq!(world.number(people).await, before, "the same person, with a new name");
    assert!(read(&world).await.iter().any(|person| person.contains("Mira the Second")));
}

async fn people_are_found_and_ordered_as_in_the_clear(world: World) {
    world.organisation().await;
    let plain = world.as_tenant("plain");
    plain.organisation().await;
    let names = |page: Page<_>| -> Vec<String> {
        page.items.into_iter().map(|(_, person): (_, PersonView)| person.display_name).collect()
    };
    let tests = [
        Condition::default(),
        PersonTest::Name(TextTest::Contains("O".to_owned())).into(),
        PersonTest::ExternalId(TextTest::In(vec!["JONAS".to_owned(), "nobody".to_owned()])).into(),
        Condition::Not(Box::new(PersonTest::Name(TextTest::StartsWith("m".to_owned())).into())),
    ];
    for condition in tests {
        for (descending, backward) in [(false, false), (true, false), (false, true), (true, true)] {
            let filter = PeopleFilter { condition: condition.clone(), descending, ..PeopleFilter::default() };
            let mut seen = Vec::new();
            for world in [&world, &plain] {
                let viewer = world.viewer().await;
                let page = PageRequest { limit: 2, backward, from: None };
                let page = PeopleReader::people(&world.persistence, &viewer, &filter, page).await.unwrap();
                let count = world.persistence.people_count(&viewer, &filter).await.unwrap();
                seen.push((names(page), count));
            }
            assert_eq!(seen[0], seen[1], "{filter:?}, backward: {backward}");
        }
    }
}

async fn a_tenant_in_the_clear_is_sealed_while_it_is_used(world: World) {
    let world = world.as_tenant("plain");
    story(&world).await;
    let (tenant, before) = (world.tenant.id, read(&world).await);
    let running = world.through(world.another_process().await);
    assert_eq!(read(&running).await, before);
    let revisions = "select cast(sum(revision) as bigint) from person";
    let revision = world.number(revisions).await;

    let operator = world.another_process().await;
    assert!(!operator.prepare_vault(tenant, now()).await.unwrap(), "there are people: not at once");
    assert!(shows(&dump(&world).await, "canary of the export"), "nothing is sealed yet");
    tokio::time::sleep(WARNING_TIME).await;
    let sealed = AtomicU64::new(0);
    let progress = |more| {
        sealed.fetch_add(more, Ordering::Relaxed);
    };
    operator.seal_people(tenant, &progress).await.unwrap();
    assert_eq!(sealed.into_inner(), 5, "four people and a grant");
    while operator.seal_more(tenant).await.unwrap() > 0 {}
    let status = operator.vault_status(tenant).await.unwrap();
    assert_eq!((status.clear_people, status.clear_rows, status.sealed_people), (0, 0, 4));

    for text in ["mira", "tomas", "canary", "git."] {
        assert!(!shows(&dump(&world).await, text), "{text} is left");
    }
    assert_eq!(world.number(revisions).await, revision, "nobody sees a change");
    // Whoever was there all along reads on, and writes sealed.
    assert_eq!(read(&running).await, before);
    let piece = running.evidence("mira", "jonas", "A canary of later").await;
    accept_evidence(&running.persistence, &*world.ids, &running.by("jonas").await, piece.id).await.unwrap();
    assert!(!shows(&dump(&world).await, "canary"));
}

async fn keys_are_rotated_while_they_are_used(world: World) {
    story(&world).await;
    let (tenant, before) = (world.tenant.id, read(&world).await);
    let hashes = world.texts("select external_id from person order by id").await;
    let both = || MasterKeys::new(master(OTHER_KEY), vec![master(MASTER_KEY)]);
    let operator = world.process_with(Some(both())).await;
    let running = world.through(world.process_with(Some(both())).await);
    assert_eq!(read(&running).await, before);

    let version = operator.next_tenant_key(tenant, now()).await.unwrap().unwrap();
    assert_eq!(version, 2);
    tokio::time::sleep(WARNING_TIME).await;
    operator.use_tenant_key(tenant, version).await.unwrap();
    let (mut behind, mut count) = (uuid::Uuid::nil(), 0);
    while let Some((last, more)) = operator.rewrap_more(tenant, behind).await.unwrap() {
        (behind, count) = (last, count + more);
    }
    assert_eq!(count, 4);
    assert_eq!(read(&running).await, before);
    assert_eq!(world.texts("select external_id from person order by id").await, hashes, "hashes stay");
    // The old master key is of no use any more, nor is the tenant's old key.
    let alone = world.through(world.process_with(Some(MasterKeys::new(master(OTHER_KEY), Vec::new()))).await);
    assert_eq!(read(&alone).await, before);
    world.execute("delete from tenant_key where version = 1").await;
    let alone = world.through(world.process_with(Some(MasterKeys::new(master(OTHER_KEY), Vec::new()))).await);
    assert_eq!(read(&alone).await, before);
    let status = operator.vault_status(tenant).await.unwrap();
    assert_eq!((status.state.as_deref(), status.key_version), (Some("SEALED"), Some(2)));
}

async fn without_the_master_key_nothing_is_opened_or_written(world: World) {
    story(&world).await;
    let mira: PersonId = world.person("mira").await;
    let wrong = MasterKeys::new(master(OTHER_KEY), Vec::new());
    for process in [world.process_with(Some(wrong)).await, world.process_with(None).await] {
        assert!(process.check_vault(world.tenant.id).await.is_err());
        assert!(Store::people(&process, world.tenant.id, &[mira]).await.is_err());
        let evidence = "select count(*) from evidence";
        let before = world.number(evidence).await;
        let context = world.by("mira").await;
        let loaded = world.evidence("mira", "mira", "One more").await;
        let change = Change::Evidence(Box::new(loaded));
        assert!(process.save(vec![change], &context).await.is_err());
        assert_eq!(world.number(evidence).await, before + 1, "the one that was recorded by who may");
    }
}
