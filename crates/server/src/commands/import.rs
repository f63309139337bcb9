//! `waymark import`.

use super::{checked, connect, persistence, prepare, tenant, up_to_date};
use crate::cli::{ImportArgs, ImportTarget, ImportWhat};
use crate::config::Role;
use crate::dev;
use crate::system::{SystemClock, SystemIds};
use anyhow::{Context, Result, anyhow};
use indicatif::ProgressBar;
use std::io::Read;
use std::path::Path;
use std::time::Duration;
use waymark_domain::audit::note_denial;
use waymark_domain::framework::{import_framework, publish_framework};
use waymark_domain::kernel::{Actor, CommandContext, Tenant};
use waymark_domain::people::import_people;
use waymark_domain::ports::{Clock, CommandError, Ids, PortError};
use waymark_persistence::{Administrators, Persistence};

/// Imports a framework or people from a file.
pub async fn run(args: ImportArgs) -> Result<()> {
    match args.what {
        ImportWhat::Framework { file, publish, target } => framework(&file, publish, &target).await,
        ImportWhat::People { file, target } => people(&file, &target).await,
    }
}

async fn framework(file: &Path, publish: bool, target: &ImportTarget) -> Result<()> {
    let text = read(file)?;
    let (store, context) = open(target, "waymark import").await?;
    let bar = spinner("importing the framework");
    let result = import_framework(&store, &context, &text).await;
    bar.finish_and_clear();
    let imported = done(&store, &context, &named(file), result).await?;
    let version = imported.version;
    let (skills, positions) = (version.content.skills.len(), version.content.positions.len());
    let (key, number) = (version.content.key.clone(), version.number);
    if imported.changed {
        println!("Imported {key} version {number}: {skills} skills, {positions} positions.");
    } else {
        println!("{key} version {number} says the same already; nothing was changed.");
    }
    if publish {
        let published = publish_framework(&store, &context, version.id).await;
        done(&store, &context, &named(file), published).await?;
        println!("Published {key} version {number}.");
    } else if !version.state.is_frozen() {
        println!("It is a draft; publish it with --publish or the mutation publishFramework.");
    }
    Ok(())
}

async fn people(file: &Path, target: &ImportTarget) -> Result<()> {
    let text = read(file)?;
    let (store, context) = open(target, "waymark import").await?;
    let bar = spinner("importing people");
    let result = import_people(&store, &SystemIds, &context, &text).await;
    bar.finish_and_clear();
    let people = done(&store, &context, &named(file), result).await?;
    println!(
        "Read {} rows: {} people registered, {} updated, {} unchanged; {} new teams.",
        people.rows, people.registered, people.updated, people.unchanged, people.teams
    );
    Ok(())
}

fn named(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

fn spinner(message: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn read(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read as text")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read as text", file.display()))
}

/// The database of the target, and a command of the operator's there.
pub(super) async fn open(target: &ImportTarget, program: &str) -> Result<(Persistence, CommandContext)> {
    let (database, tenant, keys) = match &target.data {
        Some(folder) => (dev::database(folder).await?, Tenant::named(dev::TENANT), dev::master_keys(folder)?),
        None => {
            let config = checked(&target.config, Role::Database)
                .context("where to? Name the folder of `waymark dev` by --data, or a configuration")?;
            (connect(&config).await?, tenant(&config), config.encryption.keys()?)
        }
    };
    up_to_date(&database).await?;
    let store = persistence(&database, Administrators::default()).sealing_with(keys);
    prepare(&store, &tenant).await?;
    let actor = Actor::operator(tenant, program);
    let context = CommandContext::new(actor, program, SystemClock.now(), SystemIds.next());
    Ok((store, context))
}

/// What came of the operator's command. A denial is noted in the audit log like anybody's.
pub(super) async fn done<T>(
    store: &Persistence,
    context: &CommandContext,
    what: &str,
    result: Result<T, CommandError>,
) -> Result<T> {
    if let Err(CommandError::Refused(refusals)) = &result {
        note_denial(store, context, refusals, |_| None).await?;
    }
    result.map_err(|error| explain(what, error))
}

fn explain(what: &str, error: CommandError) -> anyhow::Error {
    match error {
        CommandError::Refused(refusals) => {
            let count = refusals.0.len();
            let problems = if count == 1 { "problem" } else { "problems" };
            anyhow!("{what} has {count} {problems}; nothing was changed:\n{refusals}")
        }
        CommandError::Port(error) => {
            let cause = match &error {
                PortError::Conflict => None,
                PortError::Unavailable(cause) | PortError::Internal(cause) => Some(cause.to_string()),
            };
            match cause {
                Some(cause) => anyhow!("{error}: {cause}"),
                None => anyhow!(error),
            }
        }
    }
}
