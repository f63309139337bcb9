//! Queries of evidence.

use super::Evidence;
use super::filter::{EvidenceOrderBy, EvidenceWhere, evidence_filter};
use crate::error::fault_of;
use crate::relay::{Count, CursorScope, List, PageArgs, list};
use crate::services::{services, viewer};
use async_graphql::{Context, Object, Result};
use std::sync::Arc;
use waymark_domain::ports::EvidenceFilter;

#[derive(Default)]
pub(crate) struct EvidenceQuery;

#[Object]
impl EvidenceQuery {
    /// Evidence about everybody, the newest day first unless said.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only that for which this holds.", name = "where")] given: Option<EvidenceWhere>,
        #[graphql(desc = "The newest day first unless said.")] order_by: Option<EvidenceOrderBy>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Evidence>> {
        let filter = evidence_filter(None, given, order_by)?;
        evidence_list(ctx, filter, PageArgs::new(first, after, last, before)).await
    }
}

/// A page of evidence.
pub(crate) async fn evidence_list(
    ctx: &Context<'_>,
    filter: EvidenceFilter,
    args: PageArgs,
) -> Result<List<Evidence>> {
    let (services, viewer) = (services(ctx)?, viewer(ctx)?);
    let scope = CursorScope::new(viewer, "evidence", &format!("{filter:?}"));
    let request = args.request(&services.cursors, &scope)?;
    let page = services.readers.evidence(viewer, &filter, request).await.map_err(|error| fault_of(&error))?;
    let (readers, viewer) = (services.readers.clone(), viewer.clone());
    let count: Count = Arc::new(move || {
        let (readers, viewer, filter) = (readers.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { readers.evidence_count(&viewer, &filter).await })
    });
    Ok(list(page, &services.cursors, &scope, count))
}
