//! Items: the single facts that a skill record rests on.

use crate::evidence::EvidenceKind;
use crate::kernel::{ActorId, EvidenceId, ItemId, Level};
use chrono::{DateTime, NaiveDate, Utc};

/// Where an item comes from. Decides how much it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemSource {
    /// A human with authority attested the level.
    Attestation,
    /// A human with authority vouched for the level, as the second pair of eyes.
    Endorsement,
    /// Evidence that another human confirmed.
    Verified(EvidenceKind),
    /// Evidence that a colleague recorded and the subject accepted.
    Reported(EvidenceKind),
    /// Evidence that the subject recorded and nobody confirmed.
    Claimed(EvidenceKind),
}

impl ItemSource {
    /// How much an item from here counts, 0 to 1: rated or verified work 1, a course with a test 0.6, peer
    /// feedback 0.5, a course without a test 0.2, what people say of themselves 0.1, imported claims 0.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::Attestation | Self::Endorsement => 1.0,
            Self::Verified(kind) => match kind {
                EvidenceKind::WorkArtefact => 1.0,
                EvidenceKind::CourseWithTest => 0.6,
                EvidenceKind::PeerFeedback => 0.5,
                EvidenceKind::Course => 0.2,
                EvidenceKind::SelfAssessment => 0.1,
                EvidenceKind::ImportedClaim => 0.0,
            },
            Self::Reported(EvidenceKind::PeerFeedback) => 0.5,
            Self::Reported(EvidenceKind::ImportedClaim) | Self::Claimed(EvidenceKind::ImportedClaim) => 0.0,
            // Unconfirmed, it is worth what its author says of it.
            Self::Reported(_) | Self::Claimed(_) => 0.1,
        }
    }
}

/// One fact about a person's level in one skill.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// The item.
    pub id: ItemId,
    /// Where it comes from.
    pub source: ItemSource,
    /// The level that it shows.
    pub level: Level,
    /// How independent whoever vouches is: 1 for another human, 0.5 when the one who confirmed the evidence
    /// also wrote it.
    pub independence: f64,
    /// The day on which it happened; its age counts from here.
    pub occurred_on: NaiveDate,
    /// Who vouches for it.
    pub by: ActorId,
    /// The evidence behind it, if any.
    pub evidence: Option<EvidenceId>,
    /// When Waymark learned of it.
    pub recorded_at: DateTime<Utc>,
    /// When it ceased to count, if it did: replaced, disputed or withdrawn.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Item {
    /// Whether it counted, by what was known at this moment.
    #[must_use]
    pub fn counts_at(&self, at: DateTime<Utc>) -> bool {
        self.recorded_at <= at && self.ended_at.is_none_or(|ended| at < ended)
    }
}
