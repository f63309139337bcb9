//! Sealing a tenant that was not: its keys are made, then everybody, then what was said of them.

use super::Vault;
use super::envelope::{Key, new_key};
use super::sealer::hold;
use super::tenant::{FRESH, PREPARING, SEALED, index_place, key_place};
use crate::access::row::grant;
use crate::database::{Database, execute};
use crate::error::{Fault, Result};
use crate::evidence::row::piece;
use crate::people::row::person;
use crate::privacy::row::erasure;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Set,
};
use std::time::Duration;
use uuid::Uuid;

/// How long whoever changes keys waits before they are used: every process has heard of them then.
pub const WARNING_TIME: Duration = Duration::from_secs(2 * FRESH.as_secs() + 1);

/// Rows that are sealed in one transaction.
const BATCH: u64 = 200;

impl Vault {
    /// Makes the first keys of a tenant, unless there are some or no master key is configured. A tenant without people
    /// is sealed from then on; says whether it is. In others nothing is sealed yet.
    pub async fn prepare(&self, database: &Database, tenant: Uuid, at: DateTime<Utc>) -> Result<bool> {
        let Some(master) = &self.master else { return Ok(false) };
        let db = database.begin().await?;
        hold(&db, tenant, true).await?;
        if let Some(keys) = self.look_at(&db, tenant).await? {
            return Ok(keys.sealed);
        }
        let empty =
            person::Entity::find().filter(person::Column::TenantId.eq(tenant)).one(&db).await?.is_none();
        let grants = grant::Entity::find().filter(grant::Column::TenantId.eq(tenant)).one(&db).await?;
        let state = if empty && grants.is_none() { SEALED } else { PREPARING };
        let (key, index) = (new_key()?, new_key()?);
        let wrapped = master.current.key.seal(1, &key_place(tenant, 1), &key)?;
        let index = Key::new(&key)?.seal(1, &index_place(tenant), &index)?;
        let sql = "insert into tenant_key (tenant_id, version, master_key, wrapped, created_at)
                   values ($1, 1, $2, $3, $4)";
        let values = vec![tenant.into(), master.current.id.clone().into(), wrapped.into(), at.into()];
        execute(&db, sql, values).await?;
        let sql =
            "insert into tenant_vault (tenant_id, state, key_version, index_key) values ($1, $2, 1, $3)";
        execute(&db, sql, vec![tenant.into(), state.into(), index.into()]).await?;
        db.commit().await?;
        Ok(self.look_at(database.pool(), tenant).await?.is_some_and(|keys| keys.sealed))
    }

    /// Seals everybody of a tenant and every grant, in one transaction: what they are found by changes with it. Keys must
    /// have been there for [`WARNING_TIME`]. `progress` is told how many were sealed.
    pub async fn seal_people(
        &self,
        database: &Database,
        tenant: Uuid,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<()> {
        let db = database.begin().await?;
        hold(&db, tenant, true).await?;
        // From here on, in this transaction, rows are sealed.
        let sql = "update tenant_vault set state = $2 where tenant_id = $1";
        execute(&db, sql, vec![tenant.into(), SEALED.into()]).await?;
        self.look_at(&db, tenant).await?;
        let done = self.seal_all_people(&db, tenant, progress).await;
        match done {
            Ok(()) => db.commit().await?,
            Err(fault) => {
                // What was looked at is not so.
                self.forget(tenant);
                return Err(fault);
            }
        }
        Ok(())
    }

    async fn seal_all_people(
        &self,
        db: &DatabaseTransaction,
        tenant: Uuid,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<()> {
        let rows = person::Entity::find()
            .filter(person::Column::TenantId.eq(tenant))
            .filter(person::Column::Sealed.is_null())
            .filter(person::Column::ErasedAt.is_null())
            .all(db)
            .await?;
        let people: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let sealer = self.sealer(db, tenant, &[], &people).await?;
        for row in rows {
            let row = sealer.seal_person(row)?;
            let sealed = person::ActiveModel {
                id: Set(row.id),
                external_id: Set(row.external_id),
                display_name: Set(row.display_name),
                email: Set(row.email),
                email_key: Set(row.email_key),
                sealed: Set(row.sealed),
                data_key: Set(row.data_key),
                ..Default::default()
            };
            person::Entity::update(sealed).exec_without_returning(db).await?;
            progress(1);
        }
        let grants = grant::Entity::find()
            .filter(grant::Column::TenantId.eq(tenant))
            .filter(grant::Column::Sealed.is_null())
            .all(db)
            .await?;
        for row in grants {
            let row = sealer.seal(row)?;
            grant::Entity::update(row.into_active_model().reset_all()).exec_without_returning(db).await?;
            progress(1);
        }
        // Answers in the clear are not kept: whoever repeats a mutation is told what it did.
        let sql = "update mutation_key set answer = null where tenant_id = $1 and answer is not null";
        execute(db, sql, vec![tenant.into()]).await?;
        Ok(())
    }

    /// Seals the next rows about people of a sealed tenant; says how many. Nothing of them is seen to change.
    pub async fn seal_batch(&self, database: &Database, tenant: Uuid) -> Result<u64> {
        let db = database.begin().await?;
        let rows = piece::Entity::find()
            .filter(piece::Column::TenantId.eq(tenant))
            .filter(piece::Column::Sealed.is_null())
            .limit(BATCH)
            .all(&db)
            .await?;
        let requests = erasure::Entity::find()
            .filter(erasure::Column::TenantId.eq(tenant))
            .filter(erasure::Column::Sealed.is_null())
            .filter(erasure::Column::Reason.is_not_null())
            .limit(BATCH)
            .all(&db)
            .await?;
        let people: Vec<Uuid> = rows.iter().map(|row| row.person_id).collect();
        let about: Vec<Uuid> = requests.iter().map(|row| row.person_id).collect();
        let sealer = self.sealer(&db, tenant, &[people, about].concat(), &[]).await?;
        let count = (rows.len() + requests.len()) as u64;
        for row in rows {
            let row = sealer.seal(row)?;
            let (id, revision) = (row.id, row.revision);
            let same = piece::Entity::update_many()
                .set(row.into_active_model().reset_all())
                .filter(piece::Column::Id.eq(id))
                .filter(piece::Column::Revision.eq(revision));
            same.exec(&db).await?;
        }
        for row in requests {
            let row = match sealer.seal(row.clone()) {
                // Their key is gone with them, and so is what was said of them.
                Err(Fault::Conflict { .. }) => erasure::Model { reason: None, ..row },
                sealed => sealed?,
            };
            erasure::Entity::update(row.into_active_model().reset_all()).exec_without_returning(&db).await?;
        }
        db.commit().await?;
        Ok(count)
    }
}
