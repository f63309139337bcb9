//! What the rules need from the world. Persistence and the server implement it.
//!
//! Not found is `None` or a missing entry, never an error. A viewer sees only the own tenant; readers apply
//! that inside their SQL. Lists come as keyset pages; everything else comes in batches, so that a query per
//! item cannot be written.

mod audit;
mod feed;
mod filter;
mod keys;
mod page;
mod readers;

pub use audit::{AuditFilter, AuditLog, AuditReader, AuditTest};
pub use feed::{EventFeed, FeedEvent, FeedPosition};
pub use filter::{
    Condition, EvidenceFilter, EvidenceOrder, EvidenceTest, PeopleFilter, PeopleOrder, PersonTest, TextTest,
};
pub use keys::{Claimed, Keys, MutationKey};
pub use page::{Page, PageKey, PageRequest};
pub use readers::{
    AccessReader, EvidenceReader, FrameworkReader, FrameworkView, PeopleReader, PrivacyReader,
    ProgressReader, Readers,
};

use crate::access::Grant;
use crate::evidence::Evidence;
use crate::framework::{Catalogue, FrameworkVersion};
use crate::kernel::{
    Actor, Change, CommandContext, ErasureRequestId, EvidenceId, FrameworkId, FrameworkVersionId, GrantId,
    Key, PersonId, PositionId, Refusal, Refusals, TeamId, Tenant, TenantId,
};
use crate::people::{Person, Team};
use crate::privacy::{Consent, ErasureRequest};
use crate::progress::SkillRecord;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use thiserror::Error;
use uuid::Uuid;

/// A fault of a port. Its cause is for the log, not for callers.
#[derive(Debug, Error)]
pub enum PortError {
    /// Somebody else changed the same aggregate meanwhile.
    #[error("somebody else changed it meanwhile")]
    Conflict,
    /// The database does not answer; trying again may help.
    #[error("the database does not answer")]
    Unavailable(#[source] BoxError),
    /// Anything else.
    #[error("the database answered with a fault")]
    Internal(#[source] BoxError),
}

/// The cause of a fault.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How a command ends when it does not succeed.
#[derive(Debug, Error)]
pub enum CommandError {
    /// Expected: a rule refused it. Nothing was changed.
    #[error("{0}")]
    Refused(Refusals),
    /// A fault.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Refusals> for CommandError {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals)
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// Makes new ids.
pub trait Ids: Send + Sync {
    /// A new id, in time order (UUID version 7).
    fn next(&self) -> Uuid;
}

/// Finds the actor behind a token's subject.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The actor, with the roles that they hold at this moment.
    async fn actor(&self, tenant: &Tenant, subject: &str, at: DateTime<Utc>) -> Result<Actor, PortError>;
}

/// Loads aggregates for commands, and is the only way to write.
#[async_trait]
pub trait Store: Send + Sync {
    /// The framework's version with the highest number, in any state.
    async fn latest_version(
        &self,
        tenant: TenantId,
        framework: FrameworkId,
    ) -> Result<Option<FrameworkVersion>, PortError>;

    /// The framework's published version with the highest number.
    async fn published_version(
        &self,
        tenant: TenantId,
        framework: FrameworkId,
    ) -> Result<Option<FrameworkVersion>, PortError>;

    /// The version with this id.
    async fn version(
        &self,
        tenant: TenantId,
        id: FrameworkVersionId,
    ) -> Result<Option<FrameworkVersion>, PortError>;

    /// The published catalogue to which a position belongs.
    async fn catalogue_of(
        &self,
        tenant: TenantId,
        position: PositionId,
    ) -> Result<Option<Arc<Catalogue>>, PortError>;

    /// The newest published catalogue of every framework of the tenant.
    async fn catalogues(&self, tenant: TenantId) -> Result<Vec<Arc<Catalogue>>, PortError>;

    /// The persons with these ids.
    async fn people(&self, tenant: TenantId, ids: &[PersonId]) -> Result<Vec<Person>, PortError>;

    /// The persons with these external ids.
    async fn people_by_external_ids(
        &self,
        tenant: TenantId,
        external_ids: &[String],
    ) -> Result<Vec<Person>, PortError>;

    /// The persons with these e-mail addresses, whatever their letters' case.
    async fn people_by_emails(&self, tenant: TenantId, emails: &[String]) -> Result<Vec<Person>, PortError>;

    /// Who reports to whom, on every way up from these persons: person -> manager.
    async fn reporting_lines(
        &self,
        tenant: TenantId,
        of: &[PersonId],
    ) -> Result<HashMap<PersonId, PersonId>, PortError>;

    /// The teams with these ids.
    async fn teams(&self, tenant: TenantId, ids: &[TeamId]) -> Result<Vec<Team>, PortError>;

    /// The evidence with this id.
    async fn evidence(&self, tenant: TenantId, id: EvidenceId) -> Result<Option<Evidence>, PortError>;

    /// Every skill record of the person, with all items that count or counted.
    async fn skill_records(&self, tenant: TenantId, person: PersonId) -> Result<Vec<SkillRecord>, PortError>;

    /// Those who report directly to this person.
    async fn reports(&self, tenant: TenantId, person: PersonId) -> Result<Vec<Person>, PortError>;

    /// The request for erasure with this id.
    async fn erasure(
        &self,
        tenant: TenantId,
        id: ErasureRequestId,
    ) -> Result<Option<ErasureRequest>, PortError>;

    /// The request for the erasure of this person that awaits its decision.
    async fn open_erasure(
        &self,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<Option<ErasureRequest>, PortError>;

    /// Everything that the person agreed to for this purpose, the taken back included.
    async fn consents(
        &self,
        tenant: TenantId,
        person: PersonId,
        purpose: &Key,
    ) -> Result<Vec<Consent>, PortError>;

    /// The grant with this id.
    async fn grant(&self, tenant: TenantId, id: GrantId) -> Result<Option<Grant>, PortError>;

    /// Saves all changes and appends their events in one transaction: all of it, or nothing.
    ///
    /// # Errors
    /// `Conflict` when an aggregate is no longer at the revision that was loaded.
    async fn save(&self, changes: Vec<Change>, context: &CommandContext) -> Result<(), PortError>;
}
