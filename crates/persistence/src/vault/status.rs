//! How far a tenant is sealed.

use super::Vault;
use crate::error::Result;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;

/// How far a tenant is sealed.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct VaultStatus {
    /// `SEALED`, `PREPARING`, or nothing when there are no keys.
    pub state: Option<String>,
    /// The version of the tenant's key by which is sealed.
    pub key_version: Option<i64>,
    /// The name of the master key that wraps it.
    pub master_key: Option<String>,
    /// When that version was made.
    pub created_at: Option<chrono::DateTime<chrono::Utc>>,
    /// People whose text is sealed.
    pub sealed_people: i64,
    /// People whose text is not.
    pub clear_people: i64,
    /// Other rows whose text is sealed.
    pub sealed_rows: i64,
    /// Other rows whose text is not.
    pub clear_rows: i64,
}

const SQL: &str = "select v.state, v.key_version, k.master_key, k.created_at,
    (select count(*) from person p where p.tenant_id = t.id and p.sealed is not null) as sealed_people,
    (select count(*) from person p where p.tenant_id = t.id and p.sealed is null and p.erased_at is null) as clear_people,
    (select count(*) from evidence e where e.tenant_id = t.id and e.sealed is not null)
      + (select count(*) from access_grant g where g.tenant_id = t.id and g.sealed is not null)
      + (select count(*) from erasure_request r where r.tenant_id = t.id and r.sealed is not null) as sealed_rows,
    (select count(*) from evidence e where e.tenant_id = t.id and e.sealed is null)
      + (select count(*) from access_grant g where g.tenant_id = t.id and g.sealed is null)
      + (select count(*) from erasure_request r
             where r.tenant_id = t.id and r.sealed is null and r.reason is not null) as clear_rows
    from (select {id} as id) t
    left join tenant_vault v on v.tenant_id = t.id
    left join tenant_key k on k.tenant_id = v.tenant_id and k.version = v.key_version";

impl Vault {
    /// How far a tenant is sealed. Needs no master key.
    pub async fn status(&self, db: &impl ConnectionTrait, tenant: Uuid) -> Result<VaultStatus> {
        let id = match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => "cast($1 as uuid)",
            _ => "$1",
        };
        let sql = SQL.replace("{id}", id);
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.into()]);
        let found = VaultStatus::find_by_statement(statement).one(db).await?;
        found.ok_or_else(|| super::tenant::index_place(tenant).fault("its state cannot be read"))
    }
}
