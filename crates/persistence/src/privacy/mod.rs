//! Requests for erasure, and erasure itself.

mod erase;
mod reader;
pub(crate) mod row;
pub(crate) mod store;

pub(crate) use erase::erase;
