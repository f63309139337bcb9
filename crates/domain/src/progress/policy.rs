//! The figures by which levels are computed.

use crate::framework::SkillKind;

/// Days of a mean month (a mean Gregorian year of 365.2425 days in 12 parts).
pub(super) const DAYS_PER_MONTH: f64 = 365.2425 / 12.0;

/// The figures of one tenant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Months after which what is known of a technology counts half.
    pub technology_half_life: f64,
    /// Months after which what is known of a practice or of collaboration counts half.
    pub practice_half_life: f64,
    /// Months after which what is known of a competency counts half.
    pub competency_half_life: f64,
    /// Days during which an item counts in full.
    pub grace_days: u32,
    /// Least freshness at which an attested level stands by itself.
    pub fresh: f64,
    /// Least confidence at which an estimate stands without an attested level, and least mean confidence
    /// of somebody who is ready.
    pub confident: f64,
    /// Least readiness of somebody who is ready.
    pub ready: f64,
    /// Days for which readiness must have held.
    pub sustain_days: u32,
    /// Days for which an endorsement may support an attestation.
    pub endorsement_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            technology_half_life: 18.0,
            practice_half_life: 36.0,
            competency_half_life: 48.0,
            grace_days: 90,
            fresh: 0.5,
            confident: 0.6,
            ready: 0.85,
            sustain_days: 90,
            endorsement_days: 180,
        }
    }
}

impl Policy {
    /// Months after which what is known of a skill of this kind counts half.
    #[must_use]
    pub fn half_life(&self, kind: SkillKind) -> f64 {
        match kind {
            SkillKind::Technology => self.technology_half_life,
            SkillKind::Practice | SkillKind::Collaboration => self.practice_half_life,
            SkillKind::Competency => self.competency_half_life,
        }
    }
}
