//! Requests for erasure, erasure itself, exports, and the register of what is stored.

pub(crate) mod consent;
mod erase;
pub(crate) mod export;
mod reader;
pub mod register;
mod retention;
pub(crate) mod row;
pub(crate) mod store;

pub(crate) use erase::erase;
pub use retention::Retention;
