//! `waymark-dlq`: lists, shows, redrives and drops the dead letters of a consumer group.

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::process::ExitCode;
use waymark_consumer::Incoming;
use waymark_consumer::dead;
use waymark_consumer::dlq::{Action, Letters, is_poison};

/// The dead letters of a consumer group: what they are, and what becomes of them.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Kafka brokers, separated by commas.
    #[arg(long, env = "WAYMARK_EVENTS__BROKERS")]
    brokers: String,
    /// The topic of the contract, for instance career.progress.events.v1.
    #[arg(long)]
    topic: String,
    /// The consumer's group.
    #[arg(long)]
    group: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// One line for each letter that waits: id, key, sequence, type, reason, error.
    List,
    /// One letter with its headers and its value.
    Show {
        /// Id of the event (`ce_id`).
        id: String,
    },
    /// Sends letters to the group's retry topic.
    Redrive(Choice),
    /// Passes letters over for good, so that their keys flow again.
    Drop(Choice),
}

/// Which letters.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Choice {
    /// Every one.
    #[arg(long)]
    all: bool,
    /// Those of this key.
    #[arg(long)]
    key: Option<String>,
    /// The one with this id (`ce_id`).
    #[arg(long)]
    id: Option<String>,
}

impl Choice {
    fn has(&self, letter: &Incoming) -> bool {
        let key = self.key.as_ref().is_some_and(|key| *key == letter.key_text());
        let id = self.id.as_deref().is_some_and(|id| letter.header("ce_id") == Some(id));
        self.all || key || id
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("waymark-dlq: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Cli { brokers, topic, group, command }: Cli) -> Result<()> {
    let letters = Letters { brokers, topic, group };
    match command {
        Command::List => print(&letters.list().await?.iter().map(line).collect::<String>()),
        Command::Show { id } => show(&letters, &id).await?,
        Command::Redrive(choice) => settle(&letters, &choice, Action::Redrive).await?,
        Command::Drop(choice) => settle(&letters, &choice, Action::Drop).await?,
    }
    Ok(())
}

/// The reader may have seen enough, as `head` does.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn line(letter: &Incoming) -> String {
    let header = |name: &str| plain(letter.header(name).unwrap_or("-"));
    let (id, event_type, sequence) = (header("ce_id"), header("ce_type"), header("ce_sequence"));
    let (reason, error, key) = (header(dead::REASON), header(dead::ERROR), plain(&letter.key_text()));
    format!("{id} {key} {sequence} {event_type} {reason}: {error}\n")
}

/// Without what would steer a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

async fn show(letters: &Letters, id: &str) -> Result<()> {
    let found = letters.list().await?;
    let Some(letter) = found.iter().find(|letter| letter.header("ce_id") == Some(id)) else {
        bail!("no letter with the id {id} waits");
    };
    let headers = letter.headers.iter();
    let headers =
        headers.map(|(name, value)| format!("{name}: {}\n", plain(&String::from_utf8_lossy(value))));
    let value = plain(&String::from_utf8_lossy(letter.value.as_deref().unwrap_or_default()));
    print(&format!("key: {}\n{}\n{value}\n", plain(&letter.key_text()), headers.collect::<String>()));
    if is_poison(letter) {
        eprintln!("It cannot be read and has been passed over; redriving it changes nothing.");
    }
    Ok(())
}

async fn settle(letters: &Letters, choice: &Choice, action: Action) -> Result<()> {
    let bar =
        ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} letters {eta}")?);
    let choose = |letter: &Incoming| if choice.has(letter) { action } else { Action::Keep };
    let progress = |done: usize, total: usize| {
        bar.set_length(u64::try_from(total).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    };
    let settled = letters.settle(choose, progress).await?;
    bar.finish_and_clear();
    let what = if action == Action::Redrive { "redriven" } else { "dropped" };
    if settled == 0 && !choice.all {
        bail!("no letter of this choice waits");
    }
    eprintln!("{what}: {settled}");
    Ok(())
}
