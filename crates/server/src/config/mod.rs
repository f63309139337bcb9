//! Configuration: typed sections from a TOML file and the environment. Unknown keys are refused.

mod check;
mod load;
mod sections;

pub use check::check;
pub use load::load;
pub use sections::{Config, EventsMode, LogFormat};

/// Every setting with its default and what it is for.
pub const DEFAULTS: &str = include_str!("defaults.toml");
