//! The rules of careers, and nothing else.
//!
//! This crate decides: what a valid framework is, who may attest a level, how ready a person is for a
//! position. It never performs I/O, never asks for the time or for a random number, and knows neither
//! SeaORM nor GraphQL nor Kafka: the time, ids and the world come in as parameters and ports
//! ([`ports`]), decisions go out as changed aggregates with the events that they recorded.
//!
//! One folder a topic; the other crates use the same names. Start reading at [`framework`] (what a role
//! asks), then [`people`], [`evidence`] (what was done), [`progress`] (where somebody stands).

pub mod access;
pub mod audit;
pub mod evidence;
pub mod framework;
pub mod kernel;
pub mod people;
pub mod ports;
pub mod privacy;
pub mod progress;
