//! Readiness for a position.
//!
//! R = sum(w_k * min(1, level_k / required_k)) / sum(w_k). Being above what one skill requires never makes
//! up for another. Somebody is eligible when every mandatory requirement is met and R >= 0.85, both for the
//! whole sustain window, and the mean confidence is at least 0.6.

use super::{Levels, Policy, SkillRecordView};
use crate::framework::Requirement;
use crate::kernel::{Level, SkillId};
use chrono::{DateTime, Duration, Utc};

/// What is missing in one skill: `missing` = max(0, required - level).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The skill.
    pub skill: SkillId,
    /// The level that is required.
    pub required: Level,
    /// The level that counts.
    pub level: Level,
    /// Levels that are missing, at least 1.
    pub missing: u8,
    /// How much the requirement counts.
    pub weight: f64,
    /// Whether nothing else makes up for it.
    pub mandatory: bool,
}

/// How one requirement is met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequirementStanding {
    /// The requirement.
    pub requirement: Requirement,
    /// The level that counts.
    pub level: Level,
    /// How much is known of it, 0 to 1.
    pub confidence: f64,
    /// min(1, level / required), 0 to 1.
    pub fulfilment: f64,
}

/// Readiness from levels alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// R, 0 to 1.
    pub value: f64,
    /// How each requirement is met, in the position's order.
    pub requirements: Vec<RequirementStanding>,
    /// Skills of mandatory requirements that are not met, by id.
    pub mandatory_missing: Vec<SkillId>,
}

/// Why somebody is not eligible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Blocker {
    /// Mandatory requirements are not met.
    MandatoryMissing {
        /// How many.
        count: usize,
    },
    /// R is too low.
    ScoreTooLow {
        /// R.
        score: f64,
        /// The least R.
        least: f64,
    },
    /// It has not held for the whole window.
    NotSustained {
        /// Since when it holds; `None` if it does not hold now.
        since: Option<DateTime<Utc>>,
        /// Length of the window.
        days: u32,
    },
    /// Too little is known.
    ConfidenceTooLow {
        /// Mean confidence over all requirements.
        confidence: f64,
        /// The least mean confidence.
        least: f64,
    },
}

/// Readiness for a position at one moment, with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Readiness {
    /// R and how each requirement is met.
    pub score: Score,
    /// Whether the person may be promoted by this rule.
    pub eligible: bool,
    /// Why not, if not.
    pub blockers: Vec<Blocker>,
    /// What is missing: mandatory first, then by weight x missing levels, then by skill.
    pub gaps: Vec<Gap>,
    /// Mean confidence over all requirements, 0 to 1.
    pub confidence: f64,
    /// The moment for which it was computed.
    pub at: DateTime<Utc>,
}

impl Readiness {
    /// Version of the rule.
    pub const RULE: &'static str = "readiness/1";
}

/// R from levels alone. Requirements of level 0 are left out; without any requirement R is 1.
#[must_use]
pub fn score(requirements: &[Requirement], levels: &Levels) -> Score {
    let standing: Vec<RequirementStanding> = requirements
        .iter()
        .filter(|requirement| requirement.level > Level::ZERO)
        .map(|requirement| {
            let level = levels.level(requirement.skill);
            let reached = f64::from(level.get()) / f64::from(requirement.level.get());
            RequirementStanding {
                requirement: *requirement,
                level,
                confidence: levels.confidence(requirement.skill),
                fulfilment: reached.min(1.0),
            }
        })
        .collect();
    let weights: f64 = standing.iter().map(|s| s.requirement.weight).sum();
    let reached: f64 = standing.iter().map(|s| s.requirement.weight * s.fulfilment).sum();
    let mut mandatory_missing: Vec<SkillId> = standing
        .iter()
        .filter(|s| s.requirement.mandatory && s.level < s.requirement.level)
        .map(|s| s.requirement.skill)
        .collect();
    mandatory_missing.sort();
    let value = if weights > 0.0 { reached / weights } else { 1.0 };
    Score { value, requirements: standing, mandatory_missing }
}

impl Score {
    /// What is missing: mandatory first, then by weight x missing levels, then by skill.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = self
            .requirements
            .iter()
            .filter_map(|standing| {
                let Requirement { skill, level: required, weight, mandatory } = standing.requirement;
                let missing = standing.level.missing_to(required);
                let gap = Gap { skill, required, level: standing.level, missing, weight, mandatory };
                (missing > 0).then_some(gap)
            })
            .collect();
        let urgency = |gap: &Gap| gap.weight * f64::from(gap.missing);
        gaps.sort_by(|a, b| {
            b.mandatory
                .cmp(&a.mandatory)
                .then_with(|| urgency(b).total_cmp(&urgency(a)))
                .then_with(|| a.skill.cmp(&b.skill))
        });
        gaps
    }

    fn holds(&self, policy: &Policy) -> bool {
        self.mandatory_missing.is_empty() && self.value >= policy.ready
    }

    fn mean_confidence(&self) -> f64 {
        let count = u32::try_from(self.requirements.len()).unwrap_or(u32::MAX);
        let sum: f64 = self.requirements.iter().map(|standing| standing.confidence).sum();
        if count == 0 { 1.0 } else { sum / f64::from(count) }
    }
}

/// Readiness of somebody with these records at the moment.
#[must_use]
pub fn readiness(
    requirements: &[Requirement],
    records: &[SkillRecordView],
    policy: &Policy,
    at: DateTime<Utc>,
) -> Readiness {
    let score = score(requirements, &Levels::at(records, policy, at));
    let confidence = score.mean_confidence();
    let since = held_since(requirements, records, policy, at);
    let window = at - Duration::days(i64::from(policy.sustain_days));
    let mut blockers = Vec::new();
    if !score.mandatory_missing.is_empty() {
        blockers.push(Blocker::MandatoryMissing { count: score.mandatory_missing.len() });
    }
    if score.value < policy.ready {
        blockers.push(Blocker::ScoreTooLow { score: score.value, least: policy.ready });
    }
    if since.is_none_or(|since| since > window) {
        blockers.push(Blocker::NotSustained { since, days: policy.sustain_days });
    }
    if confidence < policy.confident {
        blockers.push(Blocker::ConfidenceTooLow { confidence, least: policy.confident });
    }
    Readiness { eligible: blockers.is_empty(), gaps: score.gaps(), blockers, confidence, at, score }
}

/// Since when both the mandatory requirements and R hold, looking back as far as the sustain window.
///
/// Levels rise only when something is recorded and fall with time in between, so it is enough to look at
/// each moment of a record within the window, just before it, and at both ends.
fn held_since(
    requirements: &[Requirement],
    records: &[SkillRecordView],
    policy: &Policy,
    at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let holds = |moment| score(requirements, &Levels::at(records, policy, moment)).holds(policy);
    if !holds(at) {
        return None;
    }
    let window = at - Duration::days(i64::from(policy.sustain_days));
    let changes = records.iter().flat_map(|record| &record.items);
    let mut moments: Vec<DateTime<Utc>> = changes
        .flat_map(|item| [Some(item.recorded_at), item.ended_at])
        .flatten()
        .filter(|moment| window < *moment && *moment <= at)
        .collect();
    moments.sort();
    moments.dedup();
    let mut since = at;
    for moment in moments.into_iter().rev() {
        if !holds(moment) {
            return Some(since);
        }
        since = moment;
        if !holds(moment - Duration::microseconds(1)) {
            return Some(since);
        }
    }
    Some(if holds(window) { window } else { since })
}
