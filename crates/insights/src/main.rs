//! `waymark-insights`: follows Waymark's events and keeps figures about groups of people: levels, attestations,
//! evidence, for each team and skill. It has a database of its own and asks nothing of the service.

mod figures;
mod project;
mod rebuild;
mod show;
mod tables;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use std::io::{IsTerminal, Write, stderr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tracing_subscriber::filter::LevelFilter;
use waymark_consumer::sea_orm::{ConnectOptions, Database, DatabaseConnection};
use waymark_consumer::{GapPolicy, Group, RunningGroup, Settings, UnknownTypes};
use waymark_events::Topic;

/// Figures about groups of people, from Waymark's events.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    storage: Storage,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Storage {
    /// URL of the database: `sqlite://FILE?mode=rwc` or `postgres://...`.
    #[arg(
        long,
        global = true,
        env = "WAYMARK_INSIGHTS_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://waymark-insights.db?mode=rwc"
    )]
    database_url: String,
    /// File with the URL of the database, if it holds a password.
    #[arg(long, global = true, env = "WAYMARK_INSIGHTS_DATABASE_URL_FILE")]
    database_url_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Follows the events until it is told to end.
    Run(Source),
    /// Empties the tables and reads every event again, then ends. No other member of the group may run.
    Rebuild {
        #[command(flatten)]
        source: Source,
        /// Also when the oldest events are gone from the topics: what they told is missing afterwards.
        #[arg(long)]
        partial: bool,
    },
    /// Prints the figures.
    Show {
        /// As JSON, with every month.
        #[arg(long)]
        json: bool,
    },
}

/// From where events come.
#[derive(Args)]
struct Source {
    /// Kafka brokers, separated by commas.
    #[arg(long, env = "WAYMARK_INSIGHTS_BROKERS")]
    brokers: String,
    /// The consumer group.
    #[arg(long, env = "WAYMARK_INSIGHTS_GROUP", default_value = "waymark-insights")]
    group: String,
    /// The tenant whose events count.
    #[arg(long, env = "WAYMARK_INSIGHTS_TENANT", default_value = "default")]
    tenant: String,
    /// Copies of the group's retry and dead-letter topics.
    #[arg(long, env = "WAYMARK_INSIGHTS_REPLICATION_FACTOR", default_value_t = 3)]
    replication_factor: i32,
}

impl Source {
    /// Joins the group.
    async fn start(&self, database: DatabaseConnection) -> Result<RunningGroup> {
        let settings = Settings {
            replication: self.replication_factor,
            // What is too old for the topics is missing in the figures; there is nobody to ask for it.
            gap: GapPolicy::Accept,
            unknown: UnknownTypes::Skip,
            ..Settings::new(&self.brokers, &self.group, &Topic::EVENTS.map(Topic::name))
        };
        let handler = Arc::new(project::Projection::new(&self.tenant));
        Ok(Group::new(settings, database, handler).await?.start()?)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let builder = tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_target(false);
    builder.with_ansi(stderr().is_terminal()).with_writer(stderr).init();
    match execute(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("waymark-insights: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(cli: Cli) -> Result<()> {
    let database = cli.storage.open().await?;
    match cli.command {
        Command::Run(source) => Ok(source.start(database).await?.until_told().await?),
        Command::Rebuild { source, partial } => rebuild::run(&source, database, partial).await,
        Command::Show { json } => {
            let figures = figures::compute(&database).await?;
            let text =
                if json { serde_json::to_string_pretty(&figures)? + "\n" } else { show::table(&figures) };
            // The reader may have seen enough, as `head` does.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
    }
}

impl Storage {
    async fn open(self) -> Result<DatabaseConnection> {
        let url = match &self.database_url_file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                text.with_context(|| format!("cannot read {}", file.display()))?.trim().to_owned()
            }
            None => self.database_url,
        };
        let connections = match url.split(':').next() {
            // SQLite has one writer.
            Some("sqlite") => 1,
            Some("postgres" | "postgresql") => 6,
            _ => bail!("the URL of the database begins with neither sqlite nor postgres"),
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(connections).sqlx_logging(false);
        let database = Database::connect(options).await.context("the database does not answer")?;
        tables::create(&database).await?;
        Ok(database)
    }
}
