//! Roles, how far they reach as SQL, and when rights changed last.

mod epoch;
mod reader;
pub(crate) mod row;
mod scope;
pub(crate) mod store;

pub(crate) use epoch::note_changes;
pub(crate) use scope::{Columns, within};
