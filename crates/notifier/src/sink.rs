//! Where messages go: a file with one JSON object a line.

use anyhow::{Context, Result};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A message to one person.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message<'a> {
    /// The same whenever the event is delivered again.
    pub message_id: String,
    /// Address.
    pub to: &'a str,
    /// Subject line.
    pub subject: &'a str,
    /// Text.
    pub text: &'a str,
}

/// The file; lines are only ever appended.
pub struct FileSink(Mutex<File>);

impl FileSink {
    /// Opens the file, which is made if it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self(Mutex::new(file.with_context(|| format!("cannot write {}", path.display()))?)))
    }

    /// Writes one message; it is on the disk when this returns.
    pub fn write(&self, message: &Message<'_>) -> io::Result<()> {
        let line = serde_json::to_string(message)? + "\n";
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }
}
