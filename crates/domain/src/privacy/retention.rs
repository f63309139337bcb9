//! How long is kept what has served its purpose, and what is told of its end.

use crate::kernel::TenantId;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What can be kept for a number of days only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retained {
    /// Roles that were taken back or ran out, from then on.
    EndedGrants,
    /// Requests for erasure that were fulfilled or refused, from then on.
    DecidedErasures,
    /// Evidence that was rejected or withdrawn, from when it was recorded. What a level ever rested on stays.
    ClosedEvidence,
    /// Earlier states of levels and positions that a correction has replaced, from then on.
    ReplacedStates,
}

impl Retained {
    /// Every one with its name in stored rows.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::EndedGrants, "ENDED_GRANTS"),
        (Self::DecidedErasures, "DECIDED_ERASURES"),
        (Self::ClosedEvidence, "CLOSED_EVIDENCE"),
        (Self::ReplacedStates, "REPLACED_STATES"),
    ];

    /// Its name in stored rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        crate::framework::name_in(&Self::NAMES, self)
    }
}

/// For how many days each is kept, 0 to 36500; 0 keeps it for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionPolicy {
    /// Days of [`Retained::EndedGrants`].
    pub ended_grants: u32,
    /// Days of [`Retained::DecidedErasures`].
    pub decided_erasures: u32,
    /// Days of [`Retained::ClosedEvidence`].
    pub closed_evidence: u32,
    /// Days of [`Retained::ReplacedStates`].
    pub replaced_states: u32,
}

impl RetentionPolicy {
    /// What has an end, with its days.
    pub fn terms(self) -> impl Iterator<Item = (Retained, u32)> {
        [
            (Retained::EndedGrants, self.ended_grants),
            (Retained::DecidedErasures, self.decided_erasures),
            (Retained::ClosedEvidence, self.closed_evidence),
            (Retained::ReplacedStates, self.replaced_states),
        ]
        .into_iter()
        .filter(|(_, days)| *days > 0)
    }
}

/// Who started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionStart {
    /// The service by itself, once a day.
    Schedule,
    /// The operator, by `waymark retention run`.
    Operator,
}

impl RetentionStart {
    /// Every one with its name in stored rows.
    pub const NAMES: [(Self, &'static str); 2] = [(Self::Schedule, "SCHEDULE"), (Self::Operator, "OPERATOR")];

    /// Its name in stored rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        crate::framework::name_in(&Self::NAMES, self)
    }
}

/// One run over one kind of rows of one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRun {
    /// The run.
    pub id: Uuid,
    /// Whose rows.
    pub tenant: TenantId,
    /// What was deleted.
    pub what: Retained,
    /// How many days it was kept.
    pub days: u32,
    /// Who started it.
    pub started_by: RetentionStart,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was done; none for one that is under way, or that its process did not live to end.
    pub ended_at: Option<DateTime<Utc>>,
    /// How many rows were deleted.
    pub removed: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_unless_it_is_said() {
        assert_eq!(RetentionPolicy::default().terms().count(), 0);
        let policy = RetentionPolicy { closed_evidence: 30, ..RetentionPolicy::default() };
        assert_eq!(policy.terms().collect::<Vec<_>>(), [(Retained::ClosedEvidence, 30)]);
    }
}
