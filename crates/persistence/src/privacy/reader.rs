//! Reading requests.

use super::{export, row::erasure};
use crate::Persistence;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, Select};
use waymark_domain::access::{Action, decide_tenant};
use waymark_domain::kernel::{Actor, DomainId};
use waymark_domain::ports::{Page, PageRequest, PortError, PrivacyReader};
use waymark_domain::privacy::{ErasureRequest, ExportView};

/// Administrators see every request, everybody else those that they asked for or that are about them.
fn visible(viewer: &Actor) -> Select<erasure::Entity> {
    use erasure::Column;
    let select = erasure::Entity::find().filter(Column::TenantId.eq(viewer.tenant.id.uuid()));
    if decide_tenant(viewer, Action::DecideErasure).is_ok() {
        return select;
    }
    let mut own = Condition::any().add(Column::RequestedBy.eq(viewer.id.uuid()));
    if let Some(person) = viewer.person {
        own = own.add(Column::PersonId.eq(person.uuid()));
    }
    select.filter(own)
}

#[async_trait]
impl PrivacyReader for Persistence {
    async fn erasures(
        &self,
        viewer: &Actor,
        request: PageRequest,
    ) -> Result<Page<ErasureRequest>, PortError> {
        let order = Ordering { by: erasure::Column::RequestedAt, id: erasure::Column::Id, descending: false };
        let value = |text: &str| Some(text.parse::<DateTime<Utc>>().ok()?.into());
        let key = |row: &erasure::Model| (row.requested_at.to_rfc3339(), row.id);
        let rows = page(self.pool(), visible(viewer), &order, &request, value, key).await?;
        let rows = self.vault.open_page(self.pool(), rows).await?;
        Ok(try_map(rows, erasure::Model::into_request)?)
    }

    async fn erasures_count(&self, viewer: &Actor) -> Result<u64, PortError> {
        Ok(self.database(visible(viewer).count(self.pool()).await)?)
    }

    async fn exports(&self, viewer: &Actor) -> Result<Vec<ExportView>, PortError> {
        Ok(export::of(self.pool(), viewer).await?)
    }

    async fn export_content(&self, viewer: &Actor, link_hash: &str) -> Result<Option<String>, PortError> {
        Ok(export::content(self.pool(), &self.vault, viewer, link_hash).await?)
    }
}
