//! Sealing rows that are about to be written, within the transaction that writes them.

use super::Vault;
use super::envelope::{Key, new_key};
use super::opening::{person_key_place, place};
use super::row::Sealable;
use super::tenant::{SEALED, TenantKeys};
use crate::error::{Fault, Result};
use crate::people::row::person;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Statement};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Tells the lock on a tenant's vault apart from others on the same tenant.
const LOCK: u64 = 0x76_6175_6c74;

/// The version of every person's key: it is made once and lives as long as they are known.
pub(super) const PERSON_KEY: i64 = 1;

/// Seals rows of one tenant, or leaves them as they are.
pub(crate) struct Sealer {
    tenant: Uuid,
    keys: Option<Arc<TenantKeys>>,
    people: HashMap<Uuid, PersonKey>,
    /// Who of those that were asked for is there.
    present: HashSet<Uuid>,
}

/// The key of a person: open, and as it lies in their row.
struct PersonKey {
    key: Arc<Key>,
    wrapped: Vec<u8>,
}

/// Lets nobody begin to seal the tenant before this transaction ends; whoever seals it lets nobody write meanwhile.
pub(super) async fn hold(db: &impl ConnectionTrait, tenant: Uuid, alone: bool) -> Result<()> {
    if db.get_database_backend() == DbBackend::Postgres {
        let key = i64::from_ne_bytes(xxh3_64_with_seed(tenant.as_bytes(), LOCK).to_ne_bytes());
        let lock = if alone { "pg_advisory_xact_lock" } else { "pg_advisory_xact_lock_shared" };
        let sql = format!("select {lock}($1)");
        db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.into()])).await?;
    }
    Ok(())
}

async fn is_sealed(db: &impl ConnectionTrait, tenant: Uuid) -> Result<bool> {
    let sql = "select 1 from tenant_vault where tenant_id = $1 and state = $2";
    let statement =
        Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.into(), SEALED.into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

impl Vault {
    /// What seals the rows of a transaction. `people` are those under whose keys that may be; of those who are new, the
    /// key is made. Somebody who is erased meanwhile has no key: nothing is written under it any more.
    pub async fn sealer(
        &self,
        db: &impl ConnectionTrait,
        tenant: Uuid,
        people: &[Uuid],
        new: &[Uuid],
    ) -> Result<Sealer> {
        let keys = match self.known_sealed(tenant) {
            Some(keys) => Some(keys),
            None => self.writing(db, tenant).await?,
        };
        let mut sealer = Sealer { tenant, keys, people: HashMap::new(), present: HashSet::new() };
        if let Some(keys) = sealer.keys.clone() {
            for person in new {
                sealer.people.insert(*person, self.make(&keys, tenant, *person)?);
            }
        }
        self.known(db, &mut sealer, people).await?;
        Ok(sealer)
    }

    /// The keys by which this transaction has to seal, if it has to.
    async fn writing(&self, db: &impl ConnectionTrait, tenant: Uuid) -> Result<Option<Arc<TenantKeys>>> {
        hold(db, tenant, false).await?;
        if is_sealed(db, tenant).await? { self.look_at(db, tenant).await } else { Ok(None) }
    }

    /// A new person's key.
    fn make(&self, keys: &TenantKeys, tenant: Uuid, person: Uuid) -> Result<PersonKey> {
        let bytes = new_key()?;
        let wrapped = keys.seal(&person_key_place(tenant, person), &bytes)?;
        let key = Arc::new(Key::new(&bytes)?);
        Ok(PersonKey { key, wrapped })
    }

    /// The keys of people who are there, whom nobody erases until the transaction ends.
    async fn known(&self, db: &impl ConnectionTrait, sealer: &mut Sealer, people: &[Uuid]) -> Result<()> {
        for chunk in people.chunks(1_000) {
            let mut select = person::Entity::find()
                .filter(person::Column::TenantId.eq(sealer.tenant))
                .filter(person::Column::ErasedAt.is_null())
                .filter(crate::database::any(db, person::Column::Id, chunk.iter().copied()))
                .select_only()
                .columns([person::Column::Id, person::Column::DataKey]);
            if db.get_database_backend() == DbBackend::Postgres {
                select = select.lock(sea_orm::sea_query::LockType::KeyShare);
            }
            let rows: Vec<(Uuid, Option<Vec<u8>>)> = select.into_tuple().all(db).await?;
            for (person, wrapped) in rows {
                sealer.present.insert(person);
                if let (Some(keys), Some(wrapped)) = (sealer.keys.clone(), wrapped) {
                    let key = self.unwrapped(&keys, sealer.tenant, person, &wrapped)?;
                    sealer.people.insert(person, PersonKey { key, wrapped });
                }
            }
        }
        Ok(())
    }
}

impl Sealer {
    /// Makes sure that these people are there: nothing is written about somebody who was erased meanwhile.
    pub fn expect(&self, people: &[Uuid]) -> Result<()> {
        match people.iter().all(|person| self.present.contains(person)) {
            true => Ok(()),
            false => Err(Fault::Conflict { table: "person" }),
        }
    }

    /// Whether rows are sealed at all.
    pub fn seals(&self) -> bool {
        self.keys.is_some()
    }

    /// The row as it is written.
    pub fn seal<R: Sealable>(&self, mut row: R) -> Result<R> {
        let Some(keys) = self.keys.as_ref().filter(|_| row.has_text()) else { return Ok(row) };
        let place = place(&row);
        let text = row.take(&keys.index);
        let clear = serde_json::to_vec(&text)?;
        let sealed = match row.person() {
            None => keys.seal(&place, &clear)?,
            Some(person) => self.of(person, R::TABLE)?.key.seal(PERSON_KEY, &place, &clear)?,
        };
        *row.sealed() = Some(sealed);
        Ok(row)
    }

    /// A person as they are written: with their key.
    pub fn seal_person(&self, mut row: person::Model) -> Result<person::Model> {
        if self.seals() {
            row.data_key = Some(self.of(row.id, "person")?.wrapped.clone());
        }
        self.seal(row)
    }

    fn of(&self, person: Uuid, table: &'static str) -> Result<&PersonKey> {
        // Whoever loaded them before they were erased looks again, and finds nobody.
        self.people.get(&person).ok_or(Fault::Conflict { table })
    }
}
