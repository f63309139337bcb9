//! Puts together what was asked for. Several processes may do so at once: each takes one by a lease, and what a process
//! leaves behind is taken by another when its lease has ended.

use super::collect::collect;
use super::place;
use crate::Persistence;
use crate::error::Result;
use crate::keys::statement;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use std::time::Duration;
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, PersonId, TenantId};

/// How often it is looked for exports that were asked for.
const LOOK: Duration = Duration::from_millis(500);

/// How long whoever took one has, in milliseconds.
const LEASE: i64 = 60_000;

/// An export that this process puts together.
struct Taken {
    id: Uuid,
    tenant: TenantId,
    person: PersonId,
    /// The time by the database.
    at: DateTime<Utc>,
    /// Until when it is this process's.
    until: i64,
}

impl Persistence {
    /// Puts exports together until it is dropped.
    pub async fn export(self) {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            loop {
                match self.export_next().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(%error, "an export could not be put together; it is tried again");
                        break;
                    }
                }
            }
        }
    }

    /// Puts the next export together, if there is one; says whether there was.
    ///
    /// # Errors
    /// A fault of the database; the export is taken again when its lease has ended.
    pub async fn export_next(&self) -> Result<bool> {
        let Some(taken) = self.take_export().await? else { return Ok(false) };
        let content = collect(self, taken.tenant, taken.person, taken.at).await?;
        // Somebody who is erased meanwhile has no row any more; a lease that was lost is another one's.
        let content = content.to_string();
        let place = place(taken.tenant, taken.id);
        let sealed = self.vault.seal_of(self.pool(), &place, taken.person.uuid(), &content).await?;
        let clear = sealed.is_none().then_some(content);
        let sql = "update data_export set content = $2, sealed = $4, state = 'READY'
            where id = $1 and state = 'REQUESTED' and leased_until = $3";
        let values = vec![taken.id.into(), clear.into(), taken.until.into(), sealed.into()];
        self.pool().execute_raw(statement(self.pool(), sql, values)).await?;
        Ok(true)
    }

    async fn take_export(&self) -> Result<Option<Taken>> {
        // The condition stands in the statement twice: whoever waited for the row looks at it once more.
        let sql = format!(
            "update data_export set leased_until = {{now}} + {LEASE}
             where state = 'REQUESTED' and leased_until <= {{now}} and id in
                (select id from data_export
                 where state = 'REQUESTED' and leased_until <= {{now}} and expires_at > {{now}}
                 order by requested_at limit 1)
             returning id, tenant_id, person_id, leased_until"
        );
        let row = self.pool().query_one_raw(statement(self.pool(), &sql, Vec::new())).await?;
        let Some(row) = row else { return Ok(None) };
        let until: i64 = row.try_get("", "leased_until")?;
        Ok(Some(Taken {
            id: row.try_get("", "id")?,
            tenant: row.try_get::<Uuid>("", "tenant_id")?.into(),
            person: row.try_get::<Uuid>("", "person_id")?.into(),
            at: DateTime::from_timestamp_millis(until - LEASE).unwrap_or_default(),
            until,
        }))
    }

    /// Forgets exports whose time is over; says how many, at most this many.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn forget_exports(&self, most: u64) -> Result<u64> {
        let sql = "delete from data_export where id in
             (select id from data_export where expires_at <= {now} order by expires_at limit $1)";
        let values = vec![i64::try_from(most).unwrap_or(i64::MAX).into()];
        Ok(self.pool().execute_raw(statement(self.pool(), sql, values)).await?.rows_affected())
    }
}
