//! Who is reached where: a CSV file with the columns `person_id` and `email`, read at the start.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use uuid::Uuid;

/// Addresses by person.
pub type Directory = HashMap<Uuid, String>;

#[derive(Deserialize)]
struct Row {
    person_id: Uuid,
    email: String,
}

/// Reads the file; other columns are ignored.
pub fn read(file: &Path) -> Result<Directory> {
    let reader = csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let rows = reader.into_deserialize::<Row>();
    let rows: Result<Vec<Row>, csv::Error> = rows.collect();
    let rows = rows.with_context(|| format!("{} is not right", file.display()))?;
    Ok(rows.into_iter().map(|row| (row.person_id, row.email)).collect())
}
