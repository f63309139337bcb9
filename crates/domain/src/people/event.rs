//! What happens to people and teams.

use crate::kernel::{Key, PersonId, PositionId, TeamId};
use chrono::NaiveDate;

/// A fact about a person or a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleEvent {
    /// A team exists.
    TeamDefined {
        /// The team.
        team: TeamId,
        /// Its key.
        key: Key,
    },
    /// A person is known.
    Registered {
        /// The person.
        person: PersonId,
        /// Their team.
        team: Option<TeamId>,
        /// Their manager.
        manager: Option<PersonId>,
    },
    /// What is known of a person changed.
    Updated {
        /// The person.
        person: PersonId,
        /// Names of the changed fields.
        fields: Vec<&'static str>,
    },
    /// A person moved to another team.
    TeamChanged {
        /// The person.
        person: PersonId,
        /// The team from now on.
        team: Option<TeamId>,
    },
    /// A person reports to somebody else.
    ReportingLineChanged {
        /// The person.
        person: PersonId,
        /// The manager from now on.
        manager: Option<PersonId>,
    },
    /// A person holds a position.
    Assigned {
        /// The person.
        person: PersonId,
        /// The position.
        position: PositionId,
        /// First day in it.
        from: NaiveDate,
    },
    /// A person no longer holds a position.
    AssignmentEnded {
        /// The person.
        person: PersonId,
        /// The position.
        position: PositionId,
        /// First day without it.
        to: NaiveDate,
    },
    /// A person agreed to a purpose.
    ConsentGiven {
        /// The person.
        person: PersonId,
        /// Key of the purpose.
        purpose: Key,
        /// Version of the text.
        version: u32,
    },
    /// A person took that back.
    ConsentWithdrawn {
        /// The person.
        person: PersonId,
        /// Key of the purpose.
        purpose: Key,
        /// Version of the text that they had agreed to.
        version: u32,
    },
    /// Nothing that names a person is left.
    Erased {
        /// The person.
        person: PersonId,
    },
}
