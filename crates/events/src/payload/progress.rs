//! Levels, estimates, readiness.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

payloads! {
    /// A human with authority vouched for a level, as the second pair of eyes that levels 4 and 5 need.
    SkillLevelEndorsedV1 {
        /// The person.
        person_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// The endorsed level.
        #[schemars(range(min = 0, max = 5))]
        level: u8,
        /// Pseudonymous id of whoever endorsed it.
        endorsed_by: Uuid,
    }

    /// A human with authority attested a level.
    SkillLevelAttestedV1 {
        /// The person.
        person_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// The attested level.
        #[schemars(range(min = 0, max = 5))]
        level: u8,
        /// The level attested before; null for none.
        #[schemars(range(min = 0, max = 5))]
        previous_level: Option<u8>,
        /// Pseudonymous ids of those who vouch for it, the one who attested first.
        attested_by: Vec<Uuid>,
    }

    /// The computed estimate of a skill changed.
    SkillEstimateChangedV1 {
        /// The person.
        person_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// Weighted mean level of what is known, 0 to 5.
        #[schemars(range(min = 0.0, max = 5.0))]
        score: f64,
        /// How much is known, 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        confidence: f64,
        /// Version of the rule that computed it.
        rule_version: String,
        /// When it was computed.
        computed_at: DateTime<Utc>,
    }

    /// A person's readiness for a position changed.
    ReadinessChangedV1 {
        /// The person.
        person_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// Readiness before, 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        previous_score: f64,
        /// Readiness now, 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        score: f64,
        /// Whether every mandatory requirement is met.
        mandatory_met: bool,
        /// Version of the rule that computed it.
        rule_version: String,
    }

    /// A person reached what a position requires of a skill.
    GapClosedV1 {
        /// The person.
        person_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// The level that the position requires.
        #[schemars(range(min = 1, max = 5))]
        required_level: u8,
    }
}
