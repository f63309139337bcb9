//! Reading grants, and who is within reach.

use super::epoch;
use super::row::grant;
use crate::Persistence;
use crate::lock::lock;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use std::collections::{HashMap, HashSet};
use waymark_domain::access::{Action, GrantView, decide_tenant};
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
        let reached = self.reached(viewer, action).await?;
        let roster = self.rosters.recent(self.pool(), &self.vault, viewer.tenant.id).await?;
        let roster = lock(&roster);
        let within = |person: &PersonId| reached.covers(person.uuid()) && roster.knows(person.uuid());
        Ok(people.iter().copied().filter(within).collect())
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
        let epochs = epoch::epochs(self.pool()).await?;
        // Whoever hears of a change asks again, and is told what is so now.
        self.rosters.heard(&epochs);
        Ok(epochs)
    }
}
