//! A framework version prepared for looking things up by id.

use super::{Content, FrameworkVersion, PositionSpec, PrerequisiteGraph, RequirementSpec, SkillSpec};
use crate::kernel::{Key, Level, PositionId, SkillId};
use std::collections::HashMap;

/// What a position asks of one skill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Requirement {
    /// The skill.
    pub skill: SkillId,
    /// The required level, 1 to 5.
    pub level: Level,
    /// How much it counts, above 0 and at most 10.
    pub weight: f64,
    /// Whether nothing else can make up for it.
    pub mandatory: bool,
}

/// A version with its skills and positions by id, and its prerequisite graph. Immutable, shared, cached.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The version.
    pub version: FrameworkVersion,
    skill_ids: Vec<SkillId>,
    skills: HashMap<SkillId, usize>,
    position_ids: Vec<PositionId>,
    positions: HashMap<PositionId, usize>,
    graph: PrerequisiteGraph,
}

impl Catalogue {
    /// Prepares the version.
    #[must_use]
    pub fn of(version: FrameworkVersion) -> Self {
        let content = &version.content;
        let skill_ids: Vec<_> =
            content.skills.iter().map(|s| SkillId::for_key(version.framework, s.key.as_str())).collect();
        let position_ids: Vec<_> =
            content.positions.iter().map(|p| PositionId::for_key(version.id, p.key.as_str())).collect();
        Self {
            skills: skill_ids.iter().enumerate().map(|(index, id)| (*id, index)).collect(),
            positions: position_ids.iter().enumerate().map(|(index, id)| (*id, index)).collect(),
            graph: PrerequisiteGraph::of(content),
            skill_ids,
            position_ids,
            version,
        }
    }

    /// What the version says.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.version.content
    }

    /// The prerequisites, by index of the skill.
    #[must_use]
    pub fn graph(&self) -> &PrerequisiteGraph {
        &self.graph
    }

    /// Every skill with its id, in the document's order.
    pub fn skills(&self) -> impl Iterator<Item = (SkillId, &SkillSpec)> {
        self.skill_ids.iter().copied().zip(&self.content().skills)
    }

    /// The skill with this id.
    #[must_use]
    pub fn skill(&self, id: SkillId) -> Option<&SkillSpec> {
        self.content().skills.get(*self.skills.get(&id)?)
    }

    /// The index of the skill in the document.
    #[must_use]
    pub fn skill_index(&self, id: SkillId) -> Option<usize> {
        self.skills.get(&id).copied()
    }

    /// The id of the skill at this index of the document.
    #[must_use]
    pub fn skill_id_at(&self, index: usize) -> Option<SkillId> {
        self.skill_ids.get(index).copied()
    }

    /// The id that a skill of this key has in this framework.
    #[must_use]
    pub fn skill_id(&self, key: &Key) -> SkillId {
        SkillId::for_key(self.version.framework, key.as_str())
    }

    /// The skill to which a key, title or alias leads, whatever its letters' case.
    #[must_use]
    pub fn find_skill(&self, name: &str) -> Option<(SkillId, &SkillSpec)> {
        let name = name.trim().to_lowercase();
        self.skills().find(|(_, skill)| {
            skill.key.as_str() == name
                || skill.title.to_lowercase() == name
                || skill.aliases.iter().any(|alias| alias.to_lowercase() == name)
        })
    }

    /// Every position with its id, in the document's order.
    pub fn positions(&self) -> impl Iterator<Item = (PositionId, &PositionSpec)> {
        self.position_ids.iter().copied().zip(&self.content().positions)
    }

    /// The position with this id.
    #[must_use]
    pub fn position(&self, id: PositionId) -> Option<&PositionSpec> {
        self.content().positions.get(*self.positions.get(&id)?)
    }

    /// The position with this key.
    #[must_use]
    pub fn find_position(&self, key: &str) -> Option<(PositionId, &PositionSpec)> {
        self.positions().find(|(_, position)| position.key.as_str() == key)
    }

    /// What the position requires; empty for a position of another version.
    #[must_use]
    pub fn requirements(&self, position: PositionId) -> Vec<Requirement> {
        let requirements = self.position(position).map(|position| position.requirements.as_slice());
        requirements.unwrap_or_default().iter().map(|spec| self.requirement(spec)).collect()
    }

    /// The requirement with its skill by id.
    #[must_use]
    pub fn requirement(&self, spec: &RequirementSpec) -> Requirement {
        let RequirementSpec { skill, level, weight, mandatory } = spec;
        Requirement { skill: self.skill_id(skill), level: *level, weight: *weight, mandatory: *mandatory }
    }
}
