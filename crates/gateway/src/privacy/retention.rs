//! What retention has deleted.

use crate::error::fault_of;
use crate::relay::{Count, CursorScope, List, PageArgs, list};
use crate::scalars::DateTime;
use crate::services::{services, viewer};
use async_graphql::{Context, Enum, Object, Result};
use std::sync::Arc;
use waymark_domain::privacy::{
    Retained as DomainRetained, RetentionRun as DomainRun, RetentionStart as DomainStart,
};

/// What can be kept for a number of days only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainRetained")]
pub enum RetentionKind {
    /// Roles that were taken back or ran out.
    EndedGrants,
    /// Requests for erasure that were decided.
    DecidedErasures,
    /// Evidence that was rejected or withdrawn.
    ClosedEvidence,
    /// Earlier states of levels and positions that were replaced.
    ReplacedStates,
}

/// Who started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainStart")]
pub enum RetentionStart {
    /// The service by itself, once a day.
    Schedule,
    /// The operator, by a command.
    Operator,
}

/// One run over one kind of rows.
pub(crate) struct RetentionRun(DomainRun);

impl From<DomainRun> for RetentionRun {
    fn from(run: DomainRun) -> Self {
        Self(run)
    }
}

/// One run over one kind of rows.
#[Object]
impl RetentionRun {
    /// What was deleted.
    async fn kind(&self) -> RetentionKind {
        self.0.what.into()
    }

    /// How many days it was kept.
    async fn days(&self) -> u32 {
        self.0.days
    }

    /// Who started it.
    async fn started_by(&self) -> RetentionStart {
        self.0.started_by.into()
    }

    /// When it began.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.started_at)
    }

    /// When it was done; null for one that is under way, or was cut off.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// How many rows were deleted; null as long as it is not done.
    async fn removed(&self) -> Option<u64> {
        self.0.removed
    }
}

#[derive(Default)]
pub(crate) struct RetentionQuery;

#[Object]
impl RetentionQuery {
    /// What retention has deleted, the newest run first: for those who may read the whole audit log.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn retention_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<RetentionRun>> {
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let scope = CursorScope::new(viewer, "retentionRuns", "");
        let request = PageArgs::new(first, after, last, before).request(&services.cursors, &scope)?;
        let page =
            services.readers.retention_runs(viewer, request).await.map_err(|error| fault_of(&error))?;
        let (readers, viewer) = (services.readers.clone(), viewer.clone());
        let count: Count = Arc::new(move || {
            let (readers, viewer) = (readers.clone(), viewer.clone());
            Box::pin(async move { readers.retention_runs_count(&viewer).await })
        });
        Ok(list(page, &services.cursors, &scope, count))
    }
}
