//! Processes that are killed under load: `clients/chaos` does it, on services that are prepared here.

use crate::shell::{root, run};
use crate::{kafka, postgres};
use anyhow::{Context, Result};
use clap::Args;
use std::fs;
use std::path::Path;
use std::process::Command;

/// How it is done.
#[derive(Debug, Clone, Args)]
pub struct Chaos {
    /// How often a process is killed.
    #[arg(long, default_value_t = 20)]
    pub rounds: u32,
    /// Repeats the same random choices.
    #[arg(long, default_value_t = 1)]
    pub seed: u32,
    /// Writes a second, as far as the answers keep up.
    #[arg(long, default_value_t = 100)]
    pub rate: u32,
    /// Seconds for which the broker is away afterwards.
    #[arg(long, default_value_t = 0)]
    pub outage: u32,
    /// Break this rule on purpose: the check must fail.
    #[arg(long, value_parser = ["phantom", "missing", "order"])]
    pub break_rule: Option<String>,
    /// Afterwards, break each rule on purpose, and fail unless that is seen.
    #[arg(long)]
    pub controls: bool,
}

/// `cargo xtask chaos`
pub fn run_chaos(chaos: &Chaos, binary: &Path) -> Result<()> {
    let postgres = postgres::start()?;
    let kafka = kafka::prepare()?;
    let folder = root().join("clients/chaos");
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    let quoted: Vec<String> = kafka.command.iter().map(|word| format!("{word:?}")).collect();
    let mut node = Command::new("node");
    node.arg("chaos.mjs")
        .args(["--rounds", &chaos.rounds.to_string(), "--seed", &chaos.seed.to_string()])
        .args(["--rate", &chaos.rate.to_string(), "--outage", &chaos.outage.to_string()])
        .args(chaos.break_rule.iter().flat_map(|rule| ["--break-rule", rule]))
        .args(chaos.controls.then_some("--controls"))
        .env("WAYMARK_BIN", binary)
        .env("WAYMARK_TEST_POSTGRES", &postgres.url)
        .env("WAYMARK_TEST_KAFKA", &kafka.brokers)
        .env("WAYMARK_CHAOS_KAFKA", format!("[{}]", quoted.join(", ")))
        .current_dir(&folder);
    let outcome = run(&mut node).context("a rule was broken, or could not be checked");
    // The broker ends with the program that started it.
    fs::remove_dir_all(&kafka.folder)?;
    outcome
}
