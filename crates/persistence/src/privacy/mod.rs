//! Requests for erasure, and erasure itself.

mod erase;
mod reader;
mod row;
pub(crate) mod store;

pub(crate) use erase::erase;
