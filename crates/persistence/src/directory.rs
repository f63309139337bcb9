//! Who is behind a token's subject.

use crate::people::row::person;
use crate::{Persistence, access};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use waymark_domain::kernel::{Actor, DomainId, Tenant};
use waymark_domain::ports::{Directory, PortError};

#[async_trait]
impl Directory for Persistence {
    async fn actor(&self, tenant: &Tenant, subject: &str, at: DateTime<Utc>) -> Result<Actor, PortError> {
        let select = person::Entity::find()
            .filter(person::Column::TenantId.eq(tenant.id.uuid()))
            .filter(person::Column::ExternalId.eq(subject))
            .select_only()
            .column(person::Column::Id)
            .into_tuple::<Uuid>();
        let person = self.database(select.one(self.pool()).await)?;
        let administrator = self.administrators.iter().any(|known| known == subject);
        let roles = access::store::held(self.pool(), tenant.id, subject, at).await?;
        Ok(Actor::human(tenant.clone(), subject, person.map(Into::into), administrator).holding(roles))
    }
}
