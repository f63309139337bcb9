//! What a consumer of Waymark's topics needs, so that it only has to say what an event means to it.
//!
//! A consumer is a [`Handler`] in a [`Group`]. The kit decodes each message into an [`Event`] of the contract, takes
//! its sequence in the inbox and calls the handler with the same transaction, so that the effect and the mark that it
//! happened are committed together: an event that is delivered again has no second effect. A key whose event fails
//! waits with back-off while other keys flow; what keeps failing goes to a dead-letter topic ([`dead`]), the later
//! events of its key behind it, until somebody redrives or drops it ([`dlq`]). [`position`] moves a group to another
//! place, for a replay.
//!
//! Start reading at [`handler`], then `settle.rs`, which takes one event from message to committed.

mod admin;
pub mod dead;
mod decode;
pub mod dlq;
mod group;
pub mod handler;
pub mod inbox;
mod lane;
pub mod position;
mod settings;
mod settle;
mod state;

pub use decode::{Event, Incoming, Poison, decode};
pub use group::{Group, GroupError, RunningGroup};
pub use handler::{Handler, HandlerError};
/// For handlers: the very version whose transactions they get.
pub use sea_orm;
pub use settings::{GapPolicy, Retry, Settings, UnknownTypes};
