//! Types of frameworks.

use crate::relay::{Count, CursorScope, GlobalId, List, NodeType, PageArgs, list, whole};
use crate::services::{loaders, services, viewer};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use waymark_domain::framework::{
    Catalogue, PositionSpec, Requirement as DomainRequirement, RequirementSpec, SkillSpec,
    SpecialisationSpec, VersionState,
};
use waymark_domain::kernel::{DomainId, FrameworkVersionId, PositionId, SkillId};
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

/// What kind of ability a skill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waymark_domain::framework::SkillKind")]
pub enum SkillKind {
    /// An ability that outlives tools.
    Competency,
    /// A tool, language, framework or service.
    Technology,
    /// A habit of the daily work.
    Practice,
    /// Working with others.
    Collaboration,
}

/// What kind of technology a skill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waymark_domain::framework::TechnologyCategory")]
pub enum TechnologyCategory {
    /// A programming language or its runtime.
    Language,
    /// A framework or library to build services with.
    Framework,
    /// A database or store.
    Database,
    /// Cloud services, containers, delivery.
    CloudDevops,
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
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.version.created_at
    }

    /// When it was published.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.version.published_at
    }

    /// The proficiency scale, level 0 first.
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
    async fn tracks(&self) -> Vec<Track> {
        let tracks = self.0.content().tracks.iter().enumerate();
        tracks.map(|(index, _)| Track { catalogue: self.0.clone(), index }).collect()
    }

    /// Positions in the document's order.
    async fn positions(&self) -> Vec<Position> {
        self.0.positions().map(|(id, _)| Position { catalogue: self.0.clone(), id }).collect()
    }

    /// The position with this key.
    async fn position(&self, #[graphql(desc = "Key of the position.")] key: String) -> Option<Position> {
        self.0.find_position(&key).map(|(id, _)| Position { catalogue: self.0.clone(), id })
    }

    /// Directions in which a developer may specialise.
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

/// A group of skills that belong together.
pub(crate) struct SkillDomain {
    catalogue: Arc<Catalogue>,
    index: usize,
}

impl SkillDomain {
    fn spec(&self) -> &waymark_domain::framework::SkillDomain {
        &self.catalogue.content().domains[self.index]
    }
}

/// A group of skills that belong together.
#[Object]
impl SkillDomain {
    /// Names it within the framework.
    async fn key(&self) -> &str {
        self.spec().key.as_str()
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.spec().title
    }

    /// What belongs to it.
    async fn description(&self) -> &str {
        &self.spec().description
    }

    /// Its skills in the document's order.
    async fn skills(&self) -> Vec<Skill> {
        let key = &self.spec().key;
        let mine = self.catalogue.skills().filter(|(_, skill)| skill.domain == *key);
        mine.map(|(id, _)| Skill { catalogue: self.catalogue.clone(), id }).collect()
    }
}

/// A skill as one framework version describes it.
pub(crate) struct Skill {
    pub catalogue: Arc<Catalogue>,
    pub id: SkillId,
}

impl Skill {
    /// The skill, if this version has it.
    pub fn of(catalogue: Arc<Catalogue>, id: SkillId) -> Option<Self> {
        catalogue.skill(id).is_some().then_some(Self { catalogue, id })
    }

    fn spec(&self) -> Result<&SkillSpec> {
        self.catalogue.skill(self.id).ok_or_else(|| "a skill without its version".into())
    }
}

/// A skill as one framework version describes it.
#[Object]
impl Skill {
    /// Global id; the same over all versions.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Skill, self.id)
    }

    /// Names it within the framework.
    async fn key(&self) -> Result<&str> {
        Ok(self.spec()?.key.as_str())
    }

    /// Title.
    async fn title(&self) -> Result<&str> {
        Ok(&self.spec()?.title)
    }

    /// Key of its domain.
    async fn domain_key(&self) -> Result<&str> {
        Ok(self.spec()?.domain.as_str())
    }

    /// Its kind.
    async fn kind(&self) -> Result<SkillKind> {
        Ok(self.spec()?.kind.into())
    }

    /// Its category, if it is a technology.
    async fn category(&self) -> Result<Option<TechnologyCategory>> {
        Ok(self.spec()?.category.map(Into::into))
    }

    /// Other names under which people look for it.
    async fn aliases(&self) -> Result<&[String]> {
        Ok(&self.spec()?.aliases)
    }

    /// What it is.
    async fn description(&self) -> Result<&str> {
        Ok(&self.spec()?.description)
    }

    /// Relative cost of rising one level, 1 to 10.
    async fn effort(&self) -> Result<u8> {
        Ok(self.spec()?.effort)
    }

    /// Whether it is no longer asked for.
    async fn retired(&self) -> Result<bool> {
        Ok(self.spec()?.retired)
    }

    /// What can be observed at each level from 1 to 5.
    async fn criteria(&self) -> Result<Vec<Criterion>> {
        let texts = self.spec()?.criteria.iter();
        Ok((1..).zip(texts).map(|(level, text)| Criterion { level, text: text.clone() }).collect())
    }

    /// Skills that are needed before it.
    async fn prerequisites(&self) -> Result<Vec<Prerequisite>> {
        let needed = self.spec()?.prerequisites.iter();
        let catalogue = &self.catalogue;
        Ok(needed
            .map(|needed| Prerequisite {
                skill: Skill { catalogue: catalogue.clone(), id: catalogue.skill_id(&needed.skill) },
                level: needed.level.get(),
            })
            .collect())
    }
}

/// What can be observed at a level.
#[derive(SimpleObject)]
pub(crate) struct Criterion {
    /// The level, 1 to 5.
    level: u8,
    /// What can be observed.
    text: String,
}

/// A skill that is needed before another.
#[derive(SimpleObject)]
pub(crate) struct Prerequisite {
    /// The skill.
    skill: Skill,
    /// The least level of it, 1 to 5.
    level: u8,
}

/// A ladder of positions.
pub(crate) struct Track {
    catalogue: Arc<Catalogue>,
    index: usize,
}

impl Track {
    fn spec(&self) -> &waymark_domain::framework::Track {
        &self.catalogue.content().tracks[self.index]
    }
}

/// A ladder of positions.
#[Object]
impl Track {
    /// Names it within the framework.
    async fn key(&self) -> &str {
        self.spec().key.as_str()
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.spec().title
    }

    /// Whom it is for.
    async fn description(&self) -> &str {
        &self.spec().description
    }

    /// Its positions, the lowest first.
    async fn positions(&self) -> Vec<Position> {
        let key = &self.spec().key;
        let mut mine: Vec<(PositionId, &PositionSpec)> =
            self.catalogue.positions().filter(|(_, position)| position.track == *key).collect();
        mine.sort_by_key(|(_, position)| position.rank);
        mine.into_iter().map(|(id, _)| Position { catalogue: self.catalogue.clone(), id }).collect()
    }
}

/// A level on a track, with what it requires. Belongs to one framework version.
pub(crate) struct Position {
    pub catalogue: Arc<Catalogue>,
    pub id: PositionId,
}

impl Position {
    /// The position, if this version has it.
    pub fn of(catalogue: Arc<Catalogue>, id: PositionId) -> Option<Self> {
        catalogue.position(id).is_some().then_some(Self { catalogue, id })
    }

    fn spec(&self) -> Result<&PositionSpec> {
        self.catalogue.position(self.id).ok_or_else(|| "a position without its version".into())
    }
}

/// A level on a track, with what it requires. Belongs to one framework version.
#[Object]
impl Position {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Position, self.id)
    }

    /// Names it within the framework version.
    async fn key(&self) -> Result<&str> {
        Ok(self.spec()?.key.as_str())
    }

    /// Title.
    async fn title(&self) -> Result<&str> {
        Ok(&self.spec()?.title)
    }

    /// Key of its track.
    async fn track_key(&self) -> Result<&str> {
        Ok(self.spec()?.track.as_str())
    }

    /// Its place on the track, from 1.
    async fn rank(&self) -> Result<u32> {
        Ok(self.spec()?.rank)
    }

    /// What somebody in it is trusted with.
    async fn description(&self) -> Result<&str> {
        Ok(&self.spec()?.description)
    }

    /// The framework version to which it belongs.
    async fn framework_version(&self) -> FrameworkVersion {
        FrameworkVersion(self.catalogue.clone())
    }

    /// What it requires.
    async fn requirements(&self) -> Vec<Requirement> {
        let requirements = self.catalogue.requirements(self.id).into_iter();
        requirements
            .map(|requirement| Requirement { catalogue: self.catalogue.clone(), requirement })
            .collect()
    }
}

/// What a position or specialisation asks of one skill.
pub(crate) struct Requirement {
    pub catalogue: Arc<Catalogue>,
    pub requirement: DomainRequirement,
}

/// What a position or specialisation asks of one skill.
#[Object]
impl Requirement {
    /// The skill.
    async fn skill(&self) -> Skill {
        Skill { catalogue: self.catalogue.clone(), id: self.requirement.skill }
    }

    /// The required level, 1 to 5.
    async fn level(&self) -> u8 {
        self.requirement.level.get()
    }

    /// How much it counts, above 0 and at most 10.
    async fn weight(&self) -> f64 {
        self.requirement.weight
    }

    /// Whether nothing else can make up for it.
    async fn mandatory(&self) -> bool {
        self.requirement.mandatory
    }
}

/// A direction in which a developer may specialise.
pub(crate) struct Specialisation {
    catalogue: Arc<Catalogue>,
    index: usize,
}

impl Specialisation {
    fn spec(&self) -> &SpecialisationSpec {
        &self.catalogue.content().specialisations[self.index]
    }
}

/// A direction in which a developer may specialise.
#[Object]
impl Specialisation {
    /// Names it within the framework.
    async fn key(&self) -> &str {
        self.spec().key.as_str()
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.spec().title
    }

    /// What it is about.
    async fn description(&self) -> &str {
        &self.spec().description
    }

    /// What it asks for.
    async fn requirements(&self) -> Vec<Requirement> {
        let resolve = |spec: &RequirementSpec| Requirement {
            catalogue: self.catalogue.clone(),
            requirement: self.catalogue.requirement(spec),
        };
        self.spec().requirements.iter().map(resolve).collect()
    }
}
