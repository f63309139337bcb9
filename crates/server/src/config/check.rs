//! What a configuration must have before a process starts with it.

use super::{Config, EventsMode};
use waymark_domain::kernel::Key;

/// Everything that is wrong with the configuration for a production process; empty when all is well.
#[must_use]
pub fn check(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    let mut say = |wrong: bool, problem: &str| {
        if wrong {
            problems.push(problem.to_owned());
        }
    };
    let database = &config.database;
    say(
        database.url.is_none() && database.url_file.is_none(),
        "database.url is missing: set it (WAYMARK_DATABASE__URL) or database.url_file",
    );
    say(
        database.url.is_some() && database.url_file.is_some(),
        "set database.url or database.url_file, not both",
    );
    say(!(1..=100).contains(&database.max_connections), "database.max_connections must be 1 to 100");
    let events = &config.events;
    say(
        events.mode == EventsMode::Kafka && events.brokers.as_deref().is_none_or(str::is_empty),
        "events.brokers is missing: set it, or set events.mode to \"none\"",
    );
    say(
        events.min_insync_replicas < 1 || events.min_insync_replicas > events.replication_factor,
        "events.min_insync_replicas must be 1 to events.replication_factor",
    );
    let auth = &config.auth;
    say(auth.issuer.as_deref().is_none_or(str::is_empty), "auth.issuer is missing: who issues the tokens?");
    say(
        auth.audience.as_deref().is_none_or(str::is_empty),
        "auth.audience is missing: for whom are the tokens?",
    );
    say(
        auth.issuer.as_deref() == Some(crate::dev::ISSUER),
        "auth.issuer is the development issuer: anybody with the folder of `waymark dev` could sign tokens",
    );
    say(auth.public_key_file.is_none(), "auth.public_key_file is missing: how are tokens verified?");
    say(!(1..=1440).contains(&auth.max_token_minutes), "auth.max_token_minutes must be 1 to 1440");
    say(
        config.http.cursor_secret_file.is_none(),
        "http.cursor_secret_file is missing: 32 random bytes in a file",
    );
    say(
        config.http.allowed_origins.iter().any(|origin| origin == "*"),
        "http.allowed_origins must name origins; \"*\" would let any page call the API",
    );
    say(Key::new(&config.tenant.key).is_err(), "tenant.key must be letters a-z, digits and hyphens");
    for (name, file) in [
        ("database.url_file", &database.url_file),
        ("auth.public_key_file", &auth.public_key_file),
        ("http.cursor_secret_file", &config.http.cursor_secret_file),
    ] {
        if let Some(file) = file.as_ref().filter(|file| !file.is_file()) {
            say(true, &format!("{name}: there is no file {}", file.display()));
        }
    }
    problems
}
