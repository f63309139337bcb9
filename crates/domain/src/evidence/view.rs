//! What readers say of evidence.

use super::{Evidence, EvidenceContent, EvidenceState};
use crate::kernel::{ActorId, EvidenceId, PersonId};
use chrono::{DateTime, Utc};

/// A piece of evidence as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    /// The evidence.
    pub id: EvidenceId,
    /// Whom it is about.
    pub subject: PersonId,
    /// Who recorded it.
    pub author: ActorId,
    /// What it says.
    pub content: EvidenceContent,
    /// Where it stands.
    pub state: EvidenceState,
    /// Who verified or disputed it last.
    pub reviewer: Option<ActorId>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Rises by one with each change.
    pub version: i64,
}

impl From<Evidence> for EvidenceView {
    fn from(evidence: Evidence) -> Self {
        let Evidence { id, subject, author, content, state, reviewer, recorded_at, revision, .. } = evidence;
        Self { id, subject, author, content, state, reviewer, recorded_at, version: revision }
    }
}
