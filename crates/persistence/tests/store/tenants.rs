//! Two tenants in one database know nothing of each other.

use crate::given::{PEOPLE, World, now};
use waymark_domain::evidence::verify_evidence;
use waymark_domain::kernel::Role;
use waymark_domain::people::import_people;
use waymark_domain::ports::{
    CommandError, Directory, EvidenceFilter, EvidenceReader, FrameworkReader, PageRequest, PeopleFilter,
    PeopleReader, ProgressReader, Store,
};

on_both_databases!(
    nothing_of_one_is_seen_by_the_other,
    both_may_have_the_same_names,
    who_administers_one_does_not_administer_another,
);

fn page() -> PageRequest {
    PageRequest { limit: 100, backward: false, from: None }
}

async fn nothing_of_one_is_seen_by_the_other(world: World) {
    let version = world.organisation().await;
    let evidence = world.evidence("mira", "mira", "1").await;
    let (mira, position) = (world.person("mira").await, world.position().await);
    let other = world.as_tenant("other");
    let (viewer, db) = (other.viewer().await, &other.persistence);

    assert_eq!(
        PeopleReader::people(db, &viewer, &PeopleFilter::default(), page()).await.unwrap().items.len(),
        0
    );
    assert_eq!(db.people_count(&viewer, &PeopleFilter::default()).await.unwrap(), 0);
    assert_eq!(db.people_by_ids(&viewer, &[mira]).await.unwrap().len(), 0);
    assert_eq!(db.person_by_external_id(&viewer, "mira").await.unwrap(), None);
    assert_eq!(db.assignments(&viewer, &[mira]).await.unwrap().len(), 0);
    assert_eq!(PeopleReader::teams(db, &viewer, page()).await.unwrap().items.len(), 0);
    let all = EvidenceFilter::default();
    assert_eq!(EvidenceReader::evidence(db, &viewer, &all, page()).await.unwrap().items.len(), 0);
    assert_eq!(db.evidence_by_ids(&viewer, &[evidence.id]).await.unwrap().len(), 0);
    assert_eq!(ProgressReader::skill_records(db, &viewer, &[mira]).await.unwrap().len(), 0);
    assert_eq!(db.frameworks(&viewer, page()).await.unwrap().items.len(), 0);
    assert_eq!(FrameworkReader::catalogues(db, &viewer, &[version.id]).await.unwrap().len(), 0);
    assert_eq!(db.catalogues_of_positions(&viewer, &[position]).await.unwrap().len(), 0);
    assert_eq!(db.catalogues_of_skills(&viewer, &[world.skill("sql")]).await.unwrap().len(), 0);

    assert!(Store::evidence(db, other.tenant.id, evidence.id).await.unwrap().is_none());
    assert!(Store::people(db, other.tenant.id, &[mira]).await.unwrap().is_empty());
    assert!(db.version(other.tenant.id, version.id).await.unwrap().is_none());
    assert!(db.catalogue_of(other.tenant.id, position).await.unwrap().is_none());
    let denied = verify_evidence(db, &*other.ids, &other.by("noor").await, evidence.id).await.unwrap_err();
    let missing = verify_evidence(db, &*other.ids, &other.by("noor").await, uuid::Uuid::nil().into()).await;
    let text = |error: &CommandError| error.to_string();
    assert_eq!(text(&denied), text(&missing.unwrap_err()), "as if it were not there");
}

async fn both_may_have_the_same_names(world: World) {
    world.organisation().await;
    let other = world.as_tenant("other");
    other.organisation().await;
    assert_ne!(world.person("mira").await, other.person("mira").await);
    let again =
        import_people(&other.persistence, &*other.ids, &other.by("noor").await, PEOPLE).await.unwrap();
    assert_eq!(again.unchanged, 4);
    assert_eq!(world.number("select count(distinct tenant_id) from event_log").await, 2);
}

async fn who_administers_one_does_not_administer_another(world: World) {
    let stranger = world.as_tenant("elsewhere");
    for (world, administers) in [(&world, true), (&stranger, false)] {
        let noor = world.persistence.actor(&world.tenant, "noor", now()).await.unwrap();
        assert_eq!(noor.holds(Role::TenantAdministrator), administers, "{}", world.tenant.key);
        assert!(world.persistence.actor(&world.tenant, "mira", now()).await.unwrap().roles.is_empty());
    }
}
