//! Batches: whatever resolvers of one request ask for at about the same time becomes one query.
//!
//! Loaders belong to a request and its viewer; nothing is shared between callers.

use crate::audit::DraftReads;
use crate::error::fault_of;
use async_graphql::dataloader::{DataLoader, HashMapCache, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use waymark_domain::access::Action;
use waymark_domain::evidence::EvidenceView;
use waymark_domain::framework::Catalogue;
use waymark_domain::kernel::{
    Actor, EvidenceId, FrameworkId, FrameworkVersionId, PersonId, PositionId, SkillId, SkillRecordId, TeamId,
};
use waymark_domain::people::{AssignmentView, PersonView, TeamView};
use waymark_domain::ports::{FrameworkView, PortError, Readers};
use waymark_domain::progress::SkillRecordView;

/// The loaders of one request.
pub(crate) struct Loaders(DataLoader<ViewerLoader, HashMapCache>);

/// Loads for one viewer.
pub(crate) struct ViewerLoader {
    readers: Arc<dyn Readers>,
    viewer: Arc<Actor>,
    drafts: DraftReads,
}

/// All skill records of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RecordsOf(pub PersonId);

/// Whether the viewer reaches a person for an action; there is no value if not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reached(pub Action, pub PersonId);

/// All assignments of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AssignmentsOf(pub PersonId);

impl Loaders {
    /// Fresh loaders for a request of this viewer.
    pub fn new(readers: Arc<dyn Readers>, viewer: Arc<Actor>, drafts: DraftReads) -> Self {
        let loader = ViewerLoader { readers, viewer, drafts };
        let cache = HashMapCache::default();
        Self(DataLoader::with_cache(loader, TokioSpawner::current(), TokioTimer::default(), cache))
    }

    /// One value; `None` if there is none that the viewer may see.
    pub async fn one<K>(&self, key: K) -> async_graphql::Result<Option<<ViewerLoader as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        ViewerLoader: Loader<K, Error = Arc<PortError>>,
    {
        self.0.load_one(key).await.map_err(|error| fault_of(&error))
    }

    /// Many values; those that the viewer may not see are missing.
    pub async fn many<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> async_graphql::Result<HashMap<K, <ViewerLoader as Loader<K>>::Value>>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        ViewerLoader: Loader<K, Error = Arc<PortError>>,
    {
        self.0.load_many(keys).await.map_err(|error| fault_of(&error))
    }
}

macro_rules! loads {
    ($($key:ty => $value:ty, $reader:ident;)+) => {$(
        impl Loader<$key> for ViewerLoader {
            type Value = $value;
            type Error = Arc<PortError>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Self::Error> {
                self.readers.$reader(&self.viewer, keys).await.map_err(Arc::new)
            }
        }
    )+};
}

loads! {
    FrameworkId => FrameworkView, frameworks_by_ids;
    PersonId => PersonView, people_by_ids;
    TeamId => TeamView, teams_by_ids;
    EvidenceId => EvidenceView, evidence_by_ids;
    SkillRecordId => SkillRecordView, skill_records_by_ids;
}

/// What a framework says, which may be a draft: whoever reads one is noted.
macro_rules! loads_catalogues {
    ($($key:ty => $reader:ident;)+) => {$(
        impl Loader<$key> for ViewerLoader {
            type Value = Arc<Catalogue>;
            type Error = Arc<PortError>;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Arc<Catalogue>>, Self::Error> {
                let found = self.readers.$reader(&self.viewer, keys).await.map_err(Arc::new)?;
                self.drafts.note(&self.viewer, found.values()).await.map_err(Arc::new)?;
                Ok(found)
            }
        }
    )+};
}

loads_catalogues! {
    FrameworkVersionId => catalogues;
    SkillId => catalogues_of_skills;
    PositionId => catalogues_of_positions;
}

impl Loader<RecordsOf> for ViewerLoader {
    type Value = Arc<Vec<SkillRecordView>>;
    type Error = Arc<PortError>;

    async fn load(&self, keys: &[RecordsOf]) -> Result<HashMap<RecordsOf, Self::Value>, Self::Error> {
        let people: Vec<PersonId> = keys.iter().map(|key| key.0).collect();
        let found = self.readers.skill_records(&self.viewer, &people).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(person, records)| (RecordsOf(person), Arc::new(records))).collect())
    }
}

impl Loader<AssignmentsOf> for ViewerLoader {
    type Value = Arc<Vec<AssignmentView>>;
    type Error = Arc<PortError>;

    async fn load(&self, keys: &[AssignmentsOf]) -> Result<HashMap<AssignmentsOf, Self::Value>, Self::Error> {
        let people: Vec<PersonId> = keys.iter().map(|key| key.0).collect();
        let found = self.readers.assignments(&self.viewer, &people).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|(person, all)| (AssignmentsOf(person), Arc::new(all))).collect())
    }
}

impl Loader<Reached> for ViewerLoader {
    type Value = ();
    type Error = Arc<PortError>;

    async fn load(&self, keys: &[Reached]) -> Result<HashMap<Reached, ()>, Self::Error> {
        let mut found = HashMap::new();
        for action in Action::ALL {
            let people: Vec<PersonId> = keys.iter().filter(|key| key.0 == action).map(|key| key.1).collect();
            if !people.is_empty() {
                let reached =
                    self.readers.within_reach(&self.viewer, action, &people).await.map_err(Arc::new)?;
                found.extend(reached.into_iter().map(|person| (Reached(action, person), ())));
            }
        }
        Ok(found)
    }
}
