//! Requests for erasure, erasure itself, and the register of what is stored.

mod erase;
mod reader;
pub mod register;
mod row;
pub(crate) mod store;

pub(crate) use erase::erase;
