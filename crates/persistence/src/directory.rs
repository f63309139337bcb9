//! Who is behind a token's subject.

use crate::people::row::person;
use crate::{Persistence, access};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;
use waymark_domain::kernel::{Actor, DomainId, Tenant, TenantId};
use waymark_domain::ports::{Directory, PortError};

/// Subjects of tokens that administer a tenant, each its own alone.
#[derive(Debug, Clone, Default)]
pub struct Administrators(HashMap<TenantId, HashSet<String>>);

impl Administrators {
    /// Lets these subjects administer the tenant, beside those who do already.
    pub fn add(&mut self, tenant: TenantId, subjects: impl IntoIterator<Item = String>) {
        self.0.entry(tenant).or_default().extend(subjects);
    }

    fn contains(&self, tenant: TenantId, subject: &str) -> bool {
        self.0.get(&tenant).is_some_and(|subjects| subjects.contains(subject))
    }
}

#[async_trait]
impl Directory for Persistence {
    async fn actor(&self, tenant: &Tenant, subject: &str, at: DateTime<Utc>) -> Result<Actor, PortError> {
        let names = self.vault.external_ids(self.pool(), tenant.id, &[subject]).await?;
        let select = person::Entity::find()
            .filter(person::Column::TenantId.eq(tenant.id.uuid()))
            .filter(person::Column::ExternalId.is_in(names))
            .select_only()
            .column(person::Column::Id)
            .into_tuple::<Uuid>();
        let person = self.database(select.one(self.pool()).await)?;
        let administrator = self.administrators.contains(tenant.id, subject);
        let roles = access::store::held(self.pool(), &self.vault, tenant.id, subject, at).await?;
        Ok(Actor::human(tenant.clone(), subject, person.map(Into::into), administrator).holding(roles))
    }
}
