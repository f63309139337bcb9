//! The outbox: events are appended in the transaction of their change, and wait here until the broker has
//! acknowledged them.
//!
//! Order is kept per stream, and a stream is a key of a topic. A save locks the streams that it appends to
//! (one row each) before it writes an event, so that the place in the log follows the sequence within a
//! stream. Pending events are deleted after the acknowledgement; there is no cursor that a late commit
//! could fall behind.

mod announce;
mod append;
mod figures;
mod hint;
mod lease;
mod prune;
mod published;
mod queue;
pub(crate) mod row;
mod state;

pub(crate) use announce::announce;
pub(crate) use append::append;
pub use figures::OutboxFigures;
pub(crate) use hint::Hint;
pub use lease::{Lease, SHARDS};
pub use queue::{Bell, Outbox};
