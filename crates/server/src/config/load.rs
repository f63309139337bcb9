//! Reads the configuration: defaults, then the file, then the environment.

use super::{Config, DEFAULTS};
use anyhow::{Context, Result, bail};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use std::path::Path;

/// The configuration from this file (if any) and the environment.
///
/// # Errors
/// An unreadable file, an unknown key, a value of the wrong type; the message names where it stands.
pub fn load(file: Option<&Path>) -> Result<Config> {
    let mut figment = Figment::new().merge(Toml::string(DEFAULTS));
    if let Some(file) = file {
        if !file.is_file() {
            bail!("there is no configuration file {}", file.display());
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    // Only names with two underscores belong to a section; WAYMARK_CONFIG, for one, is no setting.
    let env = Env::prefixed("WAYMARK_").filter(|name| name.as_str().contains("__")).split("__");
    figment.merge(env).extract().context("the configuration is not right")
}
