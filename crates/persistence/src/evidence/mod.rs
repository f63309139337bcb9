//! Evidence: one row a piece; links and claims, which never change, as JSON in it.

mod reader;
pub(crate) mod row;
pub(crate) mod store;
