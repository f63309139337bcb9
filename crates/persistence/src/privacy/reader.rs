//! Reading requests.

use super::retention::row::run;
use super::{consent, export, row::erasure};
use crate::Persistence;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, Select};
use waymark_domain::access::{Action, decide_tenant};
use waymark_domain::kernel::{Actor, DomainId, PersonId, TenantId};
use waymark_domain::ports::{Page, PageRequest, PortError, PrivacyReader};
use waymark_domain::privacy::{Consent, ErasureRequest, ExportView, RetentionRun};

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

/// Runs of the viewer's tenant, for those who may read its whole audit log.
fn runs(viewer: &Actor) -> Select<run::Entity> {
    let select = run::Entity::find().filter(run::Column::TenantId.eq(viewer.tenant.id.uuid()));
    match decide_tenant(viewer, Action::ReadAudit) {
        Ok(()) => select,
        Err(_) => select.filter(run::Column::Id.is_null()),
    }
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

    async fn consents_of(
        &self,
        tenant: TenantId,
        person: PersonId,
        most: u64,
    ) -> Result<Vec<Consent>, PortError> {
        Ok(consent::of(self.pool(), tenant, person, most).await?)
    }

    async fn retention_runs(
        &self,
        viewer: &Actor,
        request: PageRequest,
    ) -> Result<Page<RetentionRun>, PortError> {
        let order = Ordering { by: run::Column::StartedAt, id: run::Column::Id, descending: true };
        let value = |text: &str| Some(text.parse::<DateTime<Utc>>().ok()?.into());
        let key = |row: &run::Model| (row.started_at.to_rfc3339(), row.id);
        let rows = page(self.pool(), runs(viewer), &order, &request, value, key).await?;
        Ok(try_map(rows, run::Model::into_run)?)
    }

    async fn retention_runs_count(&self, viewer: &Actor) -> Result<u64, PortError> {
        Ok(self.database(runs(viewer).count(self.pool()).await)?)
    }
}
