//! Reading evidence.

use super::row::piece;
use crate::Persistence;
use crate::access::{Columns, Reached};
use crate::database::{any, one_of};
use crate::filter;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use std::collections::HashMap;
use waymark_domain::access::Action;
use waymark_domain::evidence::EvidenceView;
use waymark_domain::kernel::{Actor, DomainId, EvidenceId};
use waymark_domain::ports::{
    EvidenceFilter, EvidenceOrder, EvidenceReader, EvidenceTest, Page, PageRequest, PortError,
};

fn visible(db: &impl ConnectionTrait, reached: &Reached) -> Select<piece::Entity> {
    use piece::Column;
    let columns =
        Columns { tenant: Column::TenantId, person: Column::PersonId, author: Some(Column::AuthorId) };
    piece::Entity::find().filter(reached.rows(db, &columns))
}

fn filtered(db: &impl ConnectionTrait, reached: &Reached, filter: &EvidenceFilter) -> Select<piece::Entity> {
    use piece::Column;
    let test = |test: &EvidenceTest| match test {
        EvidenceTest::Person(people) => one_of(db, Column::PersonId, people),
        EvidenceTest::Kind(kinds) => Column::Kind.is_in(kinds.iter().map(|kind| kind.name())),
        EvidenceTest::State(states) => Column::State.is_in(states.iter().map(|state| state.name())),
        EvidenceTest::From(day) => Column::OccurredOn.gte(*day),
        EvidenceTest::Until(day) => Column::OccurredOn.lte(*day),
    };
    visible(db, reached).filter(filter::sql(&filter.condition, &test))
}

#[async_trait]
impl EvidenceReader for Persistence {
    async fn evidence(
        &self,
        viewer: &Actor,
        filter: &EvidenceFilter,
        request: PageRequest,
    ) -> Result<Page<EvidenceView>, PortError> {
        let by_day = filter.order == EvidenceOrder::OccurredOn;
        let by = if by_day { piece::Column::OccurredOn } else { piece::Column::RecordedAt };
        let order = Ordering { by, id: piece::Column::Id, descending: filter.descending };
        let value = |text: &str| match by_day {
            true => Some(text.parse::<NaiveDate>().ok()?.into()),
            false => Some(text.parse::<DateTime<Utc>>().ok()?.into()),
        };
        let key = |row: &piece::Model| {
            let sort = if by_day { row.occurred_on.to_string() } else { row.recorded_at.to_rfc3339() };
            (sort, row.id)
        };
        let reached = self.reached(viewer, Action::ReadEvidence).await?;
        let select = filtered(self.pool(), &reached, filter);
        let rows = page(self.pool(), select, &order, &request, value, key).await?;
        let rows = self.vault.open_page(self.pool(), rows).await?;
        Ok(try_map(rows, piece::Model::into_view)?)
    }

    async fn evidence_count(&self, viewer: &Actor, filter: &EvidenceFilter) -> Result<u64, PortError> {
        let reached = self.reached(viewer, Action::ReadEvidence).await?;
        Ok(self.database(filtered(self.pool(), &reached, filter).count(self.pool()).await)?)
    }

    async fn evidence_by_ids(
        &self,
        viewer: &Actor,
        ids: &[EvidenceId],
    ) -> Result<HashMap<EvidenceId, EvidenceView>, PortError> {
        let reached = self.reached(viewer, Action::ReadEvidence).await?;
        let select = visible(self.pool(), &reached);
        let select = select.filter(any(self.pool(), piece::Column::Id, ids.iter().map(|id| id.uuid())));
        let rows = self.database(select.all(self.pool()).await)?;
        let rows = self.vault.open(self.pool(), rows).await?;
        Ok(rows
            .into_iter()
            .map(|row| Ok((row.id.into(), row.into_view()?)))
            .collect::<crate::error::Result<_>>()?)
    }
}
