//! What a configuration must have before a process starts with it.

use super::{Config, EventsMode, OperationsSetting, check_auth};
use std::path::PathBuf;
use waymark_domain::kernel::Key;

/// What a process does: each role needs its own part of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Serves the API.
    Serve,
    /// Publishes events.
    Relay,
    /// Works on the database alone: migrations, imports.
    Database,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Serve, Self::Relay, Self::Database];
}

/// Everything that is wrong with the configuration for a production process of these roles; empty when all
/// is well.
#[must_use]
pub fn check(config: &Config, roles: &[Role]) -> Vec<String> {
    let mut problems = database(config);
    if roles.contains(&Role::Relay) {
        problems.extend(events(config));
    }
    if roles.contains(&Role::Serve) {
        problems.extend(api(config));
        problems.extend(config.encryption.problems());
    }
    problems
}

/// The problems whose condition is true.
fn those(problems: &[(bool, &str)]) -> Vec<String> {
    problems.iter().filter(|(wrong, _)| *wrong).map(|(_, problem)| (*problem).to_owned()).collect()
}

/// A file that is named and not there.
pub(super) fn missing(name: &str, file: Option<&PathBuf>) -> Option<String> {
    let file = file.filter(|file| !file.is_file())?;
    Some(format!("{name}: there is no file {}", file.display()))
}

fn database(config: &Config) -> Vec<String> {
    let database = &config.database;
    let mut problems = those(&[
        (
            database.url.is_none() && database.url_file.is_none(),
            "database.url is missing: set it (WAYMARK_DATABASE__URL) or database.url_file",
        ),
        (
            database.url.is_some() && database.url_file.is_some(),
            "set database.url or database.url_file, not both",
        ),
        (!(1..=100).contains(&database.max_connections), "database.max_connections must be 1 to 100"),
        (Key::new(&config.tenant.key).is_err(), "tenant.key must be letters a-z, digits and hyphens"),
    ]);
    problems.extend(missing("database.url_file", database.url_file.as_ref()));
    problems.extend(config.retention.problems());
    problems
}

fn events(config: &Config) -> Vec<String> {
    let events = &config.events;
    those(&[
        (
            events.mode == EventsMode::Kafka && events.brokers.as_deref().is_none_or(str::is_empty),
            "events.brokers is missing: set it, or set events.mode to \"none\"",
        ),
        (
            events.min_insync_replicas < 1 || events.min_insync_replicas > events.replication_factor,
            "events.min_insync_replicas must be 1 to events.replication_factor",
        ),
        (events.log_retention_days > 36_500, "events.log_retention_days must be 0 to 36500"),
    ])
}

fn api(config: &Config) -> Vec<String> {
    let http = &config.http;
    let mut problems = check_auth::check(&config.auth, &config.tenant);
    problems.extend(those(&[
        (
            !(1..=100_000).contains(&config.limits.operations_in_flight),
            "limits.operations_in_flight must be 1 to 100000",
        ),
        (http.cursor_secret_file.is_none(), "http.cursor_secret_file is missing: 32 random bytes in a file"),
        (
            http.allowed_origins.iter().any(|origin| origin == "*"),
            "http.allowed_origins must name origins; \"*\" would let any page call the API",
        ),
        (
            (http.operations == OperationsSetting::Off) != http.operations_file.is_none(),
            "http.operations and http.operations_file go together: set both, or neither",
        ),
    ]));
    problems.extend(config.consent.problems());
    problems.extend(missing("http.cursor_secret_file", http.cursor_secret_file.as_ref()));
    problems.extend(missing("http.operations_file", http.operations_file.as_ref()));
    problems
}
