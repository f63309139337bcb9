//! Section `[encryption]`.

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use waymark_persistence::{MasterKey, MasterKeys};

/// Section `[encryption]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptionConfig {
    /// File with the master key.
    pub master_key_file: Option<PathBuf>,
    /// The master key itself, from the environment.
    pub master_key: Option<SecretString>,
    /// Files with earlier master keys.
    pub previous_key_files: Vec<PathBuf>,
}

impl EncryptionConfig {
    /// What is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        match self.keys() {
            Ok(_) => Vec::new(),
            Err(error) => vec![format!("{error:#}")],
        }
    }

    /// The master keys.
    ///
    /// # Errors
    /// When there is none, or a file cannot be read or holds something else.
    pub fn keys(&self) -> Result<MasterKeys> {
        let current = match (&self.master_key, &self.master_key_file) {
            (Some(_), Some(_)) => bail!("set encryption.master_key or encryption.master_key_file, not both"),
            (Some(key), None) => MasterKey::parse(key.expose_secret()).context("encryption.master_key")?,
            (None, Some(file)) => read("encryption.master_key_file", file)?,
            (None, None) => bail!(
                "encryption.master_key_file is missing: text about people is sealed in the database; `waymark keys new` \
                 makes a key"
            ),
        };
        let previous = self.previous_key_files.iter().map(|file| read("encryption.previous_key_files", file));
        Ok(MasterKeys::new(current, previous.collect::<Result<_>>()?))
    }
}

/// The master key of a file.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn read(setting: &str, file: &Path) -> Result<MasterKey> {
    let name = || format!("{setting}: {}", file.display());
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", name()))?;
    MasterKey::parse(&text).with_context(name)
}
