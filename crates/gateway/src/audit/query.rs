//! Queries of the audit log.

use super::denial::note_denied_read;
use super::filter::{AuditWhere, audit_filter};
use super::object::{AuditEntry, AuditVerification};
use crate::error::{Code, coded, fault_of, refuse};
use crate::relay::{Count, CursorScope, List, PageArgs, list};
use crate::services::{services, viewer};
use async_graphql::{Context, Object, Result};
use std::sync::Arc;
use waymark_domain::access::{Action, decide_tenant};
use waymark_domain::audit::{Anchor, AuditOutcome};

/// Most entries that one request verifies.
const MOST: u32 = 1_000;

/// What verifying so many entries costs: a point for each, which is read and hashed.
fn verify_cost(entries: Option<i32>, child: usize) -> usize {
    let count = entries.and_then(|count| u32::try_from(count).ok()).map_or(MOST, |count| count.min(MOST));
    usize::try_from(count).unwrap_or(usize::MAX).saturating_add(child)
}

#[derive(Default)]
pub(crate) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// What was done and what was denied, the newest first: one's own for everybody, that of their unit for people
    /// partners, all of it for administrators. An entry comes within a second or two of what it says.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only that for which this holds.", name = "where")] given: Option<AuditWhere>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<AuditEntry>> {
        let filter = audit_filter(given)?;
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let scope = CursorScope::new(viewer, "auditTrail", &format!("{filter:?}"));
        let request = PageArgs::new(first, after, last, before).request(&services.cursors, &scope)?;
        let page = services.readers.audit_trail(viewer, &filter, request).await;
        let page = page.map_err(|error| fault_of(&error))?;
        let (readers, viewer) = (services.readers.clone(), viewer.clone());
        let count: Count = Arc::new(move || {
            let (readers, viewer, filter) = (readers.clone(), viewer.clone(), filter.clone());
            Box::pin(async move { readers.audit_count(&viewer, &filter).await })
        });
        Ok(list(page, &services.cursors, &scope, count))
    }

    /// Whether the tenant's chain of entries holds together, a part in each request: go on after `reached` until it is
    /// `complete`. Only for those who may read all of it. Costs a point for each entry.
    #[graphql(complexity = "verify_cost(entries, child_complexity)")]
    async fn audit_verify(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Begin after this entry: its number, a colon and its hash, as in `reached` and `head`. The entry has \
                    to have that hash still. From the start if left out."
        )]
        after: Option<String>,
        #[graphql(desc = "How many entries at most, 1 to 1000.", default = 1000)] entries: Option<i32>,
    ) -> Result<Option<AuditVerification>> {
        let after = anchor(after)?;
        let most = most(entries)?;
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        if decide_tenant(viewer, Action::ReadAudit).is_err() {
            note_denied_read(ctx, "auditVerify", None, AuditOutcome::Forbidden).await?;
            refuse(ctx, Code::Forbidden, "Only those verify the audit log who may read all of it.");
            return Ok(None);
        }
        let found = services.readers.audit_verify(viewer.tenant.id, &after, most).await;
        Ok(Some(found.map_err(|error| fault_of(&error))?.into()))
    }
}

fn anchor(after: Option<String>) -> Result<Anchor> {
    let Some(text) = after else { return Ok(Anchor::start()) };
    text.parse()
        .map_err(|error| coded(Code::BadUserInput, format!("This is no place in the chain: {error}.")))
}

fn most(entries: Option<i32>) -> Result<u32> {
    let Some(entries) = entries else { return Ok(MOST) };
    let within = u32::try_from(entries).ok().filter(|count| (1..=MOST).contains(count));
    within.ok_or_else(|| {
        coded(Code::BadUserInput, format!("One request verifies 1 to {MOST} entries, not {entries}."))
    })
}
