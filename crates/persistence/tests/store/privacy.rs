//! Erasure: nothing that names the person is left anywhere, and nobody else loses anything.

use crate::given::{World, now};
use waymark_domain::access::{DelegateLine, RequestGrant, delegate_line, request_grant};
use waymark_domain::evidence::{accept_evidence, verify_evidence};
use waymark_domain::kernel::{CommandContext, GrantScope, PersonId, RefusalCode, Role};
use waymark_domain::ports::{
    CommandError, Directory, EvidenceFilter, EvidenceReader, PageRequest, PeopleReader, PrivacyReader, Store,
};
use waymark_domain::privacy::{
    ErasureRequest, ErasureState, approve_erasure, refuse_erasure, request_erasure,
};
use waymark_domain::progress::{AttestSkill, attest_skill};

on_both_databases!(
    nothing_that_names_the_person_is_left,
    somebody_else_decides,
    who_reported_to_them_reports_to_their_manager,
    asking_again_is_the_same_request
);

fn code(error: CommandError) -> RefusalCode {
    match error {
        CommandError::Refused(refusals) => refusals.0[0].code,
        CommandError::Port(fault) => panic!("a fault: {fault:?}"),
    }
}

fn all() -> PageRequest {
    PageRequest { limit: 100, backward: false, from: None }
}

/// Tomas as a second administrator.
async fn second(world: &World) -> CommandContext {
    let input = RequestGrant {
        subject: "tomas".to_owned(),
        role: Role::TenantAdministrator,
        scope: GrantScope::Tenant,
        permissions: Vec::new(),
        until: None,
    };
    request_grant(&world.persistence, &*world.ids, &world.operator(), input).await.unwrap();
    world.by("tomas").await
}

async fn asked(world: &World, by: &str, person: PersonId) -> Result<ErasureRequest, CommandError> {
    request_erasure(&world.persistence, &*world.ids, &world.by(by).await, person).await
}

/// Everything of every text column, as a dump of the database would show it.
async fn dump(world: &World) -> String {
    let mut dump = String::new();
    for (table, columns) in [
        (
            "person",
            "external_id || ' ' || display_name || ' ' || coalesce(email, '') || coalesce(email_key, '')",
        ),
        ("evidence", "title || ' ' || body || ' ' || links"),
        ("access_grant", "subject"),
        ("mutation_key", "coalesce(answer, '') || coalesce(effect, '')"),
        ("event_log", "data || ' ' || subject"),
        ("erasure_request", "coalesce(reason, '')"),
    ] {
        for text in world.texts(&format!("select {columns} from {table}")).await {
            dump.push_str(&text.to_lowercase());
            dump.push('\n');
        }
    }
    dump
}

async fn nothing_that_names_the_person_is_left(world: World) {
    // In the clear, so that there is something to look for.
    let world = world.as_tenant("plain");
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let second = second(&world).await;
    let [mira, jonas] = [world.person("mira").await, world.person("jonas").await];
    let about = world.evidence("mira", "mira", "Mira's own export").await;
    verify_evidence(store, ids, &world.by("tomas").await, about.id).await.unwrap();
    let by = world.evidence("mira", "jonas", "A review of the queue").await;
    accept_evidence(store, ids, &world.by("jonas").await, by.id).await.unwrap();
    let sql = AttestSkill { person: mira, skill: world.skill("sql"), level: 3 };
    attest_skill(store, ids, &world.by("tomas").await, sql).await.unwrap();
    let partner = RequestGrant {
        subject: "mira".to_owned(),
        role: Role::PeoplePartner,
        scope: GrantScope::Tenant,
        permissions: Vec::new(),
        until: None,
    };
    request_grant(store, ids, &world.operator(), partner).await.unwrap();
    let before = dump(&world).await;
    assert!(before.contains("mira") && before.contains("mira@example.com") && before.contains("export"));

    let request = asked(&world, "mira", mira).await.unwrap();
    assert_eq!(request.due_on, now().date_naive() + chrono::Months::new(1));
    let done = approve_erasure(store, &second, request.id).await.unwrap();
    assert_eq!(done.state, ErasureState::Fulfilled);

    let after = dump(&world).await;
    for personal in ["mira", "export"] {
        assert!(!after.contains(personal), "{personal} is left:\n{after}");
    }
    for table in ["evidence", "skill_record", "assignment"] {
        let sql = format!(
            "select count(*) from {table} where person_id in (select id from person where erased_at is not null)"
        );
        let left = world.number(&sql);
        assert_eq!(left.await, 0, "{table}");
    }
    let viewer = world.viewer().await;
    assert!(store.people_by_ids(&viewer, &[mira]).await.unwrap().is_empty(), "as if they were not there");
    let gone = store.actor(&world.tenant, "mira", now()).await.unwrap();
    assert!(!gone.is_member(), "their tokens open nothing");
    // What they wrote about somebody else is that person's.
    let (jonas_reads, filter) = (world.by("jonas").await.actor, EvidenceFilter::default());
    let own = EvidenceReader::evidence(store, &jonas_reads, &filter, all()).await.unwrap();
    assert_eq!(own.items.len(), 1);
    assert!(Store::people(store, world.tenant.id, &[jonas]).await.unwrap()[0].team.is_some());
    assert_eq!(
        world.number("select count(*) from event_log where type = 'career.person-erased.v1'").await,
        1
    );

    let again = approve_erasure(store, &second, request.id).await.unwrap();
    assert_eq!(again.state, ErasureState::Fulfilled, "a second time changes nothing");
    assert_eq!(
        world.number("select count(*) from event_log where type = 'career.person-erased.v1'").await,
        1
    );
    assert_eq!(code(asked(&world, "noor", mira).await.unwrap_err()), RefusalCode::NotFound);
}

async fn somebody_else_decides(world: World) {
    world.organisation().await;
    let store = &world.persistence;
    let second = second(&world).await;
    let [mira, tomas] = [world.person("mira").await, world.person("tomas").await];
    assert_eq!(code(asked(&world, "jonas", mira).await.unwrap_err()), RefusalCode::Forbidden);
    let request = asked(&world, "noor", mira).await.unwrap();
    let noor = world.by("noor").await;
    assert_eq!(code(approve_erasure(store, &noor, request.id).await.unwrap_err()), RefusalCode::SelfReview);
    let mira_acts = world.by("mira").await;
    assert_eq!(
        code(approve_erasure(store, &mira_acts, request.id).await.unwrap_err()),
        RefusalCode::Forbidden
    );
    assert_eq!(
        code(refuse_erasure(store, &second, request.id, "").await.unwrap_err()),
        RefusalCode::Required
    );
    let refused = refuse_erasure(store, &second, request.id, "A court asked us to keep it.").await.unwrap();
    assert_eq!(refused.state, ErasureState::Refused);
    assert_eq!(
        code(approve_erasure(store, &second, request.id).await.unwrap_err()),
        RefusalCode::IllegalTransition
    );
    assert_eq!(Store::people(store, world.tenant.id, &[mira]).await.unwrap().len(), 1);

    let own = asked(&world, "noor", tomas).await.unwrap();
    assert_eq!(code(approve_erasure(store, &second, own.id).await.unwrap_err()), RefusalCode::SelfReview);
    assert_eq!(store.erasures(&noor.actor, all()).await.unwrap().items.len(), 2);
    let about_mira = store.erasures(&mira_acts.actor, all()).await.unwrap();
    assert_eq!(about_mira.items.len(), 1, "the one that is about her");
    assert_eq!(store.erasures_count(&world.by("jonas").await.actor).await.unwrap(), 0);
}

async fn who_reported_to_them_reports_to_their_manager(world: World) {
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let [noor, tomas, mira] =
        [world.person("noor").await, world.person("tomas").await, world.person("mira").await];
    let until = now() + chrono::Duration::days(5);
    let stand_in = DelegateLine { to: world.person("jonas").await, until };
    delegate_line(store, ids, &world.by("tomas").await, stand_in).await.unwrap();
    let input = RequestGrant {
        subject: "priya".to_owned(),
        role: Role::TenantAdministrator,
        scope: GrantScope::Tenant,
        permissions: Vec::new(),
        until: None,
    };
    request_grant(store, ids, &world.operator(), input).await.unwrap();
    let request = asked(&world, "noor", tomas).await.unwrap();
    approve_erasure(store, &world.by("priya").await, request.id).await.unwrap();
    let mira = Store::people(store, world.tenant.id, &[mira]).await.unwrap().pop().unwrap();
    assert_eq!(mira.manager, Some(noor));
}

async fn asking_again_is_the_same_request(world: World) {
    world.organisation().await;
    let mira = world.person("mira").await;
    let first = asked(&world, "mira", mira).await.unwrap();
    let second = asked(&world, "noor", mira).await.unwrap();
    assert_eq!(first.id, second.id);
    let (one, other) = tokio::join!(asked(&world, "jonas", mira), asked(&world, "mira", mira));
    assert!(one.is_err() && other.unwrap().id == first.id);
    assert_eq!(world.number("select count(*) from erasure_request").await, 1);
}
