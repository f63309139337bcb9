//! What readers say of people.

use super::Person;
use crate::kernel::{Period, PersonId, PositionId, TeamId};
use chrono::{DateTime, Utc};

/// A person as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// The person.
    pub id: PersonId,
    /// Their id in the organisation's directory.
    pub external_id: String,
    /// Their name.
    pub display_name: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// What they work as.
    pub discipline: String,
    /// Their team.
    pub team: Option<TeamId>,
    /// To whom they report.
    pub manager: Option<PersonId>,
    /// Rises by one with each change.
    pub version: i64,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            external_id: person.profile.external_id,
            display_name: person.profile.display_name,
            email: person.profile.email,
            discipline: person.profile.discipline.to_string(),
            team: person.team,
            manager: person.manager,
            version: person.revision,
        }
    }
}

/// A team as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamView {
    /// The team.
    pub id: TeamId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
}

/// A stretch of time in which a person holds a position, and since when that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssignmentView {
    /// The person.
    pub person: PersonId,
    /// The position.
    pub position: PositionId,
    /// When it is true: from midnight (UTC) of the first day.
    pub valid: Period,
    /// When Waymark learned of it.
    pub recorded_at: DateTime<Utc>,
}
