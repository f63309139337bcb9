//! What each table holds.

mod machine;
mod organisation;
mod people;

use super::Table;

/// Every table, by topic.
pub(super) const TABLES: [&[Table]; 3] = [people::TABLES, organisation::TABLES, machine::TABLES];

/// What the development of people at work rests on.
const EMPLOYMENT: &str = "the employment contract, or the legitimate interest in fair and documented decisions on \
    careers (GDPR, article 6 (1) (b) or (f); national law on employees' data)";

/// What the answer to a person's request rests on.
const DUTY: &str = "a legal obligation: to answer requests of people about their data, and to show that it was done \
    (GDPR, article 6 (1) (c))";

/// What keeps the service safe and right.
const SAFETY: &str =
    "the legitimate interest in a service that is secure and does nothing twice (GDPR, article 6 (1) (f))";

/// There is nobody in it.
const NOBODY: &str = "touches nothing here: it is not about a person";

/// There is no end to it.
const FOR_GOOD: &str = "for good";
