//! A new key for a tenant, and everything that the old ones wrap or seal by it. The keys of people stay what they are,
//! so nothing that is sealed under them is touched, and neither are hashes.

use super::Vault;
use super::envelope::{key_version, new_key};
use super::opening::person_key_place;
use super::sealer::hold;
use super::tenant::{TenantKeys, index_place, key_place};
use crate::access::row::grant;
use crate::database::{Database, execute};
use crate::error::Result;
use crate::lock::lock;
use crate::people::row::person;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
};
use uuid::Uuid;

/// Keys that are wrapped anew in one transaction.
const BATCH: u64 = 500;

impl Vault {
    /// Makes the next version of a tenant's key, and wraps every version by the current master key. Nothing is sealed by
    /// it yet. Returns its number; none if the tenant has no keys.
    pub async fn next_key(
        &self,
        database: &Database,
        tenant: Uuid,
        at: DateTime<Utc>,
    ) -> Result<Option<i64>> {
        let Some(master) = &self.master else {
            return Err(key_place(tenant, 0).fault("no master key is configured"));
        };
        let db = database.begin().await?;
        hold(&db, tenant, true).await?;
        let Some(keys) = self.look_at(&db, tenant).await? else { return Ok(None) };
        let version = keys.versions.keys().max().copied().unwrap_or_default() + 1;
        let wrapped = master.current.key.seal(1, &key_place(tenant, version), &new_key()?)?;
        let sql = "insert into tenant_key (tenant_id, version, master_key, wrapped, created_at)
                   values ($1, $2, $3, $4, $5)";
        let id = || Value::from(master.current.id.clone());
        execute(&db, sql, vec![tenant.into(), version.into(), id(), wrapped.into(), at.into()]).await?;
        for (version, bytes) in self.raw_versions(&db, tenant).await? {
            let wrapped = master.current.key.seal(1, &key_place(tenant, version), &bytes)?;
            let sql =
                "update tenant_key set master_key = $3, wrapped = $4 where tenant_id = $1 and version = $2";
            execute(&db, sql, vec![tenant.into(), version.into(), id(), wrapped.into()]).await?;
        }
        db.commit().await?;
        self.forget(tenant);
        Ok(Some(version))
    }

    async fn raw_versions(&self, db: &impl ConnectionTrait, tenant: Uuid) -> Result<Vec<(i64, [u8; 32])>> {
        let sql = "select version, master_key, wrapped from tenant_key where tenant_id = $1";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.into()]);
        let mut versions = Vec::new();
        for row in db.query_all_raw(statement).await? {
            let (version, name): (i64, String) =
                (row.try_get("", "version")?, row.try_get("", "master_key")?);
            let wrapped: Vec<u8> = row.try_get("", "wrapped")?;
            let place = key_place(tenant, version);
            let master = self.master.as_ref().and_then(|master| master.named(&name));
            let master =
                master.ok_or_else(|| place.fault(format!("the master key {name} is not configured")))?;
            versions.push((version, master.key.unwrap_key(&place, &wrapped)?));
        }
        Ok(versions)
    }

    /// Seals by this version from now on. It must have been there for [`WARNING_TIME`](super::WARNING_TIME).
    pub async fn use_key(&self, database: &Database, tenant: Uuid, version: i64) -> Result<()> {
        let db = database.begin().await?;
        hold(&db, tenant, true).await?;
        let place = index_place(tenant);
        let keys = self.look_at(&db, tenant).await?.ok_or_else(|| place.fault("its tenant has no keys"))?;
        let sql = "select index_key from tenant_vault where tenant_id = $1";
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.into()]);
        let row = db.query_one_raw(statement).await?.ok_or_else(|| place.fault("it is not there"))?;
        let bytes = keys.unwrap_key(&place, &row.try_get::<Vec<u8>>("", "index_key")?)?;
        let index = keys.version(version, &place)?.seal(version, &place, &bytes)?;
        let sql = "update tenant_vault set key_version = $2, index_key = $3 where tenant_id = $1";
        execute(&db, sql, vec![tenant.into(), version.into(), index.into()]).await?;
        db.commit().await?;
        self.forget(tenant);
        Ok(())
    }

    /// Wraps the keys of the next people behind this one anew. Returns the last of them, and how many there were.
    pub async fn rewrap_batch(
        &self,
        database: &Database,
        tenant: Uuid,
        behind: Uuid,
    ) -> Result<Option<(Uuid, u64)>> {
        let db = database.begin().await?;
        let keys = self.needed(&db, tenant).await?;
        let rows: Vec<(Uuid, Option<Vec<u8>>)> = person::Entity::find()
            .filter(person::Column::TenantId.eq(tenant))
            .filter(person::Column::DataKey.is_not_null())
            .filter(person::Column::Id.gt(behind))
            .order_by_asc(person::Column::Id)
            .limit(BATCH)
            .select_only()
            .columns([person::Column::Id, person::Column::DataKey])
            .into_tuple()
            .all(&db)
            .await?;
        let last = rows.last().map(|(person, _)| (*person, rows.len() as u64));
        for (person, wrapped) in rows {
            let Some(old) = wrapped else { continue };
            let place = person_key_place(tenant, person);
            if key_version(&old, &place)? == keys.current {
                continue;
            }
            let new = keys.seal(&place, &keys.unwrap_key(&place, &old)?)?;
            // Erased meanwhile: stays destroyed.
            let sql = "update person set data_key = $3 where id = $1 and data_key = $2";
            execute(&db, sql, vec![person.into(), old.into(), new.into()]).await?;
        }
        db.commit().await?;
        Ok(last)
    }

    /// Seals the subjects of grants anew.
    pub async fn reseal_grants(&self, database: &Database, tenant: Uuid) -> Result<()> {
        let db = database.begin().await?;
        self.needed(&db, tenant).await?;
        let rows = grant::Entity::find()
            .filter(grant::Column::TenantId.eq(tenant))
            .filter(grant::Column::Sealed.is_not_null())
            .all(&db)
            .await?;
        let hashed: Vec<String> = rows.iter().map(|row| row.subject.clone()).collect();
        let rows = self.open(&db, rows).await?;
        let sealer = self.sealer(&db, tenant, &[], &[]).await?;
        for (row, hashed) in rows.into_iter().zip(hashed) {
            let row = grant::Model { subject: hashed, ..sealer.seal(row)? };
            let (id, revision) = (row.id, row.revision);
            grant::Entity::update_many()
                .set(row.into_active_model().reset_all())
                .filter(grant::Column::Id.eq(id))
                .filter(grant::Column::Revision.eq(revision))
                .exec(&db)
                .await?;
        }
        db.commit().await?;
        Ok(())
    }

    async fn needed(&self, db: &impl ConnectionTrait, tenant: Uuid) -> Result<std::sync::Arc<TenantKeys>> {
        self.tenant(db, tenant).await?.ok_or_else(|| index_place(tenant).fault("its tenant has no keys"))
    }

    /// Looks at the tenant's keys again before they are used the next time.
    pub(super) fn forget(&self, tenant: Uuid) {
        lock(&self.tenants).remove(&tenant);
    }
}
