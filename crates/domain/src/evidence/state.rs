//! States of evidence: Proposed -> Accepted | Rejected (by the subject); Accepted -> Verified | Disputed (by
//! another human); Disputed -> Verified | Withdrawn; any but Rejected -> Withdrawn.

use crate::kernel::{Refusal, RefusalCode};

/// Where a piece of evidence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceState {
    /// Awaits the subject's word.
    Proposed,
    /// The subject accepted it as theirs.
    Accepted,
    /// The subject did not accept it. Final.
    Rejected,
    /// Another human confirmed it.
    Verified,
    /// Another human disputed it.
    Disputed,
    /// No longer counts. Final.
    Withdrawn,
}

impl EvidenceState {
    /// Every state with its name in rows and events.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::Proposed, "PROPOSED"),
        (Self::Accepted, "ACCEPTED"),
        (Self::Rejected, "REJECTED"),
        (Self::Verified, "VERIFIED"),
        (Self::Disputed, "DISPUTED"),
        (Self::Withdrawn, "WITHDRAWN"),
    ];

    /// The state's name in rows and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        crate::framework::name_in(&Self::NAMES, self)
    }

    /// The subject accepts.
    ///
    /// # Errors
    /// `IllegalTransition` unless it is proposed.
    pub fn accept(self) -> Result<Self, Refusal> {
        self.step(&[Self::Proposed], Self::Accepted)
    }

    /// The subject rejects.
    ///
    /// # Errors
    /// `IllegalTransition` unless it is proposed.
    pub fn reject(self) -> Result<Self, Refusal> {
        self.step(&[Self::Proposed], Self::Rejected)
    }

    /// Another human confirms.
    ///
    /// # Errors
    /// `IllegalTransition` unless it is accepted or disputed.
    pub fn verify(self) -> Result<Self, Refusal> {
        self.step(&[Self::Accepted, Self::Disputed], Self::Verified)
    }

    /// Another human disputes.
    ///
    /// # Errors
    /// `IllegalTransition` unless it is accepted.
    pub fn dispute(self) -> Result<Self, Refusal> {
        self.step(&[Self::Accepted], Self::Disputed)
    }

    /// Its author or subject withdraws it.
    ///
    /// # Errors
    /// `IllegalTransition` when it was rejected.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        self.step(&[Self::Proposed, Self::Accepted, Self::Verified, Self::Disputed], Self::Withdrawn)
    }

    /// Whether it counts for levels.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Accepted | Self::Verified)
    }

    fn step(self, from: &[Self], to: Self) -> Result<Self, Refusal> {
        if from.contains(&self) {
            return Ok(to);
        }
        let hint = match (self, to) {
            (Self::Proposed, Self::Verified | Self::Disputed) => {
                " The person whom it is about accepts it first."
            }
            _ => "",
        };
        let message = format!("Evidence that is {} cannot become {}.{hint}", self.name(), to.name());
        Err(Refusal::new(RefusalCode::IllegalTransition, message))
    }
}
