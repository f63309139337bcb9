//! What happens to frameworks.

use super::SkillKind;
use crate::kernel::{FrameworkId, FrameworkVersionId, Key, PositionId, SkillId};

/// A fact about a framework.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameworkEvent {
    /// A draft was imported, or the draft's content was replaced.
    Drafted {
        /// The framework.
        framework: FrameworkId,
        /// The draft.
        version: FrameworkVersionId,
        /// Number of the version.
        number: u32,
        /// Key of the framework.
        key: Key,
        /// How many skills it has.
        skills: u32,
        /// How many positions it has.
        positions: u32,
    },
    /// A version was published.
    Published {
        /// The framework.
        framework: FrameworkId,
        /// The version.
        version: FrameworkVersionId,
        /// Number of the version.
        number: u32,
        /// Key of the framework.
        key: Key,
    },
    /// A published version brought a skill.
    SkillDefined {
        /// The framework.
        framework: FrameworkId,
        /// The version.
        version: FrameworkVersionId,
        /// The skill.
        skill: SkillId,
        /// Its key.
        key: Key,
        /// Its kind.
        kind: SkillKind,
    },
    /// A published version retired or dropped a skill.
    SkillRetired {
        /// The framework.
        framework: FrameworkId,
        /// The version.
        version: FrameworkVersionId,
        /// The skill.
        skill: SkillId,
        /// Its key.
        key: Key,
    },
    /// A published version has a position.
    PositionDefined {
        /// The framework.
        framework: FrameworkId,
        /// The version.
        version: FrameworkVersionId,
        /// The position.
        position: PositionId,
        /// Its key.
        key: Key,
        /// Key of its track.
        track: Key,
        /// Its place on the track.
        rank: u32,
        /// How many requirements it has.
        requirements: u32,
    },
}

impl FrameworkEvent {
    /// The framework to whose stream the event belongs.
    #[must_use]
    pub fn framework(&self) -> FrameworkId {
        match self {
            Self::Drafted { framework, .. }
            | Self::Published { framework, .. }
            | Self::SkillDefined { framework, .. }
            | Self::SkillRetired { framework, .. }
            | Self::PositionDefined { framework, .. } => *framework,
        }
    }
}
