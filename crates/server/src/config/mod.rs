//! Configuration: typed sections from a TOML file and the environment. Unknown keys are refused.

mod auth;
mod check;
mod check_auth;
mod consent;
mod encryption;
mod load;
mod retention;
mod sections;

pub use auth::{AuthConfig, IssuerSettings};
pub use check::{Role, check};
pub use consent::ConsentConfig;
pub use encryption::{EncryptionConfig, read as read_master_key};
pub use load::load;
pub use retention::RetentionConfig;
pub use sections::{
    Config, Differences, EventsConfig, EventsMode, HttpConfig, LimitsConfig, LogFormat, OperationsSetting,
    TenantConfig,
};

/// Every setting with its default and what it is for.
pub const DEFAULTS: &str = include_str!("defaults.toml");
