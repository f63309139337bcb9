//! `waymark token`.

use crate::cli::TokenArgs;
use crate::dev::{Issuer, Personas};
use crate::system::SystemClock;
use anyhow::Result;
use waymark_domain::ports::Clock;

/// Prints a token of a sample persona.
pub fn run(args: &TokenArgs) -> Result<()> {
    let issuer = Issuer::open(&args.data)?;
    let life = chrono::Duration::hours(i64::from(args.hours));
    println!("{}", issuer.token(Personas::subject(args.persona), SystemClock.now(), life)?);
    Ok(())
}
