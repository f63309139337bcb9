//! `waymark check-config`.

use crate::cli::CheckConfigArgs;
use crate::config::{self, Role};
use anyhow::{Result, bail};

/// Says what is wrong with the configuration, or that nothing is.
pub fn run(args: &CheckConfigArgs) -> Result<()> {
    if args.defaults {
        print!("{}", config::DEFAULTS);
        return Ok(());
    }
    let loaded = config::load(args.config.config.as_deref())?;
    let problems = config::check(&loaded, &Role::ALL);
    if problems.is_empty() {
        println!("The configuration is right.");
        return Ok(());
    }
    bail!("the configuration is not right:\n  - {}", problems.join("\n  - "))
}
