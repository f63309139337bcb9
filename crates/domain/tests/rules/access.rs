//! Who may do what: each cell of the table, held against people in every relation to the one who asks.

use crate::given::{administrator, context, days_ago, id, member, now, person, process, tenant};
use chrono::Duration;
use std::collections::BTreeSet;
use waymark_domain::access::{Action, Cell, Facts, Grant, GrantState, Reach, cell, decide, reach, scope};
use waymark_domain::kernel::{Actor, GrantId, GrantScope, HeldRole, Permission, RefusalCode, Role, TeamId};

const ME: u128 = 1;
const REPORT: u128 = 2;
const COLLEAGUE: u128 = 3;
const CANDIDATE: u128 = 4;
const TEAM: u128 = 50;

/// The people whom somebody may ask about, each in one relation to `ME`.
fn everybody() -> Vec<(&'static str, Facts)> {
    let facts = |number: u128, team: Option<u128>, above: &[u128]| Facts {
        person: person(number),
        team: team.map(id::<TeamId>),
        above: above.iter().map(|number| person(*number)).collect(),
        author: None,
    };
    vec![
        ("own", facts(ME, None, &[9])),
        ("line", facts(REPORT, None, &[8, ME, 9])),
        ("case", facts(CANDIDATE, None, &[9])),
        ("unit", facts(COLLEAGUE, Some(TEAM), &[9])),
        ("nobody", facts(7, Some(51), &[9])),
    ]
}

/// Somebody who holds nothing but this role, as a person where the role is one of people.
fn holding(role: Role) -> Actor {
    let nobody = Actor::human(tenant(), "somebody", None, false);
    let held = |scope| HeldRole { role, scope, permissions: Permission::ALL.to_vec(), until: None };
    match role {
        Role::Engineer => member(ME),
        Role::Manager => nobody.holding(vec![held(GrantScope::Line(person(ME)))]),
        Role::PanelMember => nobody.holding(vec![held(GrantScope::Case(person(CANDIDATE)))]),
        Role::PeoplePartner => nobody.holding(vec![held(GrantScope::Unit(id(TEAM)))]),
        Role::FrameworkOwner | Role::Service | Role::TenantAdministrator => nobody
            .holding(vec![HeldRole { permissions: Permission::ALL.to_vec(), ..HeldRole::tenant_wide(role) }]),
    }
}

fn reached(actor: &Actor, action: Action) -> BTreeSet<&'static str> {
    let allowed = |facts: &Facts| decide(actor, action, facts).is_ok();
    everybody().into_iter().filter(|(_, facts)| allowed(facts)).map(|(name, _)| name).collect()
}

/// What a cell means, said once more and by itself.
fn meant(action: Action, role: Role) -> BTreeSet<&'static str> {
    let all = || everybody().into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let mut meant = match cell(action, role) {
        Cell::Nobody => BTreeSet::new(),
        Cell::Everybody | Cell::With(_) => all(),
        Cell::Own => BTreeSet::from(["own"]),
        Cell::Line => BTreeSet::from(["line"]),
        Cell::Case => BTreeSet::from(["case"]),
        Cell::Unit => BTreeSet::from(["unit"]),
    };
    // A person has a line too, whether anybody is in it or not.
    if role == Role::Engineer && cell(action, Role::Manager) == Cell::Line {
        meant.insert("line");
    }
    meant
}

#[test]
fn every_cell_reaches_those_whom_it_names_and_nobody_else() {
    for action in Action::ALL {
        for role in Role::ALL {
            let actor = holding(role);
            assert_eq!(reached(&actor, action), meant(action, role), "{} as {}", action.name(), role.name());
        }
    }
}

#[test]
fn whoever_is_nobody_to_the_tenant_may_do_nothing() {
    let stranger = Actor::human(tenant(), "stranger", None, false);
    assert!(!stranger.is_member());
    for action in Action::ALL {
        assert_eq!(reach(&stranger, action), Reach::Related(BTreeSet::new()), "{}", action.name());
    }
}

#[test]
fn a_service_without_the_permission_may_do_nothing() {
    let held = HeldRole { permissions: vec![Permission::EventsRead], ..HeldRole::tenant_wide(Role::Service) };
    let service = Actor::human(tenant(), "ci", None, false).holding(vec![held]);
    for action in Action::ALL {
        let expected = if action == Action::FollowEvents { 5 } else { 0 };
        assert_eq!(reached(&service, action).len(), expected, "{}", action.name());
    }
}

#[test]
fn nobody_judges_themselves_whatever_they_hold() {
    let held = vec![
        HeldRole::tenant_wide(Role::PeoplePartner),
        HeldRole { scope: GrantScope::Case(person(ME)), ..HeldRole::tenant_wide(Role::PanelMember) },
    ];
    let partner = member(ME).holding(held);
    for action in [Action::AttestLevel, Action::VerifyEvidence] {
        let (_, own) = everybody().remove(0);
        assert_eq!(decide(&partner, action, &own).map_err(|r| r.code), Err(RefusalCode::SelfReview));
        assert!(!scope(&partner, action).covers(&own));
        assert_eq!(reached(&partner, action), BTreeSet::from(["line", "case", "unit", "nobody"]));
    }
}

#[test]
fn an_operator_does_everything_but_judge() {
    for action in Action::ALL {
        let expected = if action.is_judgement() { 0 } else { 5 };
        assert_eq!(reached(&process(), action).len(), expected, "{}", action.name());
    }
}

#[test]
fn what_somebody_wrote_they_may_read() {
    let (_, mut facts) = everybody().pop().unwrap();
    assert!(decide(&member(ME), Action::ReadEvidence, &facts).is_err());
    facts.author = Some(member(ME).id);
    assert!(decide(&member(ME), Action::ReadEvidence, &facts).is_ok());
    assert!(decide(&member(ME), Action::VerifyEvidence, &facts).is_err(), "which is not to confirm it");
}

fn grant(until: Option<i64>) -> Grant {
    let until = until.map(|days| now() + Duration::days(days));
    let held = HeldRole { until, ..HeldRole::tenant_wide(Role::FrameworkOwner) };
    Grant::requested(id::<GrantId>(1), "omar", held, &context(administrator(10)))
}

#[test]
fn a_grant_needs_a_second_administrator() {
    let holder = member(30).id;
    let table = [
        ("a second administrator", administrator(20), Ok(())),
        ("who asked for it", administrator(10), Err(RefusalCode::SelfReview)),
        ("who would hold it", administrator(30), Err(RefusalCode::SelfReview)),
    ];
    for (name, actor, expected) in table {
        let mut grant = grant(None);
        let result = grant.approve(&holder, &context(actor)).map_err(|refusal| refusal.code);
        assert_eq!(result, expected, "{name}");
        assert_eq!(grant.holds_at(now()), expected.is_ok(), "{name}");
    }
}

#[test]
fn a_grant_holds_from_its_approval_until_its_end_or_its_revocation() {
    let mut grant = grant(Some(10));
    assert_eq!(grant.state(), GrantState::Requested);
    grant.approve(&member(30).id, &context(administrator(20))).unwrap();
    assert!(!grant.holds_at(days_ago(1)), "not before");
    assert!(grant.holds_at(now()) && grant.holds_at(now() + Duration::days(9)));
    assert!(!grant.holds_at(now() + Duration::days(10)), "not from its end on");
    grant.revoke(now());
    assert!(!grant.holds_at(now()));
    let again = grant.approve(&member(30).id, &context(administrator(20))).map_err(|refusal| refusal.code);
    assert_eq!(again, Err(RefusalCode::IllegalTransition), "what is revoked stays so");
}

#[test]
fn whoever_asked_before_they_were_registered_is_still_the_same() {
    let before = Actor::human(tenant(), "ada", None, true);
    let after = Actor::human(tenant(), "ada", Some(person(40)), true);
    assert_ne!(before.id, after.id);
    let held = HeldRole::tenant_wide(Role::FrameworkOwner);
    let mut grant = Grant::requested(id::<GrantId>(1), "omar", held, &context(before.clone()));
    let own = grant.approve(&member(30).id, &context(after.clone())).map_err(|refusal| refusal.code);
    assert_eq!(own, Err(RefusalCode::SelfReview));
    assert!(after.goes_by(before.id) && !before.goes_by(after.id));
}
