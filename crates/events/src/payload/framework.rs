//! Frameworks: versions, skills, positions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

payloads! {
    /// A draft version of a framework was imported.
    FrameworkDraftedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version.
        version_id: Uuid,
        /// Number of the version, from 1.
        #[schemars(range(min = 1))]
        version: u32,
        /// Key of the framework within its tenant.
        key: String,
        /// How many skills it has.
        skills: u32,
        /// How many positions it has.
        positions: u32,
    }

    /// A framework version was published: it never changes again.
    FrameworkPublishedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version.
        version_id: Uuid,
        /// Number of the version, from 1.
        #[schemars(range(min = 1))]
        version: u32,
        /// Key of the framework within its tenant.
        key: String,
    }

    /// A published version has a skill that no earlier published version had.
    SkillDefinedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version that brought it.
        version_id: Uuid,
        /// The skill; the same over all versions.
        skill_id: Uuid,
        /// Key of the skill within the framework.
        key: String,
        /// COMPETENCY, TECHNOLOGY, PRACTICE or COLLABORATION.
        kind: String,
    }

    /// A published version no longer has a skill, or marks it as retired. Its history stays.
    SkillRetiredV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version that retired it.
        version_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// Key of the skill within the framework.
        key: String,
    }

    /// A published version has this position.
    PositionDefinedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version to which the position belongs.
        version_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// Key of the position within the framework.
        key: String,
        /// Key of its track.
        track: String,
        /// Its place on the track, from 1.
        #[schemars(range(min = 1))]
        rank: u32,
        /// How many requirements it has.
        requirements: u32,
    }
}
