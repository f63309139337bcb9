//! The configuration: a TOML file, then the environment. Unknown keys are refused.

use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Defaults of the settings that have one.
const DEFAULTS: &str = "group = \"waymark-notifier\"\nreplication_factor = 3\n";

/// Every setting.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Kafka brokers, separated by commas.
    pub brokers: String,
    /// The consumer group.
    pub group: String,
    /// Copies of the group's retry and dead-letter topics.
    pub replication_factor: i32,
    /// `sqlite://FILE?mode=rwc` or `postgres://...`: the notifier's own database, for its inbox.
    pub database_url: Option<SecretString>,
    /// File with the URL of the database.
    pub database_url_file: Option<PathBuf>,
    /// CSV file with the addresses.
    pub directory_file: PathBuf,
    /// File to which messages are appended.
    pub messages_file: PathBuf,
}

impl Config {
    /// The URL of the database, from wherever it is.
    pub fn database_url(&self) -> Result<String> {
        match (&self.database_url, &self.database_url_file) {
            (Some(url), None) => Ok(url.expose_secret().to_owned()),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file);
                Ok(text.with_context(|| format!("cannot read {}", file.display()))?.trim().to_owned())
            }
            _ => bail!("set either database_url or database_url_file"),
        }
    }
}

/// The configuration from this file (if any) and the environment.
pub fn load(file: Option<&Path>) -> Result<Config> {
    let mut figment = Figment::new().merge(Toml::string(DEFAULTS));
    if let Some(file) = file {
        if !file.is_file() {
            bail!("there is no configuration file {}", file.display());
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    let env = Env::prefixed("WAYMARK_NOTIFIER_").ignore(&["config"]);
    figment.merge(env).extract().context("the configuration is not right")
}
