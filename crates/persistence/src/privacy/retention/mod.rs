//! Retention: what has served its purpose is deleted after the days that the operator has set, and each run is noted.

pub(super) mod row;

use crate::Persistence;
use crate::error::Result;
use crate::keys::statement;
use chrono::{DateTime, Days, Utc};
use row::run;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, SqlErr};
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, TenantId};
use waymark_domain::privacy::{Retained, RetentionPolicy, RetentionRun, RetentionStart};

/// Most rows that are deleted in one statement, so that none holds its locks for long.
const BATCH: i64 = 500;

/// Whose rows end, and after how many days.
#[derive(Debug, Clone, Default)]
pub struct Retention {
    /// For how long each kind of rows is kept.
    pub policy: RetentionPolicy,
    /// The tenants whose rows are meant.
    pub tenants: Vec<TenantId>,
}

/// The tables with what has to hold for a row that ends: `$1` is the tenant, `$2` the time before which it was over.
fn ends(what: Retained) -> &'static [(&'static str, &'static str)] {
    match what {
        Retained::EndedGrants => &[("access_grant", "(revoked_at < $2 or valid_until < $2)")],
        Retained::DecidedErasures => &[("erasure_request", "state <> 'RECEIVED' and decided_at < $2")],
        // Records of skills tell on what they rested: that has to be there as long as they are.
        Retained::ClosedEvidence => &[(
            "evidence",
            "state in ('REJECTED', 'WITHDRAWN') and recorded_at < $2 and id not in
                (select evidence_id from skill_record_item where tenant_id = $1 and evidence_id is not null)",
        )],
        Retained::ReplacedStates => {
            &[("skill_record_history", "superseded_at < $2"), ("assignment", "superseded_at < $2")]
        }
    }
}

impl Persistence {
    /// How many rows of this kind are over by now.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn expired(&self, tenant: TenantId, what: Retained, days: u32) -> Result<u64> {
        let until = before(self.time().await?, days);
        let mut count = 0;
        for (table, over) in ends(what) {
            let sql = format!("select count(*) as n from {table} where tenant_id = $1 and {over}");
            let values = vec![tenant.uuid().into(), until.into()];
            let row = self.pool().query_one_raw(statement(self.pool(), &sql, values)).await?;
            let found: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or_default();
            count += u64::try_from(found).unwrap_or_default();
        }
        Ok(count)
    }

    /// Deletes what is over, and notes it. `None` if it is a run by schedule and today's was begun already, by whichever
    /// process; `progress` is told of each part.
    ///
    /// # Errors
    /// A fault of the database; the run stays without an end, and what is left is deleted by the next one.
    pub async fn retain(
        &self,
        tenant: TenantId,
        (what, days): (Retained, u32),
        by: RetentionStart,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Option<RetentionRun>> {
        let now = self.time().await?;
        let run = run::Model {
            id: self.ids.next(),
            tenant_id: tenant.uuid(),
            what: what.name().to_owned(),
            days: i32::try_from(days).unwrap_or(i32::MAX),
            started_by: by.name().to_owned(),
            day: (by == RetentionStart::Schedule).then(|| now.date_naive()),
            started_at: now,
            ended_at: None,
            removed: None,
        };
        if !self.begin(&run).await? {
            return Ok(None);
        }
        let mut removed = 0;
        for table in ends(what) {
            removed += self.delete_all(tenant, table, before(now, days), progress).await?;
        }
        self.end(run.id, removed).await?;
        let ended = run::Entity::find_by_id(run.id).one(self.pool()).await?;
        ended.map(run::Model::into_run).transpose()
    }

    /// Today's runs by schedule, as far as they were not begun yet.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn retain_today(&self) -> Result<()> {
        for tenant in &self.retention.tenants {
            for term in self.retention.policy.terms() {
                let Some(run) = self.retain(*tenant, term, RetentionStart::Schedule, &|_| {}).await? else {
                    continue;
                };
                tracing::info!(what = run.what.name(), removed = run.removed, "retention has run");
            }
        }
        Ok(())
    }

    async fn begin(&self, run: &run::Model) -> Result<bool> {
        // Only runs by schedule can meet: each has its day.
        match run::Entity::insert(run.clone().into_active_model()).exec_without_returning(self.pool()).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn end(&self, id: Uuid, removed: u64) -> Result<()> {
        let removed = i64::try_from(removed).unwrap_or(i64::MAX);
        run::Entity::update_many()
            .col_expr(run::Column::EndedAt, sea_orm::sea_query::Expr::value(self.time().await?))
            .col_expr(run::Column::Removed, sea_orm::sea_query::Expr::value(removed))
            .filter(run::Column::Id.eq(id))
            .exec(self.pool())
            .await?;
        Ok(())
    }

    async fn delete_all(
        &self,
        tenant: TenantId,
        (table, over): &(&str, &str),
        until: DateTime<Utc>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<u64> {
        let sql = format!(
            "delete from {table} where id in (select id from {table} where tenant_id = $1 and {over} limit {BATCH})"
        );
        let mut removed = 0;
        loop {
            let values = vec![tenant.uuid().into(), until.into()];
            let gone = self.pool().execute_raw(statement(self.pool(), &sql, values)).await?.rows_affected();
            removed += gone;
            progress(gone);
            if gone == 0 {
                return Ok(removed);
            }
        }
    }

    /// The time by the database, which all processes share.
    async fn time(&self) -> Result<DateTime<Utc>> {
        let row =
            self.pool().query_one_raw(statement(self.pool(), "select {now} as now", Vec::new())).await?;
        let now: i64 = row.map(|row| row.try_get("", "now")).transpose()?.unwrap_or_default();
        Ok(DateTime::from_timestamp_millis(now).unwrap_or_default())
    }
}

/// So many days before; the beginning of time where there is none.
fn before(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    now.checked_sub_days(Days::new(days.into())).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
