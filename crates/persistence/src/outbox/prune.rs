//! Forgetting old events. Only what the broker has acknowledged is ever forgotten.

use super::queue::Outbox;
use super::row::event;
use crate::database::any;
use crate::error::Fault;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Events that are looked at in one statement, so that nothing is locked for long.
const WINDOW: u64 = 1_000;

impl Outbox {
    /// Forgets the events that happened before this moment, but for those that are pending; returns how many. Goes
    /// through the log from its beginning and stops where nothing is old any more.
    ///
    /// # Errors
    /// A fault of the database; what was forgotten until then stays so.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, Fault> {
        let db = self.database.pool();
        let (mut last, mut pruned) = (0, 0);
        loop {
            let window: Vec<(i64, DateTime<Utc>)> = event::Entity::find()
                .select_only()
                .columns([event::Column::Seq, event::Column::OccurredAt])
                .filter(event::Column::Seq.gt(last))
                .order_by_asc(event::Column::Seq)
                .limit(WINDOW)
                .into_tuple()
                .all(db)
                .await?;
            let old: Vec<i64> = window.iter().filter(|(_, at)| *at < before).map(|(seq, _)| *seq).collect();
            let (Some((end, _)), false) = (window.last(), old.is_empty()) else { return Ok(pruned) };
            last = *end;
            let pending = "seq not in (select seq from outbox_pending)";
            let done = event::Entity::delete_many()
                .filter(any(db, event::Column::Seq, old))
                .filter(Expr::cust(pending))
                .exec(db)
                .await?;
            pruned += done.rows_affected;
        }
    }
}
