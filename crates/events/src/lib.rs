//! The published contract: what consumers of Waymark's topics may rely on.
//!
//! Here are the payload types of every event ([`payload`]), the envelope in which they travel
//! ([`Record`], CloudEvents 1.0 in binary mode), the topics ([`Topic`]), and, generated from the
//! types, the JSON Schemas ([`schema`]) and one document of the whole ([`asyncapi`]). The crate knows nothing else of Waymark: consumers written in Rust depend on it
//! alone. A payload carries ids and levels, never free text or personal fields.
//!
//! Start reading at [`catalogue`].

pub mod asyncapi;
pub mod catalogue;
mod example;
pub mod payload;
pub mod record;
pub mod schema;
pub mod topic;

pub use catalogue::{CATALOGUE, EventType, PublishedEvent};
pub use record::{Record, State, TraceHeaders};
pub use topic::{Cleanup, Topic};
