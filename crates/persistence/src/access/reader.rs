//! Reading grants, and who is within reach.

use super::row::grant;
use super::{Columns, epoch, within};
use crate::Persistence;
use crate::database::any;
use crate::page::{Ordering, page, try_map};
use crate::people::row::person;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;
use waymark_domain::access::{Action, GrantView, decide_tenant, scope};
use waymark_domain::kernel::{Actor, DomainId, PersonId, TenantId};
use waymark_domain::ports::{AccessReader, Page, PageRequest, PortError};

/// Administrators see every grant, everybody else those that they asked for.
fn visible(viewer: &Actor) -> Select<grant::Entity> {
    let select = grant::Entity::find().filter(grant::Column::TenantId.eq(viewer.tenant.id.uuid()));
    match decide_tenant(viewer, Action::ManageGrants) {
        Ok(()) => select,
        Err(_) => select.filter(grant::Column::RequestedBy.eq(viewer.id.uuid())),
    }
}

#[async_trait]
impl AccessReader for Persistence {
    async fn within_reach(
        &self,
        viewer: &Actor,
        action: Action,
        people: &[PersonId],
    ) -> Result<HashSet<PersonId>, PortError> {
        let columns = Columns { tenant: person::Column::TenantId, person: person::Column::Id, author: None };
        let select = person::Entity::find()
            .filter(within(self.pool(), &scope(viewer, action), &columns))
            .filter(person::Column::ErasedAt.is_null())
            .filter(any(self.pool(), person::Column::Id, people.iter().map(|id| id.uuid())))
            .select_only()
            .column(person::Column::Id)
            .into_tuple::<Uuid>();
        let found = self.database(select.all(self.pool()).await)?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    async fn grants(&self, viewer: &Actor, request: PageRequest) -> Result<Page<GrantView>, PortError> {
        let order = Ordering { by: grant::Column::Subject, id: grant::Column::Id, descending: false };
        let key = |row: &grant::Model| (row.subject.clone(), row.id);
        let select = visible(viewer);
        let rows = page(self.pool(), select, &order, &request, |subject| Some(subject.into()), key).await?;
        let rows = self.vault.open_page(self.pool(), rows).await?;
        Ok(try_map(rows, grant::Model::into_grant)?)
    }

    async fn grants_count(&self, viewer: &Actor) -> Result<u64, PortError> {
        Ok(self.database(visible(viewer).count(self.pool()).await)?)
    }

    async fn epochs(&self) -> Result<HashMap<TenantId, i64>, PortError> {
        Ok(epoch::epochs(self.pool()).await?)
    }
}
