//! Types of frameworks and their versions.

use super::position::{Position, Specialisation, Track};
use super::skill::{Skill, SkillDomain};
use crate::relay::{Count, CursorScope, GlobalId, List, NodeType, PageArgs, list, whole};
use crate::scalars::DateTime;
use crate::services::{loaders, services, viewer};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use std::sync::Arc;
use waymark_domain::framework::{Catalogue, VersionState};
use waymark_domain::kernel::{DomainId, FrameworkVersionId, SkillId};
use waymark_domain::ports::FrameworkView;

/// Where a framework version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "VersionState")]
pub enum FrameworkVersionState {
    /// May still be replaced by another import.
    Draft,
    /// Awaits publication.
    InReview,
    /// In force; never changes again.
    Published,
    /// Still in force for those bound to it; not for new positions.
    Deprecated,
    /// Kept for history alone.
    Archived,
}

/// A career framework over all its versions.
pub(crate) struct Framework(FrameworkView);

impl From<FrameworkView> for Framework {
    fn from(view: FrameworkView) -> Self {
        Self(view)
    }
}

impl Framework {
    async fn load(
        &self,
        ctx: &Context<'_>,
        id: Option<FrameworkVersionId>,
    ) -> Result<Option<FrameworkVersion>> {
        let Some(id) = id else { return Ok(None) };
        Ok(loaders(ctx)?.one(id).await?.map(FrameworkVersion))
    }
}

/// A career framework over all its versions.
#[Object]
impl Framework {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Framework, self.0.id)
    }

    /// Names the framework within the tenant.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Title of its newest version.
    async fn title(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let newest = self.load(ctx, self.0.versions.first().copied()).await?;
        Ok(newest.map(|version| version.0.content().title.clone()))
    }

    /// The version in force.
    async fn published_version(&self, ctx: &Context<'_>) -> Result<Option<FrameworkVersion>> {
        self.load(ctx, self.0.published).await
    }

    /// All versions, the newest first.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    async fn versions(&self, ctx: &Context<'_>) -> Result<Vec<FrameworkVersion>> {
        let mut found = loaders(ctx)?.many(self.0.versions.iter().copied()).await?;
        Ok(self.0.versions.iter().filter_map(|id| found.remove(id)).map(FrameworkVersion).collect())
    }
}

/// One version of a framework.
pub(crate) struct FrameworkVersion(pub Arc<Catalogue>);

/// One version of a framework.
#[Object]
impl FrameworkVersion {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::FrameworkVersion, self.0.version.id)
    }

    /// Number of the version, from 1.
    async fn number(&self) -> u32 {
        self.0.version.number
    }

    /// Where it stands.
    async fn state(&self) -> FrameworkVersionState {
        self.0.version.state.into()
    }

    /// Key of the framework.
    async fn key(&self) -> &str {
        self.0.content().key.as_str()
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.0.content().title
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.0.content().description
    }

    /// When it was imported.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.version.created_at)
    }

    /// When it was published.
    async fn published_at(&self) -> Option<DateTime> {
        self.0.version.published_at.map(DateTime)
    }

    /// The proficiency scale, level 0 first.
    #[graphql(complexity = "crate::relay::list_cost(6, child_complexity)")]
    async fn scale(&self) -> Vec<ScaleStep> {
        let mut steps: Vec<_> = self.0.content().scale.iter().collect();
        steps.sort_by_key(|step| step.level);
        let step = |step: &waymark_domain::framework::ScaleStep| ScaleStep {
            level: step.level.get(),
            name: step.name.clone(),
            description: step.description.clone(),
        };
        steps.into_iter().map(step).collect()
    }

    /// Groups of skills.
    #[graphql(complexity = "crate::relay::list_cost(10, child_complexity)")]
    async fn domains(&self) -> Vec<SkillDomain> {
        let domains = self.0.content().domains.iter().enumerate();
        domains.map(|(index, _)| SkillDomain { catalogue: self.0.clone(), index }).collect()
    }

    /// Skills in the document's order.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn skills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Skill>> {
        let ids: Vec<SkillId> = self.0.skills().map(|(id, _)| id).collect();
        let cursors = &services(ctx)?.cursors;
        let scope = CursorScope::new(viewer(ctx)?, "skills", &self.0.version.id.to_string());
        let request = PageArgs::new(first, after, last, before).request(cursors, &scope)?;
        let total = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let count: Count = Arc::new(move || Box::pin(async move { Ok(total) }));
        let skills: Vec<Skill> = ids.into_iter().map(|id| Skill { catalogue: self.0.clone(), id }).collect();
        Ok(list(whole(skills, |skill| skill.id.uuid(), &request), cursors, &scope, count))
    }

    /// The skill to which a key, title or alias leads.
    async fn skill(
        &self,
        #[graphql(desc = "Key, title or alias, in any letter case.")] name: String,
    ) -> Option<Skill> {
        self.0.find_skill(&name).map(|(id, _)| Skill { catalogue: self.0.clone(), id })
    }

    /// Ladders of positions.
    #[graphql(complexity = "crate::relay::list_cost(4, child_complexity)")]
    async fn tracks(&self) -> Vec<Track> {
        let tracks = self.0.content().tracks.iter().enumerate();
        tracks.map(|(index, _)| Track { catalogue: self.0.clone(), index }).collect()
    }

    /// Positions in the document's order.
    #[graphql(complexity = "crate::relay::list_cost(10, child_complexity)")]
    async fn positions(&self) -> Vec<Position> {
        self.0.positions().map(|(id, _)| Position { catalogue: self.0.clone(), id }).collect()
    }

    /// The position with this key.
    async fn position(&self, #[graphql(desc = "Key of the position.")] key: String) -> Option<Position> {
        self.0.find_position(&key).map(|(id, _)| Position { catalogue: self.0.clone(), id })
    }

    /// Directions in which a developer may specialise.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    async fn specialisations(&self) -> Vec<Specialisation> {
        let all = self.0.content().specialisations.iter().enumerate();
        all.map(|(index, _)| Specialisation { catalogue: self.0.clone(), index }).collect()
    }
}

/// One level of the scale in words.
#[derive(SimpleObject)]
pub(crate) struct ScaleStep {
    /// The level, 0 to 5.
    level: u8,
    /// Its name.
    name: String,
    /// What it means.
    description: String,
}
