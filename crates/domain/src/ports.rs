//! What the rules need from the world. Persistence and the server implement it.
//!
//! Not found is `None` or a missing entry, never an error. A viewer sees only the own tenant; readers apply
//! that inside their SQL. Lists come as keyset pages; everything else comes in batches, so that a query per
//! item cannot be written.

use crate::evidence::{Evidence, EvidenceState, EvidenceView};
use crate::framework::{Catalogue, FrameworkVersion};
use crate::kernel::{
    Actor, Change, CommandContext, EvidenceId, FrameworkId, FrameworkVersionId, PersonId, PositionId,
    Refusal, Refusals, SkillId, SkillRecordId, TeamId, Tenant, TenantId,
};
use crate::people::{AssignmentView, Person, PersonView, Team, TeamView};
use crate::progress::{SkillRecord, SkillRecordView};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_core::stream::BoxStream;
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
    /// The actor, with what they may do now.
    async fn actor(&self, tenant: &Tenant, subject: &str) -> Result<Actor, PortError>;
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

    /// Saves all changes and appends their events in one transaction: all of it, or nothing.
    ///
    /// # Errors
    /// `Conflict` when an aggregate is no longer at the revision that was loaded.
    async fn save(&self, changes: Vec<Change>, context: &CommandContext) -> Result<(), PortError>;
}

/// A place in an ordered list: the sort value of an entry, and its id to break ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageKey {
    /// The value by which the list is ordered, as text that sorts like it.
    pub sort: String,
    /// The entry.
    pub id: Uuid,
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Most entries, 1 to 100.
    pub limit: u32,
    /// Whether the page ends at `from` (last/before) instead of beginning there (first/after).
    pub backward: bool,
    /// The entry next to the page, itself excluded; the list's end if none.
    pub from: Option<PageKey>,
}

/// A page of a list, in the list's order.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries with their places.
    pub items: Vec<(PageKey, T)>,
    /// Whether entries come before the page.
    pub has_previous: bool,
    /// Whether entries come after the page.
    pub has_next: bool,
}

/// A framework as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameworkView {
    /// The framework.
    pub id: FrameworkId,
    /// Its key.
    pub key: String,
    /// Ids of its versions, newest first.
    pub versions: Vec<FrameworkVersionId>,
    /// Its newest published version.
    pub published: Option<FrameworkVersionId>,
}

/// Which people a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Only members of this team.
    pub team: Option<TeamId>,
    /// Only who reports directly to this person.
    pub manager: Option<PersonId>,
}

/// Which evidence a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceFilter {
    /// Only about this person.
    pub person: Option<PersonId>,
    /// Only in this state.
    pub state: Option<EvidenceState>,
}

/// Reads frameworks.
#[async_trait]
pub trait FrameworkReader: Send + Sync {
    /// Frameworks by key.
    async fn frameworks(&self, viewer: &Actor, page: PageRequest) -> Result<Page<FrameworkView>, PortError>;
    /// How many frameworks there are.
    async fn frameworks_count(&self, viewer: &Actor) -> Result<u64, PortError>;
    /// The frameworks with these ids.
    async fn frameworks_by_ids(
        &self,
        viewer: &Actor,
        ids: &[FrameworkId],
    ) -> Result<HashMap<FrameworkId, FrameworkView>, PortError>;
    /// The versions with these ids, ready for look-ups.
    async fn catalogues(
        &self,
        viewer: &Actor,
        ids: &[FrameworkVersionId],
    ) -> Result<HashMap<FrameworkVersionId, Arc<Catalogue>>, PortError>;
    /// The newest published version that has each skill.
    async fn catalogues_of_skills(
        &self,
        viewer: &Actor,
        ids: &[SkillId],
    ) -> Result<HashMap<SkillId, Arc<Catalogue>>, PortError>;
    /// The version to which each position belongs.
    async fn catalogues_of_positions(
        &self,
        viewer: &Actor,
        ids: &[PositionId],
    ) -> Result<HashMap<PositionId, Arc<Catalogue>>, PortError>;
}

/// Reads people and teams.
#[async_trait]
pub trait PeopleReader: Send + Sync {
    /// People by display name.
    async fn people(
        &self,
        viewer: &Actor,
        filter: &PeopleFilter,
        page: PageRequest,
    ) -> Result<Page<PersonView>, PortError>;
    /// How many people the filter lets through.
    async fn people_count(&self, viewer: &Actor, filter: &PeopleFilter) -> Result<u64, PortError>;
    /// The persons with these ids.
    async fn people_by_ids(
        &self,
        viewer: &Actor,
        ids: &[PersonId],
    ) -> Result<HashMap<PersonId, PersonView>, PortError>;
    /// The person with this external id.
    async fn person_by_external_id(
        &self,
        viewer: &Actor,
        external_id: &str,
    ) -> Result<Option<PersonView>, PortError>;
    /// Everything that is known now about the assignments of these persons, newest first.
    async fn assignments(
        &self,
        viewer: &Actor,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Vec<AssignmentView>>, PortError>;
    /// Teams by title.
    async fn teams(&self, viewer: &Actor, page: PageRequest) -> Result<Page<TeamView>, PortError>;
    /// How many teams there are.
    async fn teams_count(&self, viewer: &Actor) -> Result<u64, PortError>;
    /// The teams with these ids.
    async fn teams_by_ids(
        &self,
        viewer: &Actor,
        ids: &[TeamId],
    ) -> Result<HashMap<TeamId, TeamView>, PortError>;
}

/// Reads evidence.
#[async_trait]
pub trait EvidenceReader: Send + Sync {
    /// Evidence, the newest day first.
    async fn evidence(
        &self,
        viewer: &Actor,
        filter: &EvidenceFilter,
        page: PageRequest,
    ) -> Result<Page<EvidenceView>, PortError>;
    /// How much evidence the filter lets through.
    async fn evidence_count(&self, viewer: &Actor, filter: &EvidenceFilter) -> Result<u64, PortError>;
    /// The evidence with these ids.
    async fn evidence_by_ids(
        &self,
        viewer: &Actor,
        ids: &[EvidenceId],
    ) -> Result<HashMap<EvidenceId, EvidenceView>, PortError>;
}

/// Reads levels.
#[async_trait]
pub trait ProgressReader: Send + Sync {
    /// All skill records of each person.
    async fn skill_records(
        &self,
        viewer: &Actor,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Vec<SkillRecordView>>, PortError>;
    /// The skill records with these ids.
    async fn skill_records_by_ids(
        &self,
        viewer: &Actor,
        ids: &[SkillRecordId],
    ) -> Result<HashMap<SkillRecordId, SkillRecordView>, PortError>;
}

/// A place in a person's feed: how far it was read in each of the person's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedPosition {
    /// Sequence of the last event read of the progress topic.
    pub progress: i64,
    /// Sequence of the last event read of the evidence topic.
    pub evidence: i64,
}

/// An event as a feed shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedEvent {
    /// Identifies the event; the same as on the topic.
    pub id: Uuid,
    /// `career.<name>.v<n>`.
    pub event_type: String,
    /// Whom it concerns.
    pub person: PersonId,
    /// What it is about, for instance `evidence/<id>`.
    pub subject: String,
    /// Its sequence in its topic, for the person.
    pub sequence: i64,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The payload as JSON text.
    pub data: String,
    /// Where to go on after this event.
    pub position: FeedPosition,
}

/// The durable event log as a live feed.
#[async_trait]
pub trait EventFeed: Send + Sync {
    /// The person's events after `from`, then every new one as it is committed, without gap or repeat.
    /// Without `from` only new events come.
    async fn follow(
        &self,
        viewer: &Actor,
        person: PersonId,
        from: Option<FeedPosition>,
    ) -> Result<BoxStream<'static, Result<FeedEvent, PortError>>, PortError>;
}

/// Everything that readers offer.
pub trait Readers: FrameworkReader + PeopleReader + EvidenceReader + ProgressReader {}

impl<T: FrameworkReader + PeopleReader + EvidenceReader + ProgressReader> Readers for T {}
