//! The sections of the configuration. `defaults.toml` says what each setting is for.

use super::{AuthConfig, ConsentConfig, EncryptionConfig, RetentionConfig};
use secrecy::SecretString;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The API.
    pub http: HttpConfig,
    /// What is for operators alone.
    pub admin: AdminConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// Text about people at rest.
    pub encryption: EncryptionConfig,
    /// Events.
    pub events: EventsConfig,
    /// Tokens.
    pub auth: AuthConfig,
    /// The organisation.
    pub tenant: TenantConfig,
    /// What people can agree to.
    pub consent: ConsentConfig,
    /// What ends.
    pub retention: RetentionConfig,
    /// Bounds.
    pub limits: LimitsConfig,
    /// Logs.
    pub log: LogConfig,
}

/// Section `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address of the API.
    pub listen: SocketAddr,
    /// Whether the playground is served.
    pub playground: bool,
    /// Whether the schema is told to whoever asks.
    pub introspection: bool,
    /// Browser origins that may call the API.
    pub allowed_origins: Vec<String>,
    /// What trusted documents are for.
    pub operations: OperationsSetting,
    /// Manifest of trusted documents.
    pub operations_file: Option<PathBuf>,
    /// File with the secret by which cursors are protected.
    pub cursor_secret_file: Option<PathBuf>,
}

/// Section `[admin]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminConfig {
    /// Where `waymark serve` tells its metrics.
    pub serve_listen: SocketAddr,
    /// Where `waymark relay` tells its metrics.
    pub relay_listen: SocketAddr,
}

/// What trusted documents are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperationsSetting {
    /// There are none.
    Off,
    /// They may be larger than free documents.
    Preferred,
    /// Nothing else is executed.
    Required,
}

/// Section `[database]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// Connection URL.
    pub url: Option<SecretString>,
    /// File with the connection URL.
    pub url_file: Option<PathBuf>,
    /// Connections of the process.
    pub max_connections: u32,
}

/// Where events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventsMode {
    /// To Apache Kafka, by `waymark relay`.
    Kafka,
    /// Nowhere: the log in the database and the live feed are all there is.
    None,
}

/// Section `[events]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsConfig {
    /// Where events go.
    pub mode: EventsMode,
    /// Kafka brokers, separated by commas.
    pub brokers: Option<String>,
    /// Copies of each topic.
    pub replication_factor: i32,
    /// Copies that must have an event.
    pub min_insync_replicas: i32,
    /// Whether the relay makes topics that are missing.
    pub create_topics: bool,
    /// What the relay does about topics that are not as they should be.
    pub topic_differences: Differences,
    /// Days for which the log keeps events that were published; 0 keeps them for good.
    pub log_retention_days: u32,
}

/// What the relay does at its start about topics that are not as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Differences {
    /// It says so in its log, and works.
    Warn,
    /// It does not start.
    Refuse,
}

/// Section `[tenant]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantConfig {
    /// Names the organisation.
    pub key: String,
}

/// Section `[limits]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Most queries and mutations that are executed at once.
    pub operations_in_flight: usize,
    /// What one caller may use up in a minute, in points of cost.
    pub points_per_minute: u32,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Section `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// How logs are written.
    pub format: LogFormat,
    /// What is logged.
    pub filter: String,
}
