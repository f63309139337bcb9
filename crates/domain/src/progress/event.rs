//! What happens to levels and readiness.

use crate::kernel::{ActorId, Level, PersonId, PositionId, SkillId};
use chrono::{DateTime, Utc};

/// A fact about a person's levels or readiness.
#[derive(Debug, Clone, PartialEq)]
pub enum ProgressEvent {
    /// A human with authority vouched for a level.
    LevelEndorsed {
        /// The person.
        person: PersonId,
        /// The skill.
        skill: SkillId,
        /// The level.
        level: Level,
        /// Who endorsed it.
        by: ActorId,
    },
    /// A human with authority attested a level.
    LevelAttested {
        /// The person.
        person: PersonId,
        /// The skill.
        skill: SkillId,
        /// The level.
        level: Level,
        /// The level attested before.
        previous: Option<Level>,
        /// Who vouches for it, the one who attested first.
        by: Vec<ActorId>,
    },
    /// The computed estimate changed.
    EstimateChanged {
        /// The person.
        person: PersonId,
        /// The skill.
        skill: SkillId,
        /// Weighted mean level, 0 to 5.
        score: f64,
        /// How much is known, 0 to 1.
        confidence: f64,
        /// When it was computed.
        at: DateTime<Utc>,
    },
    /// Readiness for the held position changed.
    ReadinessChanged {
        /// The person.
        person: PersonId,
        /// The position.
        position: PositionId,
        /// Readiness before, 0 to 1.
        previous: f64,
        /// Readiness now, 0 to 1.
        score: f64,
        /// Whether every mandatory requirement is met.
        mandatory_met: bool,
    },
    /// A requirement of the held position was reached.
    GapClosed {
        /// The person.
        person: PersonId,
        /// The position.
        position: PositionId,
        /// The skill.
        skill: SkillId,
        /// The required level.
        required: Level,
    },
}

impl ProgressEvent {
    /// The person to whose stream the event belongs.
    #[must_use]
    pub fn person(&self) -> PersonId {
        match self {
            Self::LevelEndorsed { person, .. }
            | Self::LevelAttested { person, .. }
            | Self::EstimateChanged { person, .. }
            | Self::ReadinessChanged { person, .. }
            | Self::GapClosed { person, .. } => *person,
        }
    }
}
