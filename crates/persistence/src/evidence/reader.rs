//! Reading evidence.

use super::row::piece;
use crate::Persistence;
use crate::database::any;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use std::collections::HashMap;
use waymark_domain::evidence::EvidenceView;
use waymark_domain::kernel::{Actor, DomainId, EvidenceId};
use waymark_domain::ports::{EvidenceFilter, EvidenceReader, Page, PageRequest, PortError};

fn visible(viewer: &Actor, filter: &EvidenceFilter) -> Select<piece::Entity> {
    let mut select = piece::Entity::find().filter(piece::Column::TenantId.eq(viewer.tenant.id.uuid()));
    if let Some(person) = filter.person {
        select = select.filter(piece::Column::PersonId.eq(person.uuid()));
    }
    if let Some(state) = filter.state {
        select = select.filter(piece::Column::State.eq(state.name()));
    }
    select
}

#[async_trait]
impl EvidenceReader for Persistence {
    async fn evidence(
        &self,
        viewer: &Actor,
        filter: &EvidenceFilter,
        request: PageRequest,
    ) -> Result<Page<EvidenceView>, PortError> {
        let order = Ordering { by: piece::Column::OccurredOn, id: piece::Column::Id, descending: true };
        let day = |text: &str| Some(text.parse::<NaiveDate>().ok()?.into());
        let key = |row: &piece::Model| (row.occurred_on.to_string(), row.id);
        let rows = page(self.pool(), visible(viewer, filter), &order, &request, day, key).await?;
        Ok(try_map(rows, piece::Model::into_view)?)
    }

    async fn evidence_count(&self, viewer: &Actor, filter: &EvidenceFilter) -> Result<u64, PortError> {
        Ok(self.database(visible(viewer, filter).count(self.pool()).await)?)
    }

    async fn evidence_by_ids(
        &self,
        viewer: &Actor,
        ids: &[EvidenceId],
    ) -> Result<HashMap<EvidenceId, EvidenceView>, PortError> {
        let select = visible(viewer, &EvidenceFilter::default());
        let select = select.filter(any(self.pool(), piece::Column::Id, ids.iter().map(|id| id.uuid())));
        let rows = self.database(select.all(self.pool()).await)?;
        Ok(rows
            .into_iter()
            .map(|row| Ok((row.id.into(), row.into_view()?)))
            .collect::<crate::error::Result<_>>()?)
    }
}
