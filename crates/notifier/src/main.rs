//! `waymark-notifier`: follows the events of people and writes each of them who is concerned a short message.
//!
//! Events name nobody, so addresses come from a CSV file ([`directory`]). Messages go to a mail server, or to a file as
//! lines of JSON ([`sink`]). Each is sent at least once; its id is made of that of the event, so that one that was sent
//! again is recognised. Whoever was erased ([`erased`]) is forgotten and gets nothing more.

mod config;
mod directory;
mod erased;
mod message;
mod notify;
mod sink;

use anyhow::{Context, Result};
use clap::Parser;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::filter::LevelFilter;
use waymark_consumer::sea_orm::{ConnectOptions, Database};
use waymark_consumer::{GapPolicy, Group, Settings, UnknownTypes};
use waymark_events::Topic;

/// Writes people short messages about what happened in their careers.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Configuration file (TOML). Every setting may also stand in the environment, as WAYMARK_NOTIFIER_BROKERS.
    #[arg(long, env = "WAYMARK_NOTIFIER_CONFIG")]
    config: Option<PathBuf>,
    /// Check the configuration and the directory, then end.
    #[arg(long)]
    check: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let builder = tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_target(false);
    builder.with_ansi(stderr().is_terminal()).with_writer(stderr).init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("waymark-notifier: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<()> {
    let config = config::load(cli.config.as_deref())?;
    let directory = directory::Directory::read(&config.directory_file)?;
    let (url, sink) = (config.database_url()?, config.sink()?);
    if cli.check {
        eprintln!("the configuration is right; {} people have an address", directory.len());
        return Ok(());
    }
    let mut options = ConnectOptions::new(url);
    // SQLite has one writer; messages are few.
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options).await.context("the database does not answer")?;
    erased::create(&database).await?;
    let topics = [Topic::Progress.name(), Topic::Evidence.name()];
    let settings = Settings {
        replication: config.replication_factor,
        // A message about what was missed would come too late anyway.
        gap: GapPolicy::Accept,
        unknown: UnknownTypes::Skip,
        concurrency: 1,
        ..Settings::new(&config.brokers, &config.group, &topics)
    };
    let handler = notify::Notifier { directory, sink, max_age: config.max_age() };
    Ok(Group::new(settings, database, Arc::new(handler)).await?.start()?.until_told().await?)
}
