//! Configuration: typed sections from a TOML file and the environment. Unknown keys are refused.

mod check;
mod load;
mod sections;

pub use check::{Role, check};
pub use load::load;
pub use sections::{Config, EventsMode, HttpConfig, LogFormat, OperationsSetting};

/// Every setting with its default and what it is for.
pub const DEFAULTS: &str = include_str!("defaults.toml");
