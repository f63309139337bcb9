//! What people and services are to an organisation, and how far that reaches.

use super::{PersonId, TeamId};
use chrono::{DateTime, Utc};

/// What somebody is to the organisation. What each role may do is in `access/table.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Every registered person.
    Engineer,
    /// Somebody to whom others report, directly or through others; or to whom a manager delegated that.
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

impl Role {
    /// Every role, in the order of the table's columns.
    pub const ALL: [Self; 7] = [
        Self::Engineer,
        Self::Manager,
        Self::PanelMember,
        Self::PeoplePartner,
        Self::FrameworkOwner,
        Self::Service,
        Self::TenantAdministrator,
    ];

    /// Its name in the table, in rows and in commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Engineer => "engineer",
            Self::Manager => "manager",
            Self::PanelMember => "panel-member",
            Self::PeoplePartner => "people-partner",
            Self::FrameworkOwner => "framework-owner",
            Self::Service => "service",
            Self::TenantAdministrator => "tenant-administrator",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What a service may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 7] = [
        Self::PeopleRead,
        Self::PeoplePrivateRead,
        Self::PeopleWrite,
        Self::EvidenceRead,
        Self::EvidenceCreate,
        Self::ProgressRead,
        Self::EventsRead,
    ];

    /// Its name, as OAuth scopes are written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PeopleRead => "people:read",
            Self::PeoplePrivateRead => "people:read-private",
            Self::PeopleWrite => "people:write",
            Self::EvidenceRead => "evidence:read",
            Self::EvidenceCreate => "evidence:create",
            Self::ProgressRead => "progress:read",
            Self::EventsRead => "events:read",
        }
    }

    /// The permission of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }
}

/// How far a granted role reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantScope {
    /// The whole tenant.
    Tenant,
    /// The people of a team.
    Unit(TeamId),
    /// Everybody who reports to this person, directly or through others.
    Line(PersonId),
    /// One person: the case that a panel looks at.
    Case(PersonId),
}

/// A role that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role: Role,
    /// How far it reaches.
    pub scope: GrantScope,
    /// What a service may do; empty for people.
    pub permissions: Vec<Permission>,
    /// When it ends, unless it is revoked before; without an end if none.
    pub until: Option<DateTime<Utc>>,
}

impl HeldRole {
    /// The role for the whole tenant, without an end.
    #[must_use]
    pub const fn tenant_wide(role: Role) -> Self {
        Self { role, scope: GrantScope::Tenant, permissions: Vec::new(), until: None }
    }
}
