//! What a framework document says, once it has passed every check. References are keys.

use crate::kernel::{Key, Level};
use serde::{Deserialize, Serialize};

/// The content of one framework version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Names the framework within its tenant.
    pub key: Key,
    /// Title for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The proficiency scale, level 0 first.
    pub scale: Vec<ScaleStep>,
    /// Groups of skills.
    pub domains: Vec<SkillDomain>,
    /// All skills.
    pub skills: Vec<SkillSpec>,
    /// Ladders of positions.
    pub tracks: Vec<Track>,
    /// All positions.
    pub positions: Vec<PositionSpec>,
    /// Directions in which a developer may specialise.
    pub specialisations: Vec<SpecialisationSpec>,
}

/// One level of the scale in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleStep {
    /// The level.
    pub level: Level,
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: String,
}

/// A group of skills that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillDomain {
    /// Names it within the framework.
    pub key: Key,
    /// Title for people.
    pub title: String,
    /// What belongs to it.
    pub description: String,
}

/// What kind of ability a skill is. Decides how fast knowledge of it ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SkillKind {
    /// An ability that outlives tools: designing, reasoning, securing.
    Competency,
    /// A tool, language, framework or service.
    Technology,
    /// A habit of the daily work.
    Practice,
    /// Working with others.
    Collaboration,
}

/// What kind of technology a skill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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

impl SkillKind {
    /// Every kind with its name in documents and events.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Competency, "COMPETENCY"),
        (Self::Technology, "TECHNOLOGY"),
        (Self::Practice, "PRACTICE"),
        (Self::Collaboration, "COLLABORATION"),
    ];

    /// The kind's name in documents and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

impl TechnologyCategory {
    /// Every category with its name in documents.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Language, "LANGUAGE"),
        (Self::Framework, "FRAMEWORK"),
        (Self::Database, "DATABASE"),
        (Self::CloudDevops, "CLOUD_DEVOPS"),
    ];
}

/// The name of a value in a table of all values; every table in this crate is complete.
pub(crate) fn name_in<T: PartialEq + Copy>(names: &[(T, &'static str)], value: T) -> &'static str {
    names.iter().find(|(candidate, _)| *candidate == value).map_or("", |(_, name)| name)
}

/// A skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillSpec {
    /// Names it within the framework; its id follows from it and is stable over versions.
    pub key: Key,
    /// Key of its domain.
    pub domain: Key,
    /// Title for people.
    pub title: String,
    /// Its kind.
    pub kind: SkillKind,
    /// Its category; technologies have one, others none.
    pub category: Option<TechnologyCategory>,
    /// Other names under which people look for it.
    pub aliases: Vec<String>,
    /// What it is.
    pub description: String,
    /// Relative cost of rising one level, 1 to 10.
    pub effort: u8,
    /// What can be observed at levels 1 to 5, in this order.
    pub criteria: [String; 5],
    /// Skills needed before it.
    pub prerequisites: Vec<PrerequisiteSpec>,
    /// No longer asked for or offered; records of it keep their history.
    pub retired: bool,
}

/// A skill that is needed before another, at least at a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrerequisiteSpec {
    /// Key of the skill that is needed first.
    pub skill: Key,
    /// The least level of it, 1 to 5.
    pub level: Level,
}

/// A ladder of positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Names it within the framework.
    pub key: Key,
    /// Title for people.
    pub title: String,
    /// Whom it is for.
    pub description: String,
}

/// A level on a track, with what it requires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PositionSpec {
    /// Names it within the framework version.
    pub key: Key,
    /// Title for people.
    pub title: String,
    /// Key of its track.
    pub track: Key,
    /// Its place on the track, from 1.
    pub rank: u32,
    /// What somebody in it is trusted with.
    pub description: String,
    /// What it requires.
    pub requirements: Vec<RequirementSpec>,
}

/// What a position or specialisation asks of one skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequirementSpec {
    /// Key of the skill.
    pub skill: Key,
    /// The required level, 1 to 5.
    pub level: Level,
    /// How much it counts, above 0 and at most 10.
    pub weight: f64,
    /// Whether nothing else can make up for it.
    pub mandatory: bool,
}

/// A direction in which a developer may specialise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpecialisationSpec {
    /// Names it within the framework.
    pub key: Key,
    /// Title for people.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// What it asks for.
    pub requirements: Vec<RequirementSpec>,
}
