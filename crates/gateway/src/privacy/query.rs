//! Queries of requests.

use super::object::ErasureRequest;
use crate::error::fault_of;
use crate::relay::{Count, CursorScope, List, PageArgs, list};
use crate::services::{services, viewer};
use async_graphql::{Context, Object, Result};
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct PrivacyQuery;

#[Object]
impl PrivacyQuery {
    /// Requests for erasure, the oldest first: all for administrators, for everybody else those that they asked for or
    /// that are about them.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn erasure_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<ErasureRequest>> {
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let scope = CursorScope::new(viewer, "erasureRequests", "");
        let request = PageArgs::new(first, after, last, before).request(&services.cursors, &scope)?;
        let page = services.readers.erasures(viewer, request).await.map_err(|error| fault_of(&error))?;
        let (readers, viewer) = (services.readers.clone(), viewer.clone());
        let count: Count = Arc::new(move || {
            let (readers, viewer) = (readers.clone(), viewer.clone());
            Box::pin(async move { readers.erasures_count(&viewer).await })
        });
        Ok(list(page, &services.cursors, &scope, count))
    }
}
