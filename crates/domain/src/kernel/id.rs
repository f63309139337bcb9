//! Typed identifiers. A person's id cannot be handed over where a skill's is asked for.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// An identifier of one kind of thing.
pub trait DomainId:
    Copy + Eq + std::hash::Hash + Ord + fmt::Display + From<Uuid> + Send + Sync + 'static
{
    /// The bare identifier.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl DomainId for $name {
            fn uuid(self) -> Uuid {
                self.0
            }
        }
    )+};
}

ids! {
    /// A tenant.
    TenantId,
    /// Whoever acts, pseudonymously: the person's id where there is one.
    ActorId,
    /// A framework over all its versions.
    FrameworkId,
    /// One version of a framework.
    FrameworkVersionId,
    /// A skill; the same over all versions of its framework.
    SkillId,
    /// A track of one framework.
    TrackId,
    /// A position of one framework version.
    PositionId,
    /// A person.
    PersonId,
    /// A team.
    TeamId,
    /// A piece of evidence.
    EvidenceId,
    /// A person's record of one skill.
    SkillRecordId,
    /// One item that a skill record rests on.
    ItemId,
    /// A role granted to somebody.
    GrantId,
    /// A request to erase a person.
    ErasureRequestId,
    /// An entry of the audit log.
    AuditEntryId,
    /// An export of a person's data.
    DataExportId,
    /// What a person agreed to.
    ConsentId,
}

/// Namespace of all ids that follow from a name (UUID version 5, RFC 9562 section 5.5).
const NAMESPACE: Uuid = Uuid::from_bytes([
    0x8d, 0x5d, 0x2c, 0x1e, 0x3f, 0x0a, 0x5b, 0x6c, 0x9a, 0x77, 0x41, 0xd4, 0x10, 0x6e, 0x2b, 0x93,
]);

fn derived(scope: Uuid, kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&scope, format!("{kind}:{name}").as_bytes())
}

impl TenantId {
    /// The id of the tenant with this key.
    #[must_use]
    pub fn for_key(key: &str) -> Self {
        Self(derived(NAMESPACE, "tenant", key))
    }
}

impl ActorId {
    /// The id of a token's subject without a registered person.
    #[must_use]
    pub fn for_subject(tenant: TenantId, subject: &str) -> Self {
        Self(derived(tenant.0, "actor", subject))
    }
}

impl From<PersonId> for ActorId {
    fn from(person: PersonId) -> Self {
        Self(person.0)
    }
}

impl FrameworkId {
    /// The id of the tenant's framework with this key: importing it again is a new version of it.
    #[must_use]
    pub fn for_key(tenant: TenantId, key: &str) -> Self {
        Self(derived(tenant.0, "framework", key))
    }
}

impl FrameworkVersionId {
    /// The id of the framework's n-th version.
    #[must_use]
    pub fn for_version(framework: FrameworkId, version: u32) -> Self {
        Self(derived(framework.0, "version", &version.to_string()))
    }
}

impl SkillId {
    /// The id of the framework's skill with this key; stable over versions.
    #[must_use]
    pub fn for_key(framework: FrameworkId, key: &str) -> Self {
        Self(derived(framework.0, "skill", key))
    }
}

impl TrackId {
    /// The id of the framework's track with this key.
    #[must_use]
    pub fn for_key(framework: FrameworkId, key: &str) -> Self {
        Self(derived(framework.0, "track", key))
    }
}

impl PositionId {
    /// The id of the version's position with this key: a position belongs to exactly one version.
    #[must_use]
    pub fn for_key(version: FrameworkVersionId, key: &str) -> Self {
        Self(derived(version.0, "position", key))
    }
}

impl TeamId {
    /// The id of the tenant's team with this key.
    #[must_use]
    pub fn for_key(tenant: TenantId, key: &str) -> Self {
        Self(derived(tenant.0, "team", key))
    }
}

impl SkillRecordId {
    /// The id of the person's record of this skill: there is at most one.
    #[must_use]
    pub fn of(person: PersonId, skill: SkillId) -> Self {
        Self(derived(person.0, "skill-record", &skill.0.to_string()))
    }
}
