//! `waymark retention`.

use super::{connect, persistence, tenants, up_to_date};
use crate::config::Config;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use waymark_domain::kernel::Tenant;
use waymark_domain::privacy::{Retained, RetentionStart};
use waymark_persistence::{Administrators, Persistence};

/// Deletes what is over by the configuration; with `dry_run` it only says how many rows that would be.
pub async fn run(config: Config, dry_run: bool) -> Result<()> {
    let terms: Vec<_> = config.retention.policy().terms().collect();
    if terms.is_empty() {
        println!("Everything is kept for good: the section [retention] sets no days.");
        return Ok(());
    }
    let database = connect(&config).await?;
    up_to_date(&database).await?;
    let store = persistence(&database, Administrators::default());
    for tenant in tenants(&config) {
        println!("Tenant {}:", tenant.key);
        for term in &terms {
            one(&store, &tenant, *term, dry_run).await?;
        }
    }
    Ok(database.close().await?)
}

async fn one(
    store: &Persistence,
    tenant: &Tenant,
    (what, days): (Retained, u32),
    dry_run: bool,
) -> Result<()> {
    let expired = store.expired(tenant.id, what, days).await?;
    let phrase = phrase(what);
    if dry_run {
        println!("  {phrase}, kept {days} days: {expired} would be deleted");
        return Ok(());
    }
    let style = ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {phrase}"))?;
    let bar = ProgressBar::new(expired).with_style(style);
    let run = store.retain(tenant.id, (what, days), RetentionStart::Operator, &|more| bar.inc(more)).await?;
    bar.finish_and_clear();
    let removed = run.and_then(|run| run.removed).unwrap_or_default();
    println!("  {phrase}, kept {days} days: {removed} deleted");
    Ok(())
}

fn phrase(what: Retained) -> &'static str {
    match what {
        Retained::EndedGrants => "roles that ended",
        Retained::DecidedErasures => "decided requests for erasure",
        Retained::ClosedEvidence => "rejected or withdrawn evidence",
        Retained::ReplacedStates => "replaced states of levels and positions",
    }
}
