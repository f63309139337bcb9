//! Sealing: what is pending becomes entries of its tenant's chain, in order, each with the hash of the one before.

use super::canonical::hash;
use super::row::{entry, pending};
use crate::Persistence;
use crate::database::any;
use crate::error::{Fault, Result, broken};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;
use waymark_domain::audit::Anchor;

/// How often the sealer looks for what is pending.
const EVERY: Duration = Duration::from_millis(500);

/// Most entries that are sealed in one transaction.
const BATCH: u64 = 500;

impl Persistence {
    /// Seals until it is dropped. Several processes may do so at once.
    pub async fn seal(self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut well = true;
        loop {
            ticks.tick().await;
            match self.seal_pending().await {
                Ok(_) => well = true,
                // Once, not twice a second: nothing is lost meanwhile, what is noted waits.
                Err(error) if well => {
                    tracing::error!(%error, "the audit log cannot be sealed; it is tried again");
                    well = false;
                }
                Err(_) => {}
            }
        }
    }

    /// Seals what is pending now, but for tenants for which somebody else does so; says how many entries it sealed.
    ///
    /// # Errors
    /// A fault of the database, or of a pending row.
    pub async fn seal_pending(&self) -> Result<u64, Fault> {
        let db = self.pool();
        let tenants: Vec<Uuid> = pending::Entity::find()
            .select_only()
            .column(pending::Column::TenantId)
            .distinct()
            .into_tuple()
            .all(db)
            .await?;
        let mut sealed = 0;
        for tenant in tenants {
            loop {
                let count = self.seal_batch(tenant).await?;
                sealed += count;
                if count < BATCH {
                    break;
                }
            }
        }
        Ok(sealed)
    }

    async fn seal_batch(&self, tenant: Uuid) -> Result<u64> {
        let transaction = self.database.begin().await?;
        let sealed = match lock(&transaction, tenant).await? {
            Some(head) => seal(&transaction, tenant, head).await?,
            None => 0,
        };
        transaction.commit().await?;
        Ok(sealed)
    }
}

fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// The end of the chain, locked until the transaction ends; `None` if somebody else seals it. (On SQLite the
/// transaction is the one writer.)
async fn lock(db: &impl ConnectionTrait, tenant: Uuid) -> Result<Option<Anchor>> {
    let start = Anchor::start();
    let enter = "insert into audit_chain (tenant_id, number, hash) values ($1, $2, $3)
                 on conflict (tenant_id) do nothing";
    let values = vec![tenant.into(), start.number.into(), start.hash.into()];
    db.execute_raw(statement(db, enter, values)).await?;
    let own = match db.get_database_backend() {
        DbBackend::Sqlite => "",
        _ => " for update skip locked",
    };
    let select = format!("select number, hash from audit_chain where tenant_id = $1{own}");
    let row = db.query_one_raw(statement(db, &select, vec![tenant.into()])).await?;
    row.map(|row| Ok(Anchor { number: row.try_get("", "number")?, hash: row.try_get("", "hash")? }))
        .transpose()
}

/// Seals a batch after this end of the chain.
async fn seal(db: &impl ConnectionTrait, tenant: Uuid, mut head: Anchor) -> Result<u64> {
    let waiting = pending::Entity::find()
        .filter(pending::Column::TenantId.eq(tenant))
        .order_by_asc(pending::Column::Seq)
        .limit(BATCH)
        .all(db)
        .await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let done: Vec<i64> = waiting.iter().map(|row| row.seq).collect();
    let mut rows = Vec::with_capacity(waiting.len());
    for row in waiting {
        let (seq, number) = (row.seq, head.number + 1);
        let mut sealed = row.into_entry(number);
        let hash = hash(&head.hash, &sealed, number);
        sealed.hash = hash.ok_or_else(|| broken("audit_pending", "action", seq, &sealed.action))?;
        head = Anchor { number, hash: sealed.hash.clone() };
        rows.push(sealed.into_active_model());
    }
    let count = u64::try_from(rows.len()).unwrap_or_default();
    entry::Entity::insert_many(rows).exec_without_returning(db).await?;
    let grow = "update audit_chain set number = $2, hash = $3 where tenant_id = $1";
    let values = vec![tenant.into(), head.number.into(), head.hash.into()];
    db.execute_raw(statement(db, grow, values)).await?;
    pending::Entity::delete_many().filter(any(db, pending::Column::Seq, done)).exec(db).await?;
    Ok(count)
}
