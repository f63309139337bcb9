//! People, teams and assignments.

pub(crate) mod lines;
mod reader;
pub(crate) mod roster;
pub(crate) mod row;
pub(crate) mod store;
