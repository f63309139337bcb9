//! What is so now, on the compacted topics.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where a person stands in a skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkillState {
    /// The skill.
    pub skill_id: Uuid,
    /// The attested level, if there is one.
    #[schemars(range(min = 0, max = 5))]
    pub attested_level: Option<u8>,
    /// The estimate when its items last changed; none when nothing counts.
    #[schemars(range(min = 0, max = 5))]
    pub score: Option<f64>,
    /// The confidence of the estimate.
    #[schemars(range(min = 0, max = 1))]
    pub confidence: Option<f64>,
}

payloads! {
    /// A person's whole progress record as it is now: each replaces the one before. A person who was erased has none, but
    /// a tombstone.
    ProgressStateV1 {
        /// The person.
        person_id: Uuid,
        /// The `ce_sequence` of the last event of `career.progress.events.v1` that is contained.
        #[schemars(range(min = 1))]
        version: i64,
        /// The position held, if there is one.
        position_id: Option<Uuid>,
        /// The first day on which it is held.
        position_since: Option<NaiveDate>,
        /// Skills with a record, by id.
        skills: Vec<SkillState>,
    }

    /// A person was erased. Kept for good, so that a consumer that begins later learns it too.
    SubjectErasedV1 {
        /// The person.
        subject_id: Uuid,
        /// When.
        erased_at: DateTime<Utc>,
    }
}
