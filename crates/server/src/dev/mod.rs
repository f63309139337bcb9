//! The embedded form: everything in one process, for trying out and for development.

mod issuer;
mod personas;
mod seed;

pub use issuer::{ISSUER, Issuer, master_keys};
pub use personas::Personas;
pub use seed::seed;

use anyhow::{Context, Result, bail};
use std::fs::{File, TryLockError};
use std::path::Path;
use waymark_persistence::{Database, DatabaseConfig};

/// Key of the tenant of the embedded form.
pub const TENANT: &str = "default";

/// The audience of tokens of the embedded form.
pub const AUDIENCE: &str = "waymark-dev";

/// Holds the folder for this process alone, until the file is dropped: two embedded brokers would each get a part
/// of the events.
///
/// # Errors
/// When another process holds it.
pub fn lock(folder: &Path) -> Result<File> {
    let name = folder.join("lock");
    let file = File::create(&name).with_context(|| format!("{} cannot be made", name.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another `waymark dev` uses {}; stop it, or name another folder by --data",
                folder.display()
            )
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", name.display()))
        }
    }
}

/// The database of a data folder, without bringing it up to date.
///
/// # Errors
/// When the folder has no database.
pub async fn database(folder: &Path) -> Result<Database> {
    let file = folder.join("waymark.db");
    if !file.is_file() {
        bail!("there is no data in {}; start `waymark dev --data {0}` first", folder.display());
    }
    open(folder).await
}

/// The database of a data folder, made if it is missing.
///
/// # Errors
/// When the file cannot be opened.
pub async fn open(folder: &Path) -> Result<Database> {
    let file = folder.join("waymark.db");
    let name = file.to_str().context("the path of the data folder is not readable as text")?;
    // `?` and `#` would begin other parts of the URL.
    let name = name.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    let config =
        DatabaseConfig { url: format!("sqlite://{name}"), max_connections: 4, statement_timeout: None };
    Database::connect(&config).await.with_context(|| format!("{} cannot be opened", file.display()))
}
