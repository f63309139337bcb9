//! `waymark migrate`.

use super::connect;
use crate::config::Config;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// Brings the database's schema up to date.
pub async fn run(config: Config) -> Result<()> {
    let database = connect(&config).await?;
    let pending = database.pending_migrations().await?;
    let bar = ProgressBar::new(u64::try_from(pending).unwrap_or_default())
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} migrations")?);
    while database.migrate_next().await? {
        bar.inc(1);
    }
    bar.finish_and_clear();
    match pending {
        0 => println!("The database was up to date."),
        count => println!("The database is up to date: {count} migrations were applied."),
    }
    Ok(database.close().await?)
}
