//! Who acts, for which tenant, and what a command carries besides its own input.

use super::{ActorId, Claim, HeldRole, PersonId, Refusal, Role, TenantId};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// An organisation whose data is kept apart from all others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenant {
    /// Identifies the tenant in every row.
    pub id: TenantId,
    /// Names the tenant in the source of its events (`/waymark/<key>`).
    pub key: String,
}

impl Tenant {
    /// The tenant with this key; its id follows from the key, so that every process agrees on it.
    #[must_use]
    pub fn named(key: &str) -> Self {
        Self { id: TenantId::for_key(key), key: key.to_owned() }
    }
}

/// What kind of actor somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A human, with the roles that they hold.
    Human,
    /// A program that came with a token of its own: never attests or verifies.
    Service,
    /// A process that acts on an operator's behalf, beside the API: does everything but judge people.
    Operator,
}

/// The one who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Pseudonymous id, as written into events.
    pub id: ActorId,
    /// The id of the subject of their tokens: what they went by before they were registered as a person.
    pub subject: ActorId,
    /// Whose data the actor may touch at all.
    pub tenant: Tenant,
    /// The person behind the actor, if registered.
    pub person: Option<PersonId>,
    /// What kind of actor it is.
    pub standing: Standing,
    /// Roles that were granted; what follows from being a person and from reporting lines comes beside them.
    pub roles: Vec<HeldRole>,
}

impl Actor {
    /// The actor behind the subject of a token: the registered person if there is one. Administrators are those whom
    /// the operator names: they set an organisation up, so they own its frameworks too.
    #[must_use]
    pub fn human(tenant: Tenant, subject: &str, person: Option<PersonId>, administrator: bool) -> Self {
        let subject = ActorId::for_subject(tenant.id, subject);
        let id = person.map_or(subject, ActorId::from);
        let roles = match administrator {
            true => [Role::TenantAdministrator, Role::FrameworkOwner].map(HeldRole::tenant_wide).to_vec(),
            false => Vec::new(),
        };
        Self { id, subject, tenant, person, standing: Standing::Human, roles }
    }

    /// The same, with roles that were granted. Who holds the role of a service is one.
    #[must_use]
    pub fn holding(mut self, roles: Vec<HeldRole>) -> Self {
        if roles.iter().any(|held| held.role == Role::Service) {
            self.standing = Standing::Service;
        }
        self.roles.extend(roles);
        self
    }

    /// A process that acts on an operator's behalf, such as `waymark import`.
    #[must_use]
    pub fn operator(tenant: Tenant, name: &str) -> Self {
        let id = ActorId::for_subject(tenant.id, name);
        Self { id, subject: id, tenant, person: None, standing: Standing::Operator, roles: Vec::new() }
    }

    /// Whether a human acts.
    #[must_use]
    pub fn is_human(&self) -> bool {
        self.standing == Standing::Human
    }

    /// Whether the actor is this person.
    #[must_use]
    pub fn is(&self, person: PersonId) -> bool {
        self.person == Some(person)
    }

    /// Whether this is an id of the actor, now or from before they were registered: whoever must be somebody else than the
    /// one who did something is held against both.
    #[must_use]
    pub fn goes_by(&self, id: ActorId) -> bool {
        id == self.id || id == self.subject
    }

    /// Whether the actor belongs to the tenant at all: as a person, or by a role.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.person.is_some() || !self.roles.is_empty() || self.standing == Standing::Operator
    }

    /// Whether the actor holds this role, however far.
    #[must_use]
    pub fn holds(&self, role: Role) -> bool {
        self.roles.iter().any(|held| held.role == role)
    }
}

/// The trace that a command belongs to, as W3C Trace Context writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// `traceparent` header.
    pub parent: Option<String>,
    /// `tracestate` header.
    pub state: Option<String>,
}

/// What every command carries: who acts, when, and in which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandContext {
    /// The one who acts.
    pub actor: Actor,
    /// What is done, as the audit log names it: a mutation, or a command of the operator.
    pub action: String,
    /// The time of the command; every row and event that it causes bears it.
    pub at: DateTime<Utc>,
    /// The request that caused the command; correlates its events.
    pub correlation: Uuid,
    /// The trace that goes on in the broker.
    pub trace: TraceContext,
    /// The right to do it once, if the caller gave a key.
    pub claim: Option<Claim>,
    /// The version at which the caller saw what is to change, if they said it.
    pub expected_version: Option<i64>,
}

impl CommandContext {
    /// A command without a trace and without a key.
    #[must_use]
    pub fn new(actor: Actor, action: &str, at: DateTime<Utc>, correlation: Uuid) -> Self {
        let (action, trace) = (action.to_owned(), TraceContext::default());
        Self { actor, action, at, correlation, trace, claim: None, expected_version: None }
    }

    /// The same, for something that is at this version, if the caller said one.
    #[must_use]
    pub fn at_version(mut self, expected: Option<i64>) -> Self {
        self.expected_version = expected;
        self
    }

    /// Whether what is to change is still at the version at which the caller saw it.
    ///
    /// # Errors
    /// `Conflict` with the current version when it is not.
    pub fn expect(&self, current: i64) -> Result<(), Refusal> {
        match self.expected_version {
            Some(expected) if expected != current => Err(Refusal::outdated(current)),
            _ => Ok(()),
        }
    }

    /// The calendar day (UTC) of the command.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.at.date_naive()
    }
}
