//! Valid time: from when until when something is true.

use chrono::{DateTime, Utc};

/// A half-open stretch of valid time: `from <= t < to`; without `to` it is still true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First moment.
    pub from: DateTime<Utc>,
    /// First moment after it, if it has ended.
    pub to: Option<DateTime<Utc>>,
}

impl Period {
    /// From this moment on, without an end.
    #[must_use]
    pub fn since(from: DateTime<Utc>) -> Self {
        Self { from, to: None }
    }

    /// Whether the moment lies within.
    #[must_use]
    pub fn contains(&self, moment: DateTime<Utc>) -> bool {
        self.from <= moment && self.to.is_none_or(|to| moment < to)
    }
}
