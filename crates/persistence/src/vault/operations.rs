//! What those who run Waymark do with keys: the steps, in the order in which the command calls them.

use super::VaultStatus;
use crate::Persistence;
use crate::error::Fault;
use chrono::{DateTime, Utc};
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, TenantId};

impl Persistence {
    /// Makes the first keys of a tenant, unless there are some or no master key is configured; says whether the tenant
    /// is sealed now. One that has people already is not before [`Persistence::seal_people`].
    ///
    /// # Errors
    /// A fault of the database, or of the keys.
    pub async fn prepare_vault(&self, tenant: TenantId, at: DateTime<Utc>) -> Result<bool, Fault> {
        self.vault.prepare(&self.database, tenant.uuid(), at).await
    }

    /// Makes sure that what is sealed of the tenant can be opened.
    ///
    /// # Errors
    /// When it cannot: the master key is not configured, or another one is.
    pub async fn check_vault(&self, tenant: TenantId) -> Result<(), Fault> {
        self.vault.look_at(self.pool(), tenant.uuid()).await.map(|_| ())
    }

    /// How far a tenant is sealed.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn vault_status(&self, tenant: TenantId) -> Result<VaultStatus, Fault> {
        self.vault.status(self.pool(), tenant.uuid()).await
    }

    /// Seals everybody of a tenant whose keys have been there for [`WARNING_TIME`](crate::WARNING_TIME), in one
    /// transaction; `progress` is told how many more were sealed.
    ///
    /// # Errors
    /// A fault of the database, or of the keys; nothing is sealed then.
    pub async fn seal_people(
        &self,
        tenant: TenantId,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), Fault> {
        self.vault.seal_people(&self.database, tenant.uuid(), progress).await
    }

    /// Seals some of what was said of people; says how many rows. 0: all is sealed.
    ///
    /// # Errors
    /// A fault of the database, or of the keys.
    pub async fn seal_more(&self, tenant: TenantId) -> Result<u64, Fault> {
        self.vault.seal_batch(&self.database, tenant.uuid()).await
    }

    /// Makes the next version of a tenant's key, wrapped by the current master key as the earlier ones are from then on;
    /// nothing is sealed by it yet. None: the tenant has no keys.
    ///
    /// # Errors
    /// A fault of the database, or of the keys.
    pub async fn next_tenant_key(&self, tenant: TenantId, at: DateTime<Utc>) -> Result<Option<i64>, Fault> {
        self.vault.next_key(&self.database, tenant.uuid(), at).await
    }

    /// Seals by this version from now on; it must have been there for [`WARNING_TIME`](crate::WARNING_TIME).
    ///
    /// # Errors
    /// A fault of the database, or of the keys.
    pub async fn use_tenant_key(&self, tenant: TenantId, version: i64) -> Result<(), Fault> {
        self.vault.use_key(&self.database, tenant.uuid(), version).await?;
        self.vault.reseal_grants(&self.database, tenant.uuid()).await
    }

    /// Wraps the keys of the next people by the tenant's current key. Starts behind `behind`; returns the last person
    /// and how many there were, nothing at the end.
    ///
    /// # Errors
    /// A fault of the database, or of the keys.
    pub async fn rewrap_more(&self, tenant: TenantId, behind: Uuid) -> Result<Option<(Uuid, u64)>, Fault> {
        self.vault.rewrap_batch(&self.database, tenant.uuid(), behind).await
    }
}
