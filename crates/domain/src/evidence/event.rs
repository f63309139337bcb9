//! What happens to evidence.

use super::{EvidenceKind, SkillClaim};
use crate::kernel::{ActorId, EvidenceId, PersonId};
use chrono::NaiveDate;

/// A fact about a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceEvent {
    /// It was recorded.
    Proposed {
        /// The evidence.
        evidence: EvidenceId,
        /// Whom it is about.
        person: PersonId,
        /// Its kind.
        kind: EvidenceKind,
        /// The day on which it happened.
        occurred_on: NaiveDate,
        /// What it claims.
        claims: Vec<SkillClaim>,
    },
    /// The subject accepted it.
    Accepted {
        /// The evidence.
        evidence: EvidenceId,
        /// Whom it is about.
        person: PersonId,
    },
    /// The subject rejected it.
    Rejected {
        /// The evidence.
        evidence: EvidenceId,
        /// Whom it is about.
        person: PersonId,
    },
    /// Another human confirmed it.
    Verified {
        /// The evidence.
        evidence: EvidenceId,
        /// Whom it is about.
        person: PersonId,
        /// Who confirmed it.
        by: ActorId,
    },
    /// Another human disputed it.
    Disputed {
        /// The evidence.
        evidence: EvidenceId,
        /// Whom it is about.
        person: PersonId,
        /// Who disputed it.
        by: ActorId,
    },
    /// It no longer counts.
    Withdrawn {
        /// The evidence.
        evidence: EvidenceId,
        /// Whom it is about.
        person: PersonId,
    },
}

impl EvidenceEvent {
    /// The evidence and the person whom it is about.
    #[must_use]
    pub fn about(&self) -> (EvidenceId, PersonId) {
        match self {
            Self::Proposed { evidence, person, .. }
            | Self::Accepted { evidence, person }
            | Self::Rejected { evidence, person }
            | Self::Verified { evidence, person, .. }
            | Self::Disputed { evidence, person, .. }
            | Self::Withdrawn { evidence, person } => (*evidence, *person),
        }
    }
}
