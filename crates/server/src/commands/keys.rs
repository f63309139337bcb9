//! `waymark keys`.

use super::{checked, connect, persistence, tenants, up_to_date};
use crate::cli::{KeysArgs, KeysWhat};
use crate::config::{Config, Role};
use crate::system::{SystemClock, random};
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;
use uuid::Uuid;
use waymark_domain::kernel::Tenant;
use waymark_domain::ports::Clock;
use waymark_persistence::{Administrators, Database, Persistence, WARNING_TIME};

/// Works with the keys by which text about people is sealed.
pub async fn run(args: KeysArgs) -> Result<()> {
    match args.what {
        KeysWhat::New => new(),
        KeysWhat::Status(args) => each(&checked(&args, Role::Database)?, status).await,
        KeysWhat::Seal(args) => each(&checked(&args, Role::Database)?, seal).await,
        KeysWhat::Rotate(args) => each(&checked(&args, Role::Database)?, rotate).await,
    }
}

fn new() -> Result<()> {
    println!("{}", STANDARD.encode(random()?));
    Ok(())
}

/// Does it for each tenant of the configuration.
async fn each(config: &Config, work: impl AsyncFn(&Persistence, &Tenant) -> Result<()>) -> Result<()> {
    // What is wrong with the key is told without the database.
    let keys = config.encryption.keys()?;
    let database: Database = connect(config).await?;
    up_to_date(&database).await?;
    let store = persistence(&database, Administrators::default()).sealing_with(keys);
    for tenant in tenants(config) {
        work(&store, &tenant).await?;
    }
    Ok(database.close().await?)
}

async fn status(store: &Persistence, tenant: &Tenant) -> Result<()> {
    let status = store.vault_status(tenant.id).await?;
    let state = match status.state.as_deref() {
        Some("SEALED") if status.clear_people + status.clear_rows > 0 => {
            "being sealed, and not all is: run `waymark keys seal` until it ends"
        }
        Some("SEALED") => "sealed",
        Some(_) => "about to be sealed: run `waymark keys seal`",
        None => "in the clear, without keys: run `waymark keys seal`",
    };
    println!("Tenant {}: {state}.", tenant.key);
    if let (Some(version), Some(master)) = (status.key_version, &status.master_key) {
        let since = status.created_at.map_or_else(String::new, |at| format!(" of {}", at.format("%F")));
        println!("  key          version {version}{since}, wrapped by the master key {master}");
        let opens = store.check_vault(tenant.id).await;
        println!(
            "  opens        {}",
            opens.map_or_else(|fault| format!("no: {fault}"), |()| "yes".to_owned())
        );
    }
    println!("  people       {} sealed, {} in the clear", status.sealed_people, status.clear_people);
    println!("  other rows   {} sealed, {} in the clear", status.sealed_rows, status.clear_rows);
    Ok(())
}

async fn seal(store: &Persistence, tenant: &Tenant) -> Result<()> {
    if !store.prepare_vault(tenant.id, SystemClock.now()).await? {
        wait("every process learns of the keys").await?;
        let people = store.vault_status(tenant.id).await?.clear_people;
        let bar = bar(people, "people")?;
        store.seal_people(tenant.id, &|more| bar.inc(more)).await?;
        bar.finish_and_clear();
    }
    let bar = bar(store.vault_status(tenant.id).await?.clear_rows, "rows about people")?;
    loop {
        match store.seal_more(tenant.id).await? {
            0 => break,
            more => bar.inc(more),
        }
    }
    bar.finish_and_clear();
    println!("Tenant {} is sealed. What was in the clear until now is still in backups, and in", tenant.key);
    println!(
        "PostgreSQL's files until `vacuum full person, evidence, access_grant, erasure_request, mutation_key`."
    );
    Ok(())
}

async fn rotate(store: &Persistence, tenant: &Tenant) -> Result<()> {
    let Some(version) = store.next_tenant_key(tenant.id, SystemClock.now()).await? else {
        println!("Tenant {} has no keys: `waymark keys seal` makes them.", tenant.key);
        return Ok(());
    };
    wait("every process learns of the new key").await?;
    store.use_tenant_key(tenant.id, version).await?;
    let bar = bar(store.vault_status(tenant.id).await?.sealed_people, "keys of people")?;
    let mut behind = Uuid::nil();
    while let Some((last, more)) = store.rewrap_more(tenant.id, behind).await? {
        behind = last;
        bar.inc(more);
    }
    bar.finish_and_clear();
    println!(
        "Tenant {}: version {version} of its key is in use, wrapped by the current master key.",
        tenant.key
    );
    println!("Earlier master keys are no longer needed for the database; backups need those of their time.");
    Ok(())
}

async fn wait(why: &'static str) -> Result<()> {
    let bar = ProgressBar::new_spinner().with_message(why);
    bar.enable_steady_tick(Duration::from_millis(100));
    tokio::time::sleep(WARNING_TIME).await;
    bar.finish_and_clear();
    Ok(())
}

fn bar(length: i64, what: &str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {what}"))?;
    Ok(ProgressBar::new(u64::try_from(length).unwrap_or_default()).with_style(style))
}
