//! Queries of frameworks.

use super::Framework;
use crate::error::fault_of;
use crate::relay::{Count, CursorScope, List, PageArgs, list};
use crate::services::{loaders, services, viewer};
use async_graphql::{Context, Object, Result};
use std::sync::Arc;
use waymark_domain::kernel::FrameworkId;

#[derive(Default)]
pub(crate) struct FrameworkQuery;

#[Object]
impl FrameworkQuery {
    /// The framework with this key.
    async fn framework(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key of the framework, for instance `backend-developer`.")] key: String,
    ) -> Result<Option<Framework>> {
        let id = FrameworkId::for_key(viewer(ctx)?.tenant.id, &key);
        Ok(loaders(ctx)?.one(id).await?.map(Framework::from))
    }

    /// Frameworks by key.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn frameworks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Framework>> {
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let scope = CursorScope::new(viewer, "frameworks", "");
        let request = PageArgs::new(first, after, last, before).request(&services.cursors, &scope)?;
        let page = services.readers.frameworks(viewer, request).await.map_err(|error| fault_of(&error))?;
        let (readers, viewer) = (services.readers.clone(), viewer.clone());
        let count: Count = Arc::new(move || {
            let (readers, viewer) = (readers.clone(), viewer.clone());
            Box::pin(async move { readers.frameworks_count(&viewer).await })
        });
        Ok(list(page, &services.cursors, &scope, count))
    }
}
