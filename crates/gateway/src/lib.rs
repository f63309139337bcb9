//! The GraphQL gateway: HTTP and WebSocket in, the domain's use cases and readers out.
//!
//! It turns requests into calls of [`waymark_domain`] and their results into GraphQL. It decides nothing
//! about careers, and it sees neither the database nor the broker, only the domain's ports. Topics bear the
//! domain's names; `transport` is about bytes on the wire, `auth` about tokens, `relay` about ids, cursors
//! and pages, `error` about what callers are told. Start reading at `schema.rs`.

mod access;
mod audit;
pub mod auth;
#[cfg(feature = "bench")]
pub mod bench;
mod engine;
pub mod error;
mod evidence;
mod framework;
mod loaders;
mod markdown;
mod node;
mod people;
mod privacy;
mod progress;
pub mod relay;
mod scalars;
mod schema;
mod services;
pub mod transport;

pub use schema::sdl;
pub(crate) use schema::{WaymarkSchema, schema};
pub use services::Services;
