//! What a list holds, and in which order.

use crate::evidence::{EvidenceKind, EvidenceState};
use crate::kernel::{PersonId, PositionId, TeamId};
use chrono::NaiveDate;

/// A condition over the entries of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition<T> {
    /// All of these hold; of none of them: always true.
    All(Vec<Self>),
    /// One of these holds; of none of them: never true.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// This single test holds.
    Is(T),
}

impl<T> Default for Condition<T> {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<T> From<T> for Condition<T> {
    fn from(test: T) -> Self {
        Self::Is(test)
    }
}

/// A test of a text. Letters match whatever their case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextTest {
    /// It is one of these.
    In(Vec<String>),
    /// It begins so.
    StartsWith(String),
    /// This stands somewhere in it.
    Contains(String),
}

/// A test of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonTest {
    /// Of the name.
    Name(TextTest),
    /// Of the id in the organisation's directory.
    ExternalId(TextTest),
    /// Of the discipline.
    Discipline(TextTest),
    /// Member of one of these teams.
    Team(Vec<TeamId>),
    /// Reports directly to one of these.
    Manager(Vec<PersonId>),
    /// Holds one of these positions.
    Position(Vec<PositionId>),
}

/// By what people are ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PeopleOrder {
    /// By name.
    #[default]
    Name,
    /// By the id in the organisation's directory.
    ExternalId,
}

/// Which people a list holds, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// What holds for everybody in it.
    pub condition: Condition<PersonTest>,
    /// By what it is ordered.
    pub order: PeopleOrder,
    /// Whether the order is turned round.
    pub descending: bool,
}

/// A test of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceTest {
    /// About one of these people.
    Person(Vec<PersonId>),
    /// Of one of these kinds.
    Kind(Vec<EvidenceKind>),
    /// In one of these states.
    State(Vec<EvidenceState>),
    /// Happened on this day or later.
    From(NaiveDate),
    /// Happened on this day or earlier.
    Until(NaiveDate),
}

/// By what evidence is ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EvidenceOrder {
    /// By the day on which it happened.
    #[default]
    OccurredOn,
    /// By when it was recorded.
    RecordedAt,
}

/// Which evidence a list holds, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceFilter {
    /// What holds for everything in it.
    pub condition: Condition<EvidenceTest>,
    /// By what it is ordered.
    pub order: EvidenceOrder,
    /// Whether the newest comes first.
    pub descending: bool,
}

impl Default for EvidenceFilter {
    /// All evidence, the newest day first.
    fn default() -> Self {
        Self { condition: Condition::default(), order: EvidenceOrder::OccurredOn, descending: true }
    }
}
