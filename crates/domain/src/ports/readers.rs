//! What queries read: views, in batches and pages, each as far as the viewer may see it.

use super::{AuditReader, EvidenceFilter, Page, PageRequest, PeopleFilter, PortError};
use crate::access::{Action, GrantView};
use crate::evidence::EvidenceView;
use crate::framework::Catalogue;
use crate::kernel::{
    Actor, EvidenceId, FrameworkId, FrameworkVersionId, PersonId, PositionId, SkillId, SkillRecordId, TeamId,
    TenantId,
};
use crate::people::{AssignmentView, PersonView, TeamView};
use crate::privacy::{Consent, ErasureRequest, ExportView, RetentionRun};
use crate::progress::SkillRecordView;
use async_trait::async_trait;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

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

/// Reads roles, and who is within reach.
#[async_trait]
pub trait AccessReader: Send + Sync {
    /// Those of these persons to whom the viewer reaches for this action.
    async fn within_reach(
        &self,
        viewer: &Actor,
        action: Action,
        people: &[PersonId],
    ) -> Result<HashSet<PersonId>, PortError>;
    /// Grants by subject: all for administrators, for everybody else those that they asked for.
    async fn grants(&self, viewer: &Actor, page: PageRequest) -> Result<Page<GrantView>, PortError>;
    /// How many grants there are.
    async fn grants_count(&self, viewer: &Actor) -> Result<u64, PortError>;
    /// A number for each tenant that rises with every change that may change what somebody may do.
    async fn epochs(&self) -> Result<HashMap<TenantId, i64>, PortError>;
}

/// Reads requests of people about their data.
#[async_trait]
pub trait PrivacyReader: Send + Sync {
    /// Requests for erasure, the oldest first: all for administrators, for everybody else those that they asked for or
    /// that are about them.
    async fn erasures(&self, viewer: &Actor, page: PageRequest) -> Result<Page<ErasureRequest>, PortError>;
    /// How many there are.
    async fn erasures_count(&self, viewer: &Actor) -> Result<u64, PortError>;
    /// The exports of the viewer's own data that are not over yet.
    async fn exports(&self, viewer: &Actor) -> Result<Vec<ExportView>, PortError>;
    /// What is in an export of the viewer's own data, as JSON text; `None` unless it is ready, not over, and its link
    /// has the secret with this SHA-256 (in hexadecimal digits).
    async fn export_content(&self, viewer: &Actor, link_hash: &str) -> Result<Option<String>, PortError>;
    /// What the person agreed to and took back, the newest first, at most this many. For those who may read their private
    /// profile: that is for the caller to check.
    async fn consents_of(
        &self,
        tenant: TenantId,
        person: PersonId,
        most: u64,
    ) -> Result<Vec<Consent>, PortError>;
    /// What retention has deleted, the newest run first; none for those who may not read the whole audit log.
    async fn retention_runs(
        &self,
        viewer: &Actor,
        page: PageRequest,
    ) -> Result<Page<RetentionRun>, PortError>;
    /// How many runs there are.
    async fn retention_runs_count(&self, viewer: &Actor) -> Result<u64, PortError>;
}

/// Everything that readers offer.
pub trait Readers:
    FrameworkReader + PeopleReader + EvidenceReader + ProgressReader + AccessReader + PrivacyReader + AuditReader
{
}

impl<T> Readers for T where
    T: FrameworkReader
        + PeopleReader
        + EvidenceReader
        + ProgressReader
        + AccessReader
        + PrivacyReader
        + AuditReader
{
}
