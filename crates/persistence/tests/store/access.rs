//! The rules as SQL: what lists hold is what a look at each object allows, whatever the organisation is like.

use crate::given::{World, now};
use chrono::Duration;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::{ConnectionTrait, Statement, TransactionTrait, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;
use waymark_domain::access::{
    Action, DelegateLine, Facts, RequestGrant, approve_grant, decide, delegate_line, request_grant,
    revoke_grant,
};
use waymark_domain::kernel::{
    Actor, ActorId, DomainId, GrantScope, HeldRole, Permission, PersonId, RefusalCode, Role, TeamId, Tenant,
};
use waymark_domain::people::{ChangeManager, change_manager, reporting_chain};
use waymark_domain::ports::{
    AccessReader, AuditFilter, AuditReader, CommandError, Directory, EvidenceFilter, EvidenceReader, Ids,
    PageRequest, PeopleFilter, PeopleReader, ProgressReader,
};

on_both_databases!(
    lists_hold_what_the_rules_allow,
    a_grant_is_in_force_once_a_second_administrator_approves_it,
    a_delegation_reaches_the_line_until_it_ends,
    rights_have_an_epoch,
    a_people_partner_does_not_become_a_manager
);

/// Random organisations of the equality property.
const ORGANISATIONS: usize = 1_000;

/// People of the largest.
const MOST_PEOPLE: usize = 9;

/// An organisation as rows: who reports to whom, who is in which team, who wrote about whom.
#[derive(Debug, Clone)]
struct Organisation {
    /// The manager of each person: somebody before them in the list, so that there is no circle.
    managers: Vec<Option<usize>>,
    teams: Vec<Option<usize>>,
    /// Author and subject of each piece of evidence.
    evidence: Vec<(usize, usize)>,
    /// What the viewer holds.
    roles: Vec<(Role, Scope, Vec<Permission>)>,
    /// Who asks: a person of the organisation, or nobody of it.
    viewer: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Scope {
    Tenant,
    Unit(usize),
    Line(usize),
    Case(usize),
}

fn organisation() -> impl Strategy<Value = Organisation> {
    (1..=MOST_PEOPLE).prop_flat_map(|size| {
        let managers: Vec<_> = (0..size).map(|index| prop::option::of(0..index.max(1))).collect();
        let scope = prop_oneof![
            Just(Scope::Tenant),
            (0..3usize).prop_map(Scope::Unit),
            (0..size).prop_map(Scope::Line),
            (0..size).prop_map(Scope::Case),
        ];
        let permissions = prop::sample::subsequence(Permission::ALL.to_vec(), 0..=Permission::ALL.len());
        let role = prop::sample::select(Role::ALL.to_vec());
        (
            managers,
            prop::collection::vec(prop::option::of(0..3usize), size),
            prop::collection::vec((0..size, 0..size), 0..6),
            prop::collection::vec((role, scope, permissions), 0..3),
            prop::option::weighted(0.8, 0..size),
        )
            .prop_map(|(managers, teams, evidence, roles, viewer)| {
                // The first has nobody before them.
                let managers = managers.into_iter().enumerate();
                let managers = managers.map(|(index, manager)| manager.filter(|_| index > 0)).collect();
                Organisation { managers, teams, evidence, roles, viewer }
            })
    })
}

/// The organisation with the ids of its rows.
struct Written {
    tenant: Tenant,
    people: Vec<Uuid>,
    teams: [Uuid; 3],
    evidence: Vec<Uuid>,
}

impl Written {
    fn new(world: &World, number: usize, shape: &Organisation) -> Self {
        let id = || world.ids.next();
        Self {
            tenant: Tenant::named(&format!("random-{number}")),
            people: shape.managers.iter().map(|_| id()).collect(),
            teams: [id(), id(), id()],
            evidence: shape.evidence.iter().map(|_| id()).collect(),
        }
    }

    /// Every row, written straight: what is tested is how they are read.
    async fn write(&self, db: &impl ConnectionTrait, shape: &Organisation) {
        let tenant = self.tenant.id.uuid();
        let run = async |sql: &str, values: Vec<Value>| {
            let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
            db.execute_raw(statement).await.unwrap();
        };
        for team in self.teams {
            let values = vec![team.into(), tenant.into(), team.to_string().into()];
            run("insert into team (id, tenant_id, key, title, revision) values ($1, $2, $3, $3, 1)", values)
                .await;
        }
        for (index, person) in self.people.iter().enumerate() {
            let manager = shape.managers[index].map(|manager| self.people[manager]);
            let team = shape.teams[index].map(|team| self.teams[team]);
            let name = format!("p{index}");
            let values = vec![(*person).into(), tenant.into(), name.into(), team.into(), manager.into()];
            let sql = "insert into person (id, tenant_id, external_id, display_name, discipline, team_id, manager_id,
                       revision) values ($1, $2, $3, $3, 'backend', $4, $5, 1)";
            run(sql, values).await;
            let number = i64::try_from(index).unwrap() + 1;
            let values = vec![tenant.into(), number.into(), (*person).into(), now().into()];
            let sql = "insert into audit_entry (tenant_id, number, id, at, actor_id, action, outcome, correlation, hash)
                       values ($1, $2, $3, $4, $3, 'test', 'DONE', $3, '')";
            run(sql, values).await;
            let values = vec![(*person).into(), tenant.into()];
            let sql = "insert into skill_record (id, tenant_id, person_id, skill_id, kind, revision)
                       values ($1, $2, $1, $1, 'COMPETENCY', 1)";
            run(sql, values).await;
        }
        for (id, (author, subject)) in self.evidence.iter().zip(&shape.evidence) {
            let values = vec![
                (*id).into(),
                tenant.into(),
                self.people[*subject].into(),
                self.people[*author].into(),
                now().date_naive().into(),
                now().into(),
            ];
            let sql = "insert into evidence (id, tenant_id, person_id, author_id, kind, title, body, links,
                       occurred_on, claims, state, recorded_at, revision)
                       values ($1, $2, $3, $4, 'COURSE', 't', 'b', '[]', $5, '[]', 'PROPOSED', $6, 1)";
            run(sql, values).await;
        }
    }

    fn viewer(&self, shape: &Organisation) -> Actor {
        let roles = shape.roles.iter().map(|(role, scope, permissions)| HeldRole {
            role: *role,
            scope: match *scope {
                Scope::Tenant => GrantScope::Tenant,
                Scope::Unit(team) => GrantScope::Unit(self.teams[team].into()),
                Scope::Line(person) => GrantScope::Line(self.people[person].into()),
                Scope::Case(person) => GrantScope::Case(self.people[person].into()),
            },
            permissions: permissions.clone(),
            until: None,
        });
        let person = shape.viewer.map(|index| PersonId::from(self.people[index]));
        Actor::human(self.tenant.clone(), "viewer", person, false).holding(roles.collect())
    }

    fn facts(&self, shape: &Organisation, person: usize, author: Option<usize>) -> Facts {
        let id = |index: usize| PersonId::from(self.people[index]);
        let lines: HashMap<PersonId, PersonId> = (shape.managers.iter().enumerate())
            .filter_map(|(index, manager)| Some((id(index), id((*manager)?))))
            .collect();
        Facts {
            person: id(person),
            team: shape.teams[person].map(|team| TeamId::from(self.teams[team])),
            above: reporting_chain(&lines, id(person)),
            author: author.map(|author| ActorId::from(id(author))),
        }
    }
}

fn all() -> PageRequest {
    PageRequest { limit: 100, backward: false, from: None }
}

async fn lists_hold_what_the_rules_allow(world: World) {
    let mut runner = TestRunner::deterministic();
    let mut written = Vec::new();
    // All first, so that every list is read among the rows of a thousand tenants.
    let transaction = world.root().await.begin().await.unwrap();
    for number in 0..ORGANISATIONS {
        let shape = organisation().new_tree(&mut runner).unwrap().current();
        let rows = Written::new(&world, number, &shape);
        rows.write(&transaction, &shape).await;
        written.push((rows, shape));
    }
    transaction.commit().await.unwrap();
    let mut seen = HashSet::new();
    for (rows, shape) in &written {
        compare(&world, rows, shape, &mut seen).await;
    }
    assert_eq!(seen.len(), 5, "each kind of list was once partly and never wholly empty: {seen:?}");
}

/// Holds every list against the rules; notes which lists held some but not all.
async fn compare(world: &World, rows: &Written, shape: &Organisation, seen: &mut HashSet<&'static str>) {
    let (db, viewer) = (&world.persistence, rows.viewer(shape));
    let people: Vec<PersonId> = rows.people.iter().map(|id| PersonId::from(*id)).collect();
    let allowed = |action: Action| -> BTreeSet<PersonId> {
        let may = |index: &usize| decide(&viewer, action, &rows.facts(shape, *index, None)).is_ok();
        (0..people.len()).filter(may).map(|index| people[index]).collect()
    };
    for action in Action::ALL {
        let found = db.within_reach(&viewer, action, &people).await.unwrap();
        assert_eq!(
            found.into_iter().collect::<BTreeSet<_>>(),
            allowed(action),
            "{}: {shape:?}",
            action.name()
        );
    }
    let mut note = |name, some: usize, of: usize| {
        if some > 0 && some < of {
            seen.insert(name);
        }
    };
    let listed = PeopleReader::people(db, &viewer, &PeopleFilter::default(), all()).await.unwrap();
    let listed: BTreeSet<_> = listed.items.into_iter().map(|(_, view)| view.id).collect();
    assert_eq!(listed, allowed(Action::ReadProfile), "people: {shape:?}");
    let records = ProgressReader::skill_records(db, &viewer, &people).await.unwrap();
    assert_eq!(records.keys().copied().collect::<BTreeSet<_>>(), allowed(Action::ReadProgress), "{shape:?}");
    note("records", records.len(), people.len());
    let readable: BTreeSet<Uuid> = (rows.evidence.iter().zip(&shape.evidence))
        .filter(|(_, (author, subject))| {
            decide(&viewer, Action::ReadEvidence, &rows.facts(shape, *subject, Some(*author))).is_ok()
        })
        .map(|(id, _)| *id)
        .collect();
    let filter = EvidenceFilter::default();
    let found = EvidenceReader::evidence(db, &viewer, &filter, all()).await.unwrap();
    assert_eq!(
        found.items.iter().map(|(_, view)| view.id.uuid()).collect::<BTreeSet<_>>(),
        readable,
        "{shape:?}"
    );
    let count = usize::try_from(db.evidence_count(&viewer, &filter).await.unwrap()).unwrap();
    assert_eq!(count, readable.len(), "what is counted is what is listed");
    note("evidence", readable.len(), rows.evidence.len());
    let entries = db.audit_trail(&viewer, &AuditFilter::default(), all()).await.unwrap();
    let actors: BTreeSet<Uuid> = entries.items.iter().map(|(_, entry)| entry.note.actor.uuid()).collect();
    let reached: BTreeSet<Uuid> = allowed(Action::ReadAudit).into_iter().map(DomainId::uuid).collect();
    assert_eq!(actors, reached, "the audit log: {shape:?}");
    note("audit", reached.len(), people.len());
    note("private", allowed(Action::ReadPrivateProfile).len(), people.len());
    note("attest", allowed(Action::AttestLevel).len(), people.len());
}

fn code(error: CommandError) -> RefusalCode {
    match error {
        CommandError::Refused(refusals) => refusals.0[0].code,
        CommandError::Port(fault) => panic!("a fault: {fault:?}"),
    }
}

fn partner_of(team: TeamId) -> RequestGrant {
    RequestGrant {
        subject: "jonas".to_owned(),
        role: Role::PeoplePartner,
        scope: GrantScope::Unit(team),
        permissions: Vec::new(),
        until: None,
    }
}

async fn a_grant_is_in_force_once_a_second_administrator_approves_it(world: World) {
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let payments = TeamId::for_key(world.tenant.id, "payments");
    let noor = world.by("noor").await;
    let roles = async || store.actor(&world.tenant, "jonas", now()).await.unwrap().roles;

    let refused = request_grant(store, ids, &world.by("mira").await, partner_of(payments)).await.unwrap_err();
    assert_eq!(code(refused), RefusalCode::Forbidden);
    let own = RequestGrant { subject: "noor".to_owned(), ..partner_of(payments) };
    assert_eq!(code(request_grant(store, ids, &noor, own).await.unwrap_err()), RefusalCode::SelfReview);

    let grant = request_grant(store, ids, &noor, partner_of(payments)).await.unwrap();
    assert!(roles().await.is_empty(), "asked for is not granted");
    assert_eq!(code(approve_grant(store, &noor, grant.id).await.unwrap_err()), RefusalCode::SelfReview);
    let second = RequestGrant {
        subject: "tomas".to_owned(),
        role: Role::TenantAdministrator,
        scope: GrantScope::Tenant,
        ..partner_of(payments)
    };
    let operator = world.operator();
    request_grant(store, ids, &operator, second).await.unwrap();
    let tomas = world.by("tomas").await;
    assert!(tomas.actor.holds(Role::TenantAdministrator), "what the operator grants is in force at once");
    approve_grant(store, &tomas, grant.id).await.unwrap();
    assert_eq!(roles().await.len(), 1);
    assert_eq!(store.grants(&noor.actor, all()).await.unwrap().items.len(), 2);
    assert_eq!(store.grants(&world.by("mira").await.actor, all()).await.unwrap().items.len(), 0);

    assert_eq!(
        code(revoke_grant(store, &world.by("mira").await, grant.id).await.unwrap_err()),
        RefusalCode::NotFound
    );
    revoke_grant(store, &noor, grant.id).await.unwrap();
    assert!(roles().await.is_empty());
}

async fn a_delegation_reaches_the_line_until_it_ends(world: World) {
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let [mira, jonas] = [world.person("mira").await, world.person("jonas").await];
    let may = async |at| {
        let jonas = store.actor(&world.tenant, "jonas", at).await.unwrap();
        store.within_reach(&jonas, Action::AttestLevel, &[mira]).await.unwrap().len()
    };
    assert_eq!(may(now()).await, 0);
    let input = DelegateLine { to: jonas, until: now() + Duration::days(10) };
    delegate_line(store, ids, &world.by("tomas").await, input).await.unwrap();
    assert_eq!(may(now()).await, 1);
    assert_eq!(may(now() + Duration::days(10)).await, 0, "it ends by itself");
    let too_long = DelegateLine { until: now() + Duration::days(91), ..input };
    let refused = delegate_line(store, ids, &world.by("tomas").await, too_long).await.unwrap_err();
    assert_eq!(code(refused), RefusalCode::Invalid);
}

async fn rights_have_an_epoch(world: World) {
    let epoch =
        async || world.persistence.epochs().await.unwrap().get(&world.tenant.id).copied().unwrap_or(0);
    assert_eq!(epoch().await, 0);
    world.organisation().await;
    let registered = epoch().await;
    assert!(registered > 0);
    world.evidence("mira", "mira", "Nothing of rights").await;
    assert_eq!(epoch().await, registered);
    let input = DelegateLine { to: world.person("jonas").await, until: now() + Duration::days(1) };
    delegate_line(&world.persistence, &*world.ids, &world.by("tomas").await, input).await.unwrap();
    assert_eq!(epoch().await, registered + 1);
}

async fn a_people_partner_does_not_become_a_manager(world: World) {
    world.organisation().await;
    let (store, ids) = (&world.persistence, &*world.ids);
    let [mira, jonas] = [world.person("mira").await, world.person("jonas").await];
    let payments = TeamId::for_key(world.tenant.id, "payments");
    request_grant(store, ids, &world.operator(), partner_of(payments)).await.unwrap();
    let partner = world.by("jonas").await;
    let own = ChangeManager { person: mira, manager: Some(jonas) };
    assert_eq!(code(change_manager(store, &partner, own).await.unwrap_err()), RefusalCode::SelfReview);
    let other = ChangeManager { person: mira, manager: Some(world.person("noor").await) };
    change_manager(store, &partner, other).await.unwrap();
}
