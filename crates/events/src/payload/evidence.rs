//! Evidence and what became of it.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A skill and the level that evidence claims for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The skill.
    pub skill_id: Uuid,
    /// The claimed level.
    #[schemars(range(min = 0, max = 5))]
    pub level: u8,
}

payloads! {
    /// Evidence was recorded and awaits its subject's word.
    EvidenceProposedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
        /// Kind of evidence.
        kind: String,
        /// Day on which it happened.
        occurred_on: NaiveDate,
        /// What it claims.
        claims: Vec<Claim>,
    }

    /// The subject accepted the evidence as theirs.
    EvidenceAcceptedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
    }

    /// The subject rejected the evidence.
    EvidenceRejectedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
    }

    /// Another human confirmed the evidence.
    EvidenceVerifiedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
        /// Pseudonymous id of whoever verified it.
        verified_by: Uuid,
    }

    /// Another human disputed the evidence.
    EvidenceDisputedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
        /// Pseudonymous id of whoever disputed it.
        disputed_by: Uuid,
    }

    /// The evidence no longer counts.
    EvidenceWithdrawnV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
    }
}
