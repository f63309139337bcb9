//! Section `[retention]`.

use serde::Deserialize;
use waymark_domain::privacy::RetentionPolicy;

/// Most days that can be said: a hundred years.
const MOST: u32 = 36_500;

/// Section `[retention]`: days for which each kind is kept, 0 to 36500; 0 keeps it for good.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    /// Roles that were taken back or ran out.
    pub ended_grants_days: u32,
    /// Requests for erasure that were decided.
    pub decided_erasures_days: u32,
    /// Evidence that was rejected or withdrawn.
    pub closed_evidence_days: u32,
    /// Earlier states of levels and positions that were replaced.
    pub replaced_states_days: u32,
}

impl RetentionConfig {
    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let settings = [
            ("ended_grants_days", self.ended_grants_days),
            ("decided_erasures_days", self.decided_erasures_days),
            ("closed_evidence_days", self.closed_evidence_days),
            ("replaced_states_days", self.replaced_states_days),
        ];
        let wrong = settings.iter().filter(|(_, days)| *days > MOST);
        wrong.map(|(name, _)| format!("retention.{name} must be 0 to {MOST}")).collect()
    }

    /// The same as the service takes it.
    #[must_use]
    pub fn policy(&self) -> RetentionPolicy {
        RetentionPolicy {
            ended_grants: self.ended_grants_days,
            decided_erasures: self.decided_erasures_days,
            closed_evidence: self.closed_evidence_days,
            replaced_states: self.replaced_states_days,
        }
    }
}
