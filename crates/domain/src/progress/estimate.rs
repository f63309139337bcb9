//! The estimate: a weighted mean of all that is known of a level.
//!
//! w = source x independence x 0.5^(age / half-life) / n; score = sum(w * level) / sum(w); confidence =
//! 1 - e^(-sum(w) / 3). The n-th item of one person in one quarter counts 1/n, so that nobody's zeal
//! outvotes everybody else. Negative evidence is an item at a lower level, never a subtraction.

use super::policy::DAYS_PER_MONTH;
use super::{Item, Policy};
use crate::framework::SkillKind;
use crate::kernel::{ActorId, ItemId};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::HashMap;

/// A computed level.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Weighted mean level, 0 to 5.
    pub score: f64,
    /// How much is known, 0 to 1.
    pub confidence: f64,
    /// What each item adds, oldest first.
    pub contributions: Vec<Contribution>,
}

/// What one item adds to an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution {
    /// The item.
    pub item: ItemId,
    /// Its weight after all factors.
    pub weight: f64,
    /// The factor of its age, 0 to 1.
    pub decay: f64,
    /// Which item of the same person in the same quarter it is, from 1.
    pub nth: u32,
}

impl Estimate {
    /// Version of the rule.
    pub const RULE: &'static str = "estimate/1";

    /// The estimate from all items that count at the moment; `None` when nothing weighs anything.
    #[must_use]
    pub fn of(items: &[Item], kind: SkillKind, policy: &Policy, at: DateTime<Utc>) -> Option<Self> {
        let mut counting: Vec<&Item> = items.iter().filter(|item| item.counts_at(at)).collect();
        counting.sort_by_key(|item| (item.occurred_on, item.recorded_at, item.id));
        let mut per_quarter: HashMap<(ActorId, i32, u32), u32> = HashMap::new();
        let (mut weights, mut weighted) = (0.0, 0.0);
        let mut contributions = Vec::with_capacity(counting.len());
        for item in counting {
            let quarter = (item.by, item.occurred_on.year(), item.occurred_on.month0() / 3);
            let nth = per_quarter.entry(quarter).and_modify(|n| *n += 1).or_insert(1);
            let decay = decay(item.occurred_on, at, policy.half_life(kind), policy.grace_days);
            let weight = item.source.weight() * item.independence * decay / f64::from(*nth);
            weights += weight;
            weighted += weight * f64::from(item.level.get());
            contributions.push(Contribution { item: item.id, weight, decay, nth: *nth });
        }
        (weights > 0.0).then(|| Self {
            score: weighted / weights,
            confidence: 1.0 - (-weights / 3.0_f64).exp(),
            contributions,
        })
    }
}

/// 0.5^(age / half-life), the age counted in months from the end of the grace period.
fn decay(occurred_on: NaiveDate, at: DateTime<Utc>, half_life: f64, grace_days: u32) -> f64 {
    let days = days_since(occurred_on, at) - f64::from(grace_days);
    0.5_f64.powf(days.max(0.0) / DAYS_PER_MONTH / half_life)
}

/// Whole days from a day to a moment, at least 0.
pub(super) fn days_since(day: NaiveDate, at: DateTime<Utc>) -> f64 {
    let days = (at.date_naive() - day).num_days().max(0);
    f64::from(u32::try_from(days).unwrap_or(u32::MAX))
}
