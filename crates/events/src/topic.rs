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
    /// The present progress record of each person. Keyed by person, compacted: the newest one is kept.
    ProgressState,
    /// Who was erased. Keyed by subject, compacted and kept.
    Erasures,
}

/// What a topic does with messages that have become old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleanup {
    /// They are deleted after some days.
    Delete {
        /// How many.
        days: i64,
    },
    /// Of each key the newest one stays.
    Compact {
        /// Days after which older ones are gone at the latest.
        days: i64,
    },
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 5] =
        [Self::Progress, Self::Framework, Self::Evidence, Self::ProgressState, Self::Erasures];

    /// The topics that tell what happened. The others tell what is so now: whoever follows events does without them.
    pub const EVENTS: [Self; 3] = [Self::Progress, Self::Framework, Self::Evidence];

    /// Partitions of each topic. Never changed: a key would move to another partition and lose its order.
    pub const PARTITIONS: i32 = 12;

    /// What becomes of its old messages.
    #[must_use]
    pub const fn cleanup(self) -> Cleanup {
        match self {
            Self::Progress | Self::Framework | Self::Evidence => Cleanup::Delete { days: 30 },
            Self::ProgressState | Self::Erasures => Cleanup::Compact { days: 7 },
        }
    }

    /// The topic's name on the broker.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Progress => "career.progress.events.v1",
            Self::Framework => "career.framework.events.v1",
            Self::Evidence => "career.evidence.events.v1",
            Self::ProgressState => "career.progress.state.v1",
            Self::Erasures => "career.subject.erasures.v1",
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
            Self::ProgressState => {
                "The present progress record of each person: the newest message of a key replaces those before it, and one \
                 without data says that the person was erased. The key is the id of the person."
            }
            Self::Erasures => {
                "Who was erased, kept for those who begin to read later. The key is the id of the person."
            }
        }
    }

    /// The topic of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }
}
