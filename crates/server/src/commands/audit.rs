//! `waymark audit`.

use super::import::open;
use crate::cli::{AuditArgs, AuditWhat, ImportTarget};
use anyhow::{Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use waymark_domain::audit::{Anchor, AuditFault, AuditFaultKind};
use waymark_domain::kernel::{Tenant, TenantId};
use waymark_domain::ports::AuditReader;
use waymark_persistence::Persistence;

/// Entries that are computed between two steps of the bar.
const PART: u32 = 1_000;

/// What to do about a broken chain.
const WHAT_TO_DO: &str = "\
What to do: copy the database as it is now, before anybody works on it. Somebody wrote to it beside Waymark, or it was
restored in part: find out who could (its roles, its administrators, its backups) and take that right away. Compare
the entries there with a backup or a replica from before, and use ends that were noted earlier (--expect) to find how
far the chain is the old one. See docs/audit.md.";

/// Works on the audit log.
pub async fn run(args: AuditArgs) -> Result<()> {
    match args.what {
        AuditWhat::Verify { tenant, expect, target } => verify(tenant, expect, &target).await,
    }
}

async fn verify(tenant: Option<String>, expect: Option<Anchor>, target: &ImportTarget) -> Result<()> {
    let (store, context) = open(target, "waymark audit").await?;
    let tenant = tenant.map_or(context.actor.tenant, |key| Tenant::named(&key));
    if let Some(expected) = &expect {
        // The chain may be sound and still not be the one that was noted.
        let found = store.audit_verify(tenant.id, expected, 0).await?;
        if let Some(fault) = found.fault {
            return Err(other_chain(&tenant, expected, &fault));
        }
    }
    let bar = ProgressBar::no_length()
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} entries ({per_sec}, {eta})")?);
    let found = chain(&store, tenant.id, &bar).await;
    bar.finish_and_clear();
    match found? {
        Ok(Some(head)) => {
            println!("The audit log of {} holds together: {} entries.", tenant.key, head.number);
            if let Some(expected) = expect {
                println!("Entry {} is the one that was noted.", expected.number);
            }
            println!(
                "Note its end where whoever writes to this database cannot, for --expect next time:\n{head}"
            );
            Ok(())
        }
        Ok(None) => {
            println!("Nothing was ever sealed in the audit log of {}.", tenant.key);
            Ok(())
        }
        Err(fault) => Err(broken(&tenant, &fault)),
    }
}

/// The end of the whole chain, or the first place at which it is broken.
async fn chain(
    store: &Persistence,
    tenant: TenantId,
    bar: &ProgressBar,
) -> Result<Result<Option<Anchor>, AuditFault>> {
    let mut after = Anchor::start();
    loop {
        let found = store.audit_verify(tenant, &after, PART).await?;
        if let Some(fault) = found.fault {
            return Ok(Err(fault));
        }
        if let Some(head) = &found.head {
            bar.set_length(u64::try_from(head.number).unwrap_or_default());
        }
        bar.inc(found.checked);
        if found.complete {
            return Ok(Ok(found.head));
        }
        after = found.reached;
    }
}

fn broken(tenant: &Tenant, fault: &AuditFault) -> anyhow::Error {
    let entry = fault.entry.map_or_else(String::new, |id| format!(" (its id is {id})"));
    anyhow!(
        "the audit log of {} is broken.\nEntry {}{entry} {}. What comes before fits together.\n{WHAT_TO_DO}",
        tenant.key,
        fault.number,
        fault.kind.phrase()
    )
}

fn other_chain(tenant: &Tenant, expected: &Anchor, fault: &AuditFault) -> anyhow::Error {
    let number = expected.number;
    let wrong = match fault.kind {
        AuditFaultKind::TailCut => format!("is missing: the chain ends at {}", fault.number - 1),
        kind => kind.phrase().to_owned(),
    };
    anyhow!(
        "the audit log of {} is not the one that was noted.\nEntry {number} {wrong}.\n{WHAT_TO_DO}",
        tenant.key
    )
}
