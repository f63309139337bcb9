//! People, teams and assignments.

mod reader;
pub(crate) mod row;
pub(crate) mod store;
