//! Opening rows that were read.

use super::Vault;
use super::envelope::{Key, Place};
use super::row::Sealable;
use super::sealer::PERSON_KEY;
use super::tenant::TenantKeys;
use crate::database::any;
use crate::error::Result;
use crate::people::row::person;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;
use waymark_domain::ports::Page;

/// The column in which sealed parts lie.
pub(super) const COLUMN: &str = "sealed";

/// Where the key of a person lies.
pub(super) fn person_key_place(tenant: Uuid, person: Uuid) -> Place {
    Place { tenant, table: "person", column: "data_key", row: person }
}

pub(super) fn place<R: Sealable>(row: &R) -> Place {
    Place { tenant: row.tenant(), table: R::TABLE, column: COLUMN, row: row.id() }
}

impl Vault {
    /// The rows with their text. Of somebody whose key was destroyed there is none.
    pub async fn open<R: Sealable>(&self, db: &impl ConnectionTrait, mut rows: Vec<R>) -> Result<Vec<R>> {
        let texts: Vec<Option<Vec<u8>>> = rows.iter_mut().map(|row| row.sealed().take()).collect();
        let sealed = || rows.iter().zip(&texts).filter(|(_, text)| text.is_some()).map(|(row, _)| row);
        let Some(first) = sealed().next() else { return Ok(rows) };
        let (tenant, fault) =
            (first.tenant(), || place(first).fault("no master key is configured for its tenant"));
        let closed = |person: &Uuid| self.people.peek(person).is_none();
        let keyless = sealed().filter(|row| row.data_key().is_none());
        let missing: Vec<Uuid> = keyless.filter_map(Sealable::person).filter(closed).collect();
        let keys = self.tenant(db, tenant).await?.ok_or_else(fault)?;
        let found = self.person_keys(db, &keys, tenant, missing).await?;
        for (row, text) in rows.iter_mut().zip(texts) {
            if let Some(clear) = self.clear(&keys, &found, row, text)? {
                let text = serde_json::from_slice(&clear);
                row.put(text.map_err(|_| place(row).fault("it holds something else"))?);
            }
        }
        Ok(rows)
    }

    /// What is sealed in a row, in the clear.
    fn clear<R: Sealable>(
        &self,
        keys: &TenantKeys,
        found: &HashMap<Uuid, Arc<Key>>,
        row: &R,
        sealed: Option<Vec<u8>>,
    ) -> Result<Option<Vec<u8>>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let Some(person) = row.person() else { return keys.open(&place(row), &sealed).map(Some) };
        let known = found.get(&person).cloned().or_else(|| self.people.get(&person));
        let key = match (known, row.data_key()) {
            (Some(key), _) => key,
            (None, Some(wrapped)) => self.unwrapped(keys, row.tenant(), person, wrapped)?,
            (None, None) => return Ok(None),
        };
        key.open(&place(row), &sealed).map(Some)
    }

    /// The same for a row that may be missing.
    pub async fn open_one<R: Sealable>(
        &self,
        db: &impl ConnectionTrait,
        row: Option<R>,
    ) -> Result<Option<R>> {
        Ok(self.open(db, row.into_iter().collect()).await?.pop())
    }

    /// The same for a page.
    pub async fn open_page<R: Sealable>(&self, db: &impl ConnectionTrait, page: Page<R>) -> Result<Page<R>> {
        let (keys, rows): (Vec<_>, Vec<_>) = page.items.into_iter().unzip();
        let items = keys.into_iter().zip(self.open(db, rows).await?).collect();
        Ok(Page { items, has_previous: page.has_previous, has_next: page.has_next })
    }

    /// The keys of these people, as they lie in their rows.
    async fn person_keys(
        &self,
        db: &impl ConnectionTrait,
        keys: &TenantKeys,
        tenant: Uuid,
        people: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Arc<Key>>> {
        let mut found = HashMap::new();
        for chunk in people.chunks(1_000) {
            let rows: Vec<(Uuid, Option<Vec<u8>>)> = person::Entity::find()
                .filter(person::Column::TenantId.eq(tenant))
                .filter(any(db, person::Column::Id, chunk.iter().copied()))
                .select_only()
                .columns([person::Column::Id, person::Column::DataKey])
                .into_tuple()
                .all(db)
                .await?;
            for (person, wrapped) in rows {
                if let Some(wrapped) = wrapped {
                    found.insert(person, self.unwrapped(keys, tenant, person, &wrapped)?);
                }
            }
        }
        Ok(found)
    }

    /// Opens a person's key, and keeps it open.
    pub(super) fn unwrapped(
        &self,
        keys: &TenantKeys,
        tenant: Uuid,
        person: Uuid,
        wrapped: &[u8],
    ) -> Result<Arc<Key>> {
        let key = keys.unwrap_key(&person_key_place(tenant, person), wrapped)?;
        let key = Arc::new(Key::new(&key)?);
        self.people.insert(person, key.clone());
        Ok(key)
    }

    /// Seals a text under a person's key; nothing if the tenant is not sealed, or the person is not there.
    pub async fn seal_of(
        &self,
        db: &impl ConnectionTrait,
        place: &Place,
        person: Uuid,
        text: &str,
    ) -> Result<Option<Vec<u8>>> {
        let Some(keys) = self.tenant(db, place.tenant).await?.filter(|keys| keys.sealed) else {
            return Ok(None);
        };
        let found = self.person_keys(db, &keys, place.tenant, vec![person]).await?;
        found.get(&person).map(|key| key.seal(PERSON_KEY, place, text.as_bytes())).transpose()
    }

    /// Opens such a text.
    pub async fn open_of(
        &self,
        db: &impl ConnectionTrait,
        place: &Place,
        person: Uuid,
        sealed: &[u8],
    ) -> Result<String> {
        let keys = self.tenant(db, place.tenant).await?;
        let keys = keys.ok_or_else(|| place.fault("no master key is configured for its tenant"))?;
        let found = self.person_keys(db, &keys, place.tenant, vec![person]).await?;
        let key = found.get(&person).ok_or_else(|| place.fault("the person has no key"))?;
        String::from_utf8(key.open(place, sealed)?).map_err(|_| place.fault("it holds something else"))
    }

    /// Does not keep the key of somebody who is erased.
    pub fn forget_person(&self, person: Uuid) {
        self.people.remove(&person);
    }

    /// Seals a text that belongs to no one person; nothing if the tenant is not sealed.
    pub async fn seal_text(
        &self,
        db: &impl ConnectionTrait,
        place: &Place,
        text: &str,
    ) -> Result<Option<Vec<u8>>> {
        let keys = self.tenant(db, place.tenant).await?.filter(|keys| keys.sealed);
        keys.map(|keys| keys.seal(place, text.as_bytes())).transpose()
    }

    /// Opens such a text.
    pub async fn open_text(&self, db: &impl ConnectionTrait, place: &Place, sealed: &[u8]) -> Result<String> {
        let keys = self.tenant(db, place.tenant).await?;
        let keys = keys.ok_or_else(|| place.fault("no master key is configured for its tenant"))?;
        String::from_utf8(keys.open(place, sealed)?).map_err(|_| place.fault("it holds something else"))
    }
}
