//! The queue of pending events, as the relay sees it.

use super::Hint;
use super::announce::Announcements;
use super::lease::{self, Lease};
use super::row::{event, pending};
use crate::database::{Database, any};
use crate::error::{Fault, Result};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    Value,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;
use waymark_domain::ports::Ids;
use waymark_events::Record;

/// The condition that a pending event's stream is not blocked.
pub(super) const NOT_BLOCKED: &str =
    "not exists (select 1 from outbox_blocked b join event_log e on e.tenant_id = b.tenant_id
     and e.topic = b.topic and e.key = b.key where e.seq = outbox_pending.seq)";

/// The outbox of one database.
#[derive(Clone)]
pub struct Outbox {
    pub(super) database: Database,
    pub(super) ids: Arc<dyn Ids>,
    hint: Hint,
}

/// Rings when something was committed: within this process, or as another one announced it.
#[derive(Debug)]
pub struct Bell {
    here: watch::Receiver<u64>,
    elsewhere: Option<Announcements>,
}

impl Bell {
    /// Waits for the next commit. One that came since the last call counts. May ring without cause.
    pub async fn rung(&mut self) {
        let here = async {
            if self.here.changed().await.is_err() {
                // No writer lives in this process.
                std::future::pending().await
            }
        };
        match &mut self.elsewhere {
            None => here.await,
            Some(elsewhere) => tokio::select! { () = here => {}, () = elsewhere.next() => {} },
        }
    }
}

impl Outbox {
    pub(crate) fn new(database: Database, ids: Arc<dyn Ids>, hint: Hint) -> Self {
        Self { database, ids, hint }
    }

    /// A bell that rings from now on. Take it before asking for pending events, so that none is missed.
    #[must_use]
    pub fn bell(&self) -> Bell {
        Bell { here: self.hint.listen(), elsewhere: self.database.apart().map(Announcements::of) }
    }

    /// Renews the relay's leases and claims its fair share of the shards.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn claim(&self, owner: Uuid, ttl: Duration) -> Result<Lease, Fault> {
        let transaction = self.database.begin().await?;
        let lease = lease::claim(&transaction, owner, ttl).await?;
        transaction.commit().await?;
        Ok(lease)
    }

    /// Renews the leases that the relay still holds, and changes nothing else.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn renew(&self, owner: Uuid, ttl: Duration) -> Result<(), Fault> {
        let transaction = self.database.begin().await?;
        lease::renew(&transaction, owner, ttl).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Gives all leases of the relay back.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn release(&self, owner: Uuid) -> Result<(), Fault> {
        lease::release(self.database.pool(), owner).await
    }

    /// The oldest pending events of the leased shards, in the order of the log, without those of blocked
    /// streams.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pending(&self, lease: &Lease, limit: u64) -> Result<Vec<Record>, Fault> {
        self.pending_beside(lease, limit, &[]).await
    }

    /// The same, without those at these places, which are under way. What comes after them may be published once they
    /// have all arrived, not before.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pending_beside(
        &self,
        lease: &Lease,
        limit: u64,
        under_way: &[i64],
    ) -> Result<Vec<Record>, Fault> {
        let db = self.database.pool();
        let shards = lease.shards.iter().map(|(shard, _)| *shard);
        // The few sequence numbers first, then their rows: a join would read the log by another way.
        let seqs: Vec<i64> = pending::Entity::find()
            .filter(any(db, pending::Column::Shard, shards))
            .filter(sea_orm::sea_query::Expr::cust(NOT_BLOCKED))
            .filter(any(db, pending::Column::Seq, under_way.iter().copied()).not())
            .order_by_asc(pending::Column::Seq)
            .limit(limit)
            .all(db)
            .await?
            .into_iter()
            .map(|row| row.seq)
            .collect();
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let rows = event::Entity::find()
            .filter(any(db, event::Column::Seq, seqs))
            .order_by_asc(event::Column::Seq)
            .all(db)
            .await?;
        rows.into_iter().map(event::Model::into_record).collect()
    }

    /// Takes acknowledged events off the queue, as far as the relay still holds their shards in the same
    /// epoch; returns how many.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn acknowledge(&self, lease: &Lease, seqs: &[i64]) -> Result<u64, Fault> {
        if seqs.is_empty() {
            return Ok(0);
        }
        let transaction = self.database.begin().await?;
        let held: HashSet<(i16, i64)> =
            lease::held(&transaction, lease.owner).await?.shards.into_iter().collect();
        let mine = lease.shards.iter().filter(|shard| held.contains(shard)).map(|(shard, _)| *shard);
        let done = pending::Entity::delete_many()
            .filter(any(&transaction, pending::Column::Seq, seqs.iter().copied()))
            .filter(any(&transaction, pending::Column::Shard, mine))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected)
    }

    /// Blocks the stream of an event that the broker refuses for good; all others flow on.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn block(&self, seq: i64, error: &str) -> Result<(), Fault> {
        let db = self.database.pool();
        let sql = "insert into outbox_blocked (tenant_id, topic, key, first_seq, error, attempts)
             select tenant_id, topic, key, seq, $2, 1 from event_log where seq = $1
             on conflict (tenant_id, topic, key) do update
             set error = excluded.error, first_seq = excluded.first_seq, attempts = outbox_blocked.attempts + 1";
        let backend = db.get_database_backend();
        // SQLite cannot tell `on conflict` from a join's `on` after a bare select.
        let sql = if backend == DbBackend::Sqlite {
            sql.replace("= $1\n", "= $1 and true\n")
        } else {
            sql.to_owned()
        };
        let values: Vec<Value> = vec![seq.into(), error.into()];
        db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }

    /// How many events are pending.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pending_count(&self) -> Result<u64, Fault> {
        Ok(pending::Entity::find().count(self.database.pool()).await?)
    }

    /// The newest events of the log that are not pending, oldest first: what a new, empty broker would have.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn newest_published(&self, limit: u64) -> Result<Vec<Record>, Fault> {
        let pending = sea_orm::sea_query::Expr::cust(
            "not exists (select 1 from outbox_pending where outbox_pending.seq = event_log.seq)",
        );
        let mut rows = event::Entity::find()
            .filter(pending)
            .order_by_desc(event::Column::Seq)
            .limit(limit)
            .all(self.database.pool())
            .await?;
        rows.reverse();
        rows.into_iter().map(event::Model::into_record).collect()
    }
}
