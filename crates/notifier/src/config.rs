//! The configuration: a TOML file, then the environment. Unknown keys are refused.

use crate::sink::{FileSink, MailSink, Sink};
use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Defaults of the settings that have one.
const DEFAULTS: &str = "group = \"waymark-notifier\"\nreplication_factor = 3\nmax_age_hours = 72\n";

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
    /// Hours after which an event is no news and gets no message, from 1: a group that begins reads the whole topic.
    pub max_age_hours: NonZeroU32,
    /// `sqlite://FILE?mode=rwc` or `postgres://...`: the notifier's own database, for its inbox.
    pub database_url: Option<SecretString>,
    /// File with the URL of the database.
    pub database_url_file: Option<PathBuf>,
    /// CSV file with the addresses.
    pub directory_file: PathBuf,
    /// File to which messages are appended; either this or a mail server.
    pub messages_file: Option<PathBuf>,
    /// The mail server: `smtps://USER:PASSWORD@HOST` or `smtp://HOST:587?tls=required`.
    pub smtp_url: Option<SecretString>,
    /// File with the URL of the mail server.
    pub smtp_url_file: Option<PathBuf>,
    /// From whom mail comes, as `Waymark <waymark@example.com>`.
    pub mail_from: Option<String>,
}

impl Config {
    /// The URL of the database, from wherever it is.
    pub fn database_url(&self) -> Result<String> {
        secret(self.database_url.as_ref(), self.database_url_file.as_deref())?
            .context("set either database_url or database_url_file")
    }

    /// Age from which on an event is no news.
    pub fn max_age(&self) -> Duration {
        Duration::from_secs(u64::from(self.max_age_hours.get()) * 3_600)
    }

    /// Where messages go.
    pub fn sink(&self) -> Result<Sink> {
        let smtp = secret(self.smtp_url.as_ref(), self.smtp_url_file.as_deref())?;
        match (&self.messages_file, smtp, &self.mail_from) {
            (Some(file), None, None) => Ok(Sink::File(FileSink::open(file)?)),
            (None, Some(url), Some(from)) => Ok(Sink::Mail(MailSink::new(&url, from)?)),
            _ => bail!("set either messages_file, or smtp_url (or smtp_url_file) and mail_from"),
        }
    }
}

/// A secret that stands in the configuration or in a file, not in both.
fn secret(value: Option<&SecretString>, file: Option<&Path>) -> Result<Option<String>> {
    match (value, file) {
        (Some(value), None) => Ok(Some(value.expose_secret().to_owned())),
        (None, Some(file)) => {
            let text =
                std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
            Ok(Some(text?.trim().to_owned()))
        }
        (None, None) => Ok(None),
        (Some(_), Some(file)) => bail!("{} and its setting are both given; one is enough", file.display()),
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
