//! A file with one JSON object a line, from where another program takes them. One process writes it.

use super::Message;
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// The file. Lines are appended; only erasure removes some.
pub struct FileSink {
    path: PathBuf,
    file: Mutex<File>,
}

impl FileSink {
    /// Opens the file, which is made if it is not there.
    pub fn open(path: &Path) -> Result<Self> {
        let file = append(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Writes one message; it is on the disk when this returns.
    pub fn write(&self, message: &Message) -> io::Result<()> {
        let line = serde_json::to_string(message)? + "\n";
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes())?;
        file.sync_data()
    }

    /// Puts a file without this person's lines in place of the file. A crash leaves the one or the other.
    pub fn forget(&self, person: Uuid) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let beside = self.path.with_extension("partial");
        let mut kept = BufWriter::new(File::create(&beside)?);
        for line in BufReader::new(File::open(&self.path)?).lines() {
            let line = line?;
            // A line that a crash cut off is no message, and goes too.
            if serde_json::from_str::<Message>(&line).is_ok_and(|message| message.person_id != person) {
                writeln!(kept, "{line}")?;
            }
        }
        kept.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&beside, &self.path)?;
        *file = append(&self.path)?;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}
