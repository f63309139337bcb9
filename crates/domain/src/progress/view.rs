//! What readers say of skill records.

use super::{Item, Policy, SkillRecord, Standing};
use crate::framework::SkillKind;
use crate::kernel::{PersonId, SkillId, SkillRecordId};
use chrono::{DateTime, Utc};

/// What is known of one person's level in one skill.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillRecordView {
    /// The record.
    pub id: SkillRecordId,
    /// The person.
    pub person: PersonId,
    /// The skill.
    pub skill: SkillId,
    /// The skill's kind; decides how fast knowledge ages.
    pub kind: SkillKind,
    /// Every item that counts or counted.
    pub items: Vec<Item>,
}

impl SkillRecordView {
    /// Where the person stands at the moment.
    #[must_use]
    pub fn standing(&self, policy: &Policy, at: DateTime<Utc>) -> Standing {
        Standing::of(&self.items, self.kind, policy, at)
    }
}

impl From<SkillRecord> for SkillRecordView {
    fn from(record: SkillRecord) -> Self {
        let SkillRecord { id, person, skill, kind, items, .. } = record;
        Self { id, person, skill, kind, items }
    }
}
