//! `waymark`: the one binary. It wires the crates together and does nothing else; its roles are the
//! subcommands of [`cli`]. Start reading at [`commands`].

mod adapters;
mod admin;
mod cli;
mod commands;
mod config;
mod dev;
mod lifecycle;
mod system;
mod telemetry;

use clap::Parser;
use std::process::ExitCode;

/// Large answers are many small allocations; this allocator serves them 1.4 times as fast.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("waymark: {error:#}");
            ExitCode::FAILURE
        }
    }
}
