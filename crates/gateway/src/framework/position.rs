//! Types of tracks, positions, requirements and specialisations.

use super::object::FrameworkVersion;
use super::skill::Skill;
use crate::relay::{GlobalId, NodeType};
use async_graphql::{ID, Object, Result};
use std::sync::Arc;
use waymark_domain::framework::{
    Catalogue, PositionSpec, Requirement as DomainRequirement, RequirementSpec, SpecialisationSpec,
};
use waymark_domain::kernel::PositionId;

/// A ladder of positions.
pub(crate) struct Track {
    pub catalogue: Arc<Catalogue>,
    pub index: usize,
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
    #[graphql(complexity = "crate::relay::list_cost(6, child_complexity)")]
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
    #[graphql(complexity = "crate::relay::list_cost(40, child_complexity)")]
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
    pub catalogue: Arc<Catalogue>,
    pub index: usize,
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
    #[graphql(complexity = "crate::relay::list_cost(40, child_complexity)")]
    async fn requirements(&self) -> Vec<Requirement> {
        let resolve = |spec: &RequirementSpec| Requirement {
            catalogue: self.catalogue.clone(),
            requirement: self.catalogue.requirement(spec),
        };
        self.spec().requirements.iter().map(resolve).collect()
    }
}
