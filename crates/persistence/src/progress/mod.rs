//! Skill records: the record, its items, and its figures over both times.

mod reader;
pub(crate) mod row;
pub(crate) mod store;
