//! The register of what is stored: each column of each table with its class, and for each table why it is kept, how
//! long, and what erasure does with it. `docs/privacy.md` is generated from it, and a test holds it against the tables
//! of a migrated database: a column without a place here does not pass.

mod tables;
mod text;

pub use text::markdown;

use Class::{Organisational, Personal, Pseudonymous, Secret, Technical};

/// How close a column is to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Names a person, or is text that may say anything about one.
    Personal,
    /// Is about a person whom only an id names.
    Pseudonymous,
    /// Is about the organisation alone.
    Organisational,
    /// Is there for the machine: revisions, times of leases, sequences.
    Technical,
    /// Whoever has it may do something with it. Only a hash of it is stored, or it is wrapped by another key.
    Secret,
}

impl Class {
    /// Every class with its name and what it means, in the order of closeness.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Personal, "personal text", "names a person, or is free text that may say anything about one"),
        (Pseudonymous, "pseudonymous", "is about a person whom only an id names"),
        (Organisational, "organisational", "is about the organisation alone"),
        (Technical, "technical", "is there for the machine: revisions, leases, sequences"),
        (
            Secret,
            "secret",
            "lets whoever has it do something; only a hash of it is stored, or it is wrapped by another key",
        ),
    ];

    /// Its name in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(class, ..)| *class == self).map_or("", |(_, name, _)| name)
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// How close it is to a person.
    pub class: Class,
    /// Whether its values are encrypted at rest.
    pub sealed: bool,
}

/// What a table holds.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// The lawful ground, in words that the operator adapts to the own processing; empty where nothing is about people.
    pub ground: &'static str,
    /// How long rows stay.
    pub retention: &'static str,
    /// What becomes of them when the person is erased.
    pub erasure: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

/// Every table, by name.
#[must_use]
pub fn tables() -> Vec<&'static Table> {
    let mut all: Vec<&Table> = tables::TABLES.iter().copied().flatten().collect();
    all.sort_by_key(|table| table.name);
    all
}

const fn column(name: &'static str, class: Class) -> Column {
    Column { name, class, sealed: false }
}

/// Text that lies sealed in the column `sealed` of its row; what stands here is empty, or a keyed hash.
const fn sealed(name: &'static str) -> Column {
    Column { name, class: Personal, sealed: true }
}

const fn pseudonymous(name: &'static str) -> Column {
    column(name, Pseudonymous)
}

const fn organisational(name: &'static str) -> Column {
    column(name, Organisational)
}

const fn technical(name: &'static str) -> Column {
    column(name, Technical)
}
