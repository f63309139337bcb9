//! `cargo xtask`: everything that developers and CI do with this workspace.

mod bench;
mod chaos;
mod clients;
mod kafka;
mod postgres;
mod shell;
mod steps;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs, tests and checks Waymark.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build everything and start `waymark dev` with the sample data.
    Run {
        /// Build with optimisations: slower to build, faster to run.
        #[arg(long)]
        release: bool,
        /// Arguments of `waymark dev`, after `--`.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Set up PostgreSQL and Apache Kafka and run every test.
    Test,
    /// Start PostgreSQL and Apache Kafka for tests, print where they are, and wait for Enter.
    Services,
    /// Check dependency directions, documents and sizes.
    Tidy,
    /// Write the GraphQL schema to schema.graphql, and the register of stored data to docs/privacy.md.
    Schema {
        /// Only compare.
        #[arg(long)]
        check: bool,
    },
    /// Write the JSON Schemas and the AsyncAPI document of the events to crates/events.
    Events {
        /// Only compare.
        #[arg(long)]
        check: bool,
    },
    /// Compare two things side by side in one run.
    Bench {
        /// What is compared.
        #[arg(value_enum, default_value_t = bench::What::Transport)]
        what: bench::What,
        /// Rounds of each, in turn.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Seconds of a round.
        #[arg(long, default_value_t = 4)]
        seconds: u64,
    },
    /// Kill gateways, relays and the broker under load, then check every message against the database.
    Chaos(chaos::Chaos),
    /// Bundle the playground with Node.
    Playground,
    /// What CI does: format, lints, licences, then all tests.
    Ci,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Run { release, args } => steps::dev(release, &args),
        Command::Test => steps::test(),
        Command::Services => steps::services(),
        Command::Tidy => tidy::run(),
        Command::Schema { check } => steps::schema(check),
        Command::Events { check } => steps::events(check),
        Command::Bench { what: bench::What::Transport, rounds, seconds } => bench::transport(rounds, seconds),
        Command::Bench { what: bench::What::Relay, .. } => bench::relay(),
        Command::Bench { what: bench::What::Access, .. } => bench::access(),
        Command::Chaos(chaos) => steps::chaos(&chaos),
        Command::Playground => steps::playground(),
        Command::Ci => steps::ci(),
    }
}
