//! The levels of one person over all skills.

use super::{Policy, SkillRecordView, Standing};
use crate::kernel::{Level, SkillId};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// What counts for each skill at one moment: level and confidence. Skills without a record stand at 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Levels(HashMap<SkillId, (Level, f64)>);

impl Levels {
    /// The levels that follow from these records at the moment.
    #[must_use]
    pub fn at<'r>(
        records: impl IntoIterator<Item = &'r SkillRecordView>,
        policy: &Policy,
        at: DateTime<Utc>,
    ) -> Self {
        let of = |record: &SkillRecordView| {
            let standing = Standing::of(&record.items, record.kind, policy, at);
            (record.skill, (standing.effective, standing.confidence()))
        };
        Self(records.into_iter().map(of).collect())
    }

    /// Assumed levels, with full confidence.
    #[must_use]
    pub fn assumed(levels: impl IntoIterator<Item = (SkillId, Level)>) -> Self {
        Self(levels.into_iter().map(|(skill, level)| (skill, (level, 1.0))).collect())
    }

    /// The level of a skill.
    #[must_use]
    pub fn level(&self, skill: SkillId) -> Level {
        self.0.get(&skill).map_or(Level::ZERO, |(level, _)| *level)
    }

    /// How much is known of a skill, 0 to 1.
    #[must_use]
    pub fn confidence(&self, skill: SkillId) -> f64 {
        self.0.get(&skill).map_or(0.0, |(_, confidence)| *confidence)
    }
}
