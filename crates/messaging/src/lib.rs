//! Messaging: from the outbox to Kafka, and back out of it.
//!
//! This is the only crate that knows rdkafka, and it knows nothing of careers: it moves
//! [`Record`](waymark_events::Record)s. [`Relay`] publishes what waits in an outbox, [`EmbeddedBroker`] is a
//! broker for development inside the process, [`consume`] reads a topic, [`topics`] makes, checks and
//! mends the topics of the contract. Start reading at [`relay`].

pub mod consume;
mod embedded;
mod outbox;
mod produce;
pub mod relay;
pub mod topics;

pub use embedded::{EmbeddedBroker, EmbeddedError};
pub use outbox::{Lease, OutboxSource, SourceError};
pub use relay::{Relay, RelayConfig, RelayMetrics};
