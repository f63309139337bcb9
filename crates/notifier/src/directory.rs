//! Who is reached where: a CSV file with the columns `person_id` and `email`, read at the start.

use anyhow::{Context, Result, bail};
use lettre::Address;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use uuid::Uuid;

/// Addresses by person.
pub struct Directory(RwLock<HashMap<Uuid, String>>);

#[derive(Deserialize)]
struct Row {
    person_id: Uuid,
    email: String,
}

impl Directory {
    /// Reads the file; other columns are ignored.
    pub fn read(file: &Path) -> Result<Self> {
        let reader =
            csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut people = HashMap::new();
        for row in reader.into_deserialize::<Row>() {
            let Row { person_id, email } = row.with_context(|| format!("{} is not right", file.display()))?;
            if email.parse::<Address>().is_err() {
                bail!("{}: the address of {person_id} is none", file.display());
            }
            people.insert(person_id, email);
        }
        Ok(Self(RwLock::new(people)))
    }

    /// How many people have an address.
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The person's address, if they have one.
    pub fn address(&self, person: Uuid) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&person).cloned()
    }

    /// Forgets the person's address, as far as it is in memory: the file is whoever writes it's own.
    pub fn forget(&self, person: Uuid) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&person);
    }
}
