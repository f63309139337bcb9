//! Where a person stands in one skill at one moment.

use super::estimate::days_since;
use super::policy::DAYS_PER_MONTH;
use super::{Estimate, Item, ItemSource, Policy};
use crate::framework::SkillKind;
use crate::kernel::{ActorId, Level};
use chrono::{DateTime, Utc};

/// Attested level, estimate and freshness, kept apart, and the level that follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The level attested last by a human with authority.
    pub attested: Option<Level>,
    /// When it was attested.
    pub attested_at: Option<DateTime<Utc>>,
    /// Who attested it.
    pub attested_by: Option<ActorId>,
    /// The computed level.
    pub estimate: Option<Estimate>,
    /// 0.5^(months since the last supporting item / half-life), 0 to 1; `None` without a supporting item.
    pub freshness: Option<f64>,
    /// The level that counts.
    pub effective: Level,
}

impl Standing {
    /// The standing that follows from the items that count at the moment.
    ///
    /// Effective level: the attested one if it is fresh, else the lesser of it and the estimate rounded
    /// half to even; without an attested level the estimate rounded down if it is confident, else 0.
    #[must_use]
    pub fn of(items: &[Item], kind: SkillKind, policy: &Policy, at: DateTime<Utc>) -> Self {
        let attestation = items
            .iter()
            .filter(|item| item.source == ItemSource::Attestation && item.counts_at(at))
            .max_by_key(|item| (item.recorded_at, item.id));
        let attested = attestation.map(|item| item.level);
        let estimate = Estimate::of(items, kind, policy, at);
        let freshness = freshness(items, attested, policy.half_life(kind), at);
        Self {
            effective: effective(attested, estimate.as_ref(), freshness, policy),
            attested,
            attested_at: attestation.map(|item| item.recorded_at),
            attested_by: attestation.map(|item| item.by),
            estimate,
            freshness,
        }
    }

    /// How much is known, 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.estimate.as_ref().map_or(0.0, |estimate| estimate.confidence)
    }
}

/// An item supports an attested level if it shows at least that level.
fn freshness(items: &[Item], attested: Option<Level>, half_life: f64, at: DateTime<Utc>) -> Option<f64> {
    let supporting = items.iter().filter(|item| {
        item.counts_at(at) && item.source.weight() > 0.0 && attested.is_none_or(|level| item.level >= level)
    });
    let last = supporting.map(|item| item.occurred_on).max()?;
    Some(0.5_f64.powf(days_since(last, at) / DAYS_PER_MONTH / half_life))
}

fn effective(
    attested: Option<Level>,
    estimate: Option<&Estimate>,
    freshness: Option<f64>,
    policy: &Policy,
) -> Level {
    match (attested, estimate) {
        (Some(level), _) if freshness.is_some_and(|freshness| freshness >= policy.fresh) => level,
        (Some(level), estimate) => {
            let estimated = estimate.map_or(Level::ZERO, |e| level_of(e.score.round_ties_even()));
            level.min(estimated)
        }
        (None, Some(estimate)) if estimate.confidence >= policy.confident => level_of(estimate.score.floor()),
        (None, _) => Level::ZERO,
    }
}

/// The level of a whole number within 0..=5; a score cannot be outside.
#[allow(clippy::cast_possible_truncation)] // within 0..=5 by the clamp
fn level_of(score: f64) -> Level {
    Level::new(score.clamp(0.0, 5.0) as i64).unwrap_or_default()
}
