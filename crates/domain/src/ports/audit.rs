//! The audit log: noting, reading, verifying.

use super::{Condition, Page, PageRequest, PortError};
use crate::audit::{Anchor, AuditEntry, AuditNote, AuditOutcome, Verification};
use crate::kernel::{Actor, ActorId, PersonId, TenantId};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Notes what no transaction of an effect notes: denials, and reads of what only a few may read. What commits is noted
/// by [`Store::save`](super::Store::save) itself.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Notes all of it, or nothing. It is sealed into its chain a little later.
    async fn note(&self, notes: &[AuditNote]) -> Result<(), PortError>;
}

/// A test of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditTest {
    /// One of these acted.
    Actor(Vec<ActorId>),
    /// It concerns one of these people.
    Person(Vec<PersonId>),
    /// It was tried on one of these things.
    Object(Vec<Uuid>),
    /// One of these was tried.
    Action(Vec<String>),
    /// It ended in one of these ways.
    Outcome(Vec<AuditOutcome>),
    /// It belongs to one of these requests.
    Correlation(Vec<Uuid>),
    /// At this moment or later.
    From(DateTime<Utc>),
    /// At this moment or earlier.
    Until(DateTime<Utc>),
}

/// Which entries a list holds; the newest come first.
pub type AuditFilter = Condition<AuditTest>;

/// Reads sealed entries, and verifies chains.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// Entries of those whom the viewer reaches, the newest first. What was noted within the last second may not be
    /// among them yet.
    async fn audit_trail(
        &self,
        viewer: &Actor,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, PortError>;

    /// How many entries the filter lets through.
    async fn audit_count(&self, viewer: &Actor, filter: &AuditFilter) -> Result<u64, PortError>;

    /// Looks at no more than `most` entries after this place, which is itself held against the chain.
    async fn audit_verify(
        &self,
        tenant: TenantId,
        after: &Anchor,
        most: u32,
    ) -> Result<Verification, PortError>;
}
