//! The rules: how far an actor reaches, for one object and for lists.

use super::Action;
use super::table::{Cell, cell};
use crate::kernel::{
    Actor, ActorId, GrantScope, HeldRole, ObjectRef, PersonId, Refusal, RefusalCode, Role, Standing, TeamId,
    TenantId,
};
use std::collections::BTreeSet;

/// How a person is related to an actor, so that the actor reaches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// It is this person: oneself, or the one whose case a panel looks at.
    Is(PersonId),
    /// The person reports to this one, directly or through others.
    ReportsTo(PersonId),
    /// The person is a member of this team.
    MemberOf(TeamId),
    /// What it is about was written by this actor.
    WrittenBy(ActorId),
}

/// How far somebody reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// To everybody of the tenant.
    Everybody,
    /// To those with one of these relations; to nobody if there is none.
    Related(BTreeSet<Relation>),
}

/// What is known of the person whom something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The person.
    pub person: PersonId,
    /// Their team.
    pub team: Option<TeamId>,
    /// Everybody to whom they report, directly or through others.
    pub above: Vec<PersonId>,
    /// Who wrote it, for evidence.
    pub author: Option<ActorId>,
}

/// How far a list reaches. Only [`scope`] makes one, so a list without it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoped {
    tenant: TenantId,
    reach: Reach,
    but_not: Option<PersonId>,
}

impl Scoped {
    /// Whose data it is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// How far it reaches within the tenant.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Somebody to whom it does not reach, whatever their relations are.
    #[must_use]
    pub const fn but_not(&self) -> Option<PersonId> {
        self.but_not
    }

    /// Whether the person of these facts is within reach.
    #[must_use]
    pub fn covers(&self, facts: &Facts) -> bool {
        let related = |relation: &Relation| match *relation {
            Relation::Is(person) => facts.person == person,
            Relation::ReportsTo(manager) => facts.above.contains(&manager),
            Relation::MemberOf(team) => facts.team == Some(team),
            Relation::WrittenBy(actor) => facts.author == Some(actor),
        };
        let reached = match &self.reach {
            Reach::Everybody => true,
            Reach::Related(relations) => relations.iter().any(related),
        };
        reached && self.but_not != Some(facts.person)
    }
}

/// How far the actor reaches for this action.
#[must_use]
pub fn reach(actor: &Actor, action: Action) -> Reach {
    if action.is_judgement() && !actor.is_human() {
        return Reach::Related(BTreeSet::new());
    }
    if actor.standing == Standing::Operator {
        return Reach::Everybody;
    }
    let mut relations = BTreeSet::new();
    if let Some(person) = actor.person {
        let follows = [(Role::Engineer, GrantScope::Case(person)), (Role::Manager, GrantScope::Line(person))];
        for (role, scope) in follows {
            let held = HeldRole { role, scope, permissions: Vec::new(), until: None };
            if extend(&mut relations, cell(action, role), &held) {
                return Reach::Everybody;
            }
        }
    }
    for held in &actor.roles {
        if extend(&mut relations, cell(action, held.role), held) {
            return Reach::Everybody;
        }
    }
    if action == Action::ReadEvidence && actor.is_member() {
        relations.insert(Relation::WrittenBy(actor.id));
    }
    Reach::Related(relations)
}

/// Adds what a held role gives; says whether that is everybody.
fn extend(relations: &mut BTreeSet<Relation>, cell: Cell, held: &HeldRole) -> bool {
    match (cell, held.scope) {
        (Cell::Everybody, _) | (Cell::Unit, GrantScope::Tenant) => return true,
        (Cell::With(permission), _) => return held.permissions.contains(&permission),
        (Cell::Own | Cell::Case, GrantScope::Case(person)) => relations.insert(Relation::Is(person)),
        (Cell::Line, GrantScope::Line(manager)) => relations.insert(Relation::ReportsTo(manager)),
        (Cell::Unit, GrantScope::Unit(team)) => relations.insert(Relation::MemberOf(team)),
        _ => false,
    };
    false
}

/// What lists of this action hold for the actor.
#[must_use]
pub fn scope(actor: &Actor, action: Action) -> Scoped {
    let but_not = actor.person.filter(|_| action.is_judgement());
    Scoped { tenant: actor.tenant.id, reach: reach(actor, action), but_not }
}

/// Whether the actor may do this to the person of these facts.
///
/// # Errors
/// `SelfReview` for judging oneself, else `Forbidden`.
pub fn decide(actor: &Actor, action: Action, facts: &Facts) -> Result<(), Refusal> {
    if scope(actor, action).covers(facts) {
        return Ok(());
    }
    if action.is_judgement() && actor.is(facts.person) {
        let message = "Nobody judges themselves: levels and evidence are confirmed by others.";
        return Err(Refusal::new(RefusalCode::SelfReview, message).about(ObjectRef::person(facts.person)));
    }
    Err(forbidden(action).about(ObjectRef::person(facts.person)))
}

/// Whether the actor may do this to what belongs to the whole tenant.
///
/// # Errors
/// `Forbidden`.
pub fn decide_tenant(actor: &Actor, action: Action) -> Result<(), Refusal> {
    match reach(actor, action) {
        Reach::Everybody => Ok(()),
        Reach::Related(_) => Err(forbidden(action)),
    }
}

fn forbidden(action: Action) -> Refusal {
    Refusal::new(RefusalCode::Forbidden, format!("You may not {}.", action.phrase()))
}
