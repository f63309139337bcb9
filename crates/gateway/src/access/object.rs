//! Types of roles and grants.

use crate::people::{Person, Team};
use crate::relay::{GlobalId, NodeType};
use crate::scalars::DateTime;
use crate::services::loaders;
use async_graphql::{Context, Enum, ID, Object, Result};
use waymark_domain::access::{GrantState as DomainState, GrantView};
use waymark_domain::kernel::{self, DomainId};

/// What somebody is to the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "kernel::Role")]
pub enum Role {
    /// Every registered person.
    Engineer,
    /// Somebody to whom others report, or who stands in for such a person.
    Manager,
    /// Looks at one person's case as a member of a panel.
    PanelMember,
    /// Looks after the people of a team, or of the tenant.
    PeoplePartner,
    /// Looks after the tenant's frameworks.
    FrameworkOwner,
    /// A program with permissions of its own.
    Service,
    /// Looks after the tenant: people, teams, roles. Sees no more of people than everybody does.
    TenantAdministrator,
}

/// What a service may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "kernel::Permission")]
pub enum Permission {
    /// Read everybody's basic profile.
    PeopleRead,
    /// Read everybody's private profile.
    PeoplePrivateRead,
    /// Import and change people.
    PeopleWrite,
    /// Read evidence.
    EvidenceRead,
    /// Record evidence about anybody, as proposals.
    EvidenceCreate,
    /// Read levels and readiness.
    ProgressRead,
    /// Follow people's events.
    EventsRead,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainState")]
pub enum GrantState {
    /// Asked for; a second administrator has to approve it.
    Requested,
    /// Approved; in force within its times.
    Active,
    /// Taken back, or refused.
    Revoked,
}

/// A role that somebody holds, and how far it reaches.
pub(crate) struct HeldRole(pub kernel::HeldRole);

/// A role that somebody holds, and how far it reaches.
#[Object]
impl HeldRole {
    /// The role.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The team for which it is held; null where it is for something else.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        let kernel::GrantScope::Unit(team) = self.0.scope else { return Ok(None) };
        Ok(loaders(ctx)?.one(team).await?.map(Team))
    }

    /// The person whose line or case it is for; null where it is for something else.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        match self.0.scope {
            kernel::GrantScope::Line(person) | kernel::GrantScope::Case(person) => {
                Ok(loaders(ctx)?.one(person).await?.map(Person))
            }
            kernel::GrantScope::Tenant | kernel::GrantScope::Unit(_) => Ok(None),
        }
    }

    /// What a service may do; empty for people.
    #[graphql(complexity = "crate::relay::list_cost(7, child_complexity)")]
    async fn permissions(&self) -> Vec<Permission> {
        self.0.permissions.iter().copied().map(Into::into).collect()
    }

    /// When it ends; null for one without an end.
    async fn until(&self) -> Option<DateTime> {
        self.0.until.map(DateTime)
    }
}

/// A role granted to the subject of tokens.
pub(crate) struct Grant(pub GrantView);

impl From<GrantView> for Grant {
    fn from(view: GrantView) -> Self {
        Self(view)
    }
}

/// A role granted to the subject of tokens.
#[Object]
impl Grant {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Grant, self.0.id)
    }

    /// Subject of the tokens of whoever holds it: a person's external id, or a service's client id.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What is held, and how far.
    async fn held(&self) -> HeldRole {
        HeldRole(self.0.held.clone())
    }

    /// Where it stands.
    async fn state(&self) -> GrantState {
        self.0.state().into()
    }

    /// When it begins.
    async fn from(&self) -> DateTime {
        DateTime(self.0.from)
    }

    /// Pseudonymous id of whoever asked for it.
    async fn requested_by_id(&self) -> ID {
        ID(self.0.requested_by.uuid().to_string())
    }

    /// Pseudonymous id of whoever approved it.
    async fn approved_by_id(&self) -> Option<ID> {
        self.0.approved_by.map(|id| ID(id.uuid().to_string()))
    }

    /// When it was taken back.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }
}
