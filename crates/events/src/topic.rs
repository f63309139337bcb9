//! The topics of the contract.

/// A topic that Waymark publishes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// Careers: people, assignments, levels, readiness. Keyed by person (teams by team).
    Progress,
    /// Frameworks: versions, skills, positions. Keyed by framework.
    Framework,
    /// Evidence and its states. Keyed by the person it is about.
    Evidence,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 3] = [Self::Progress, Self::Framework, Self::Evidence];

    /// Partitions of each topic. Never changed: a key would move to another partition and lose its order.
    pub const PARTITIONS: i32 = 12;

    /// Days for which a topic keeps its messages.
    pub const RETENTION_DAYS: i64 = 30;

    /// The topic's name on the broker.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Progress => "career.progress.events.v1",
            Self::Framework => "career.framework.events.v1",
            Self::Evidence => "career.evidence.events.v1",
        }
    }

    /// What it tells, in one sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Progress => {
                "People, teams, positions held, levels and readiness. The key is the id of the person; of the team for \
                 career.team-defined.v1."
            }
            Self::Framework => {
                "Framework versions, skills and positions. The key is the id of the framework."
            }
            Self::Evidence => {
                "Evidence and what became of it. The key is the id of the person whom it is about."
            }
        }
    }

    /// The topic of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }
}
