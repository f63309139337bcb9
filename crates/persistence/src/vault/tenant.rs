//! The keys of a tenant.

use super::Vault;
use super::envelope::{KEY_BYTES, Key, Place, key_version};
use super::index::Index;
use super::master::MasterKeys;
use crate::error::Result;
use crate::lock::lock;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long keys are used before they are looked at again, so that sealing and rotation are heard of.
pub(super) const FRESH: Duration = Duration::from_secs(2);

/// Everything of this tenant is sealed, or will be with its next change.
pub(super) const SEALED: &str = "SEALED";
/// The keys are there; nothing is sealed before every process knows them.
pub(super) const PREPARING: &str = "PREPARING";

/// The keys of a tenant, open.
pub(super) struct TenantKeys {
    /// Whether what is written is sealed, and everybody of the tenant is.
    pub sealed: bool,
    /// The key by which is sealed.
    pub current: i64,
    pub versions: HashMap<i64, Arc<Key>>,
    pub index: Index,
}

#[derive(FromQueryResult)]
struct Row {
    state: String,
    key_version: i64,
    index_key: Vec<u8>,
    version: i64,
    master_key: String,
    wrapped: Vec<u8>,
}

/// Where a version of a tenant's key lies. Its number is bound too: versions cannot be swapped.
pub(super) fn key_place(tenant: Uuid, version: i64) -> Place {
    let row = Uuid::from_u128(u128::from(version.unsigned_abs()));
    Place { tenant, table: "tenant_key", column: "wrapped", row }
}

/// Where a tenant's index key lies.
pub(super) fn index_place(tenant: Uuid) -> Place {
    Place { tenant, table: "tenant_vault", column: "index_key", row: tenant }
}

impl TenantKeys {
    /// The key of a version.
    pub fn version(&self, version: i64, place: &Place) -> Result<&Key> {
        let key = self.versions.get(&version).map(|key| &**key);
        key.ok_or_else(|| place.fault(format!("version {version} of its tenant's key is not there")))
    }

    /// Opens what was sealed or wrapped by one of the tenant's keys.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Vec<u8>> {
        self.version(key_version(sealed, place)?, place)?.open(place, sealed)
    }

    /// Opens a key that was wrapped by one of the tenant's keys.
    pub fn unwrap_key(&self, place: &Place, wrapped: &[u8]) -> Result<[u8; KEY_BYTES]> {
        self.version(key_version(wrapped, place)?, place)?.unwrap_key(place, wrapped)
    }

    /// Seals by the tenant's current key.
    pub fn seal(&self, place: &Place, clear: &[u8]) -> Result<Vec<u8>> {
        self.version(self.current, place)?.seal(self.current, place, clear)
    }
}

/// The keys of a tenant as the database has them.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    master: Option<&MasterKeys>,
    tenant: Uuid,
) -> Result<Option<TenantKeys>> {
    let sql = "select v.state, v.key_version, v.index_key, k.version, k.master_key, k.wrapped
         from tenant_vault v join tenant_key k on k.tenant_id = v.tenant_id where v.tenant_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.into()]);
    let rows = Row::find_by_statement(statement).all(db).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let mut versions = HashMap::new();
    for row in &rows {
        let place = key_place(tenant, row.version);
        let Some(master) = master else { return Err(place.fault("no master key is configured")) };
        let Some(master) = master.named(&row.master_key) else {
            return Err(place.fault(format!("the master key {} is not configured", row.master_key)));
        };
        let key = Key::new(&master.key.unwrap_key(&place, &row.wrapped)?)?;
        versions.insert(row.version, Arc::new(key));
    }
    let (sealed, current) = (first.state == SEALED, first.key_version);
    let place = index_place(tenant);
    let by = versions.get(&key_version(&first.index_key, &place)?);
    let by = by.ok_or_else(|| place.fault("the key that wraps it is not there"))?;
    let index = Index::new(&by.unwrap_key(&place, &first.index_key)?);
    Ok(Some(TenantKeys { sealed, current, versions, index }))
}

impl Vault {
    /// The keys of a tenant, if it has any.
    pub(super) async fn tenant(
        &self,
        db: &impl ConnectionTrait,
        tenant: Uuid,
    ) -> Result<Option<Arc<TenantKeys>>> {
        // Whoever has no master key cannot have looked at anything sealed.
        if self.master.is_none() {
            return Ok(None);
        }
        if let Some(keys) = self.fresh(tenant) {
            return Ok(keys);
        }
        self.look_at(db, tenant).await
    }

    /// The keys of a tenant as the database has them now.
    pub(super) async fn look_at(
        &self,
        db: &impl ConnectionTrait,
        tenant: Uuid,
    ) -> Result<Option<Arc<TenantKeys>>> {
        let keys = load(db, self.master.as_deref(), tenant).await?.map(Arc::new);
        lock(&self.tenants).insert(tenant, (Instant::now(), keys.clone()));
        Ok(keys)
    }

    /// What was found lately.
    fn fresh(&self, tenant: Uuid) -> Option<Option<Arc<TenantKeys>>> {
        let known = lock(&self.tenants);
        let (at, keys) = known.get(&tenant)?;
        (at.elapsed() < FRESH).then(|| keys.clone())
    }

    /// The keys of a tenant of which is known for good that it is sealed.
    pub(super) fn known_sealed(&self, tenant: Uuid) -> Option<Arc<TenantKeys>> {
        self.fresh(tenant)?.filter(|keys| keys.sealed)
    }
}
