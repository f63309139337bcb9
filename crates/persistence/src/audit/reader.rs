//! Reading sealed entries.

use super::row::entry;
use super::verify::verify;
use crate::Persistence;
use crate::access::{Columns, Reached};
use crate::database::{is_one_of, one_of};
use crate::filter;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use waymark_domain::access::Action;
use waymark_domain::audit::{Anchor, AuditEntry, AuditOutcome, Verification};
use waymark_domain::kernel::{Actor, TenantId};
use waymark_domain::ports::{AuditFilter, AuditReader, AuditTest, Page, PageRequest, PortError};

/// Entries of those whom the viewer reaches: an entry is of whoever acted.
fn visible(db: &impl ConnectionTrait, reached: &Reached) -> Select<entry::Entity> {
    use entry::Column;
    let columns = Columns { tenant: Column::TenantId, person: Column::ActorId, author: None };
    entry::Entity::find().filter(reached.rows(db, &columns))
}

fn sql(db: &impl ConnectionTrait, test: &AuditTest) -> SimpleExpr {
    use entry::Column;
    match test {
        AuditTest::Actor(actors) => one_of(db, Column::ActorId, actors),
        AuditTest::Person(people) => is_one_of(db, Column::PersonId, people),
        // An empty column is none of them, and `not` of that is true.
        AuditTest::Object(ids) => sea_orm::sea_query::ExprTrait::and(
            Column::ObjectId.is_not_null(),
            Column::ObjectId.is_in(ids.clone()),
        ),
        AuditTest::Action(names) => Column::Action.is_in(names),
        AuditTest::Outcome(outcomes) => {
            Column::Outcome.is_in(outcomes.iter().copied().map(AuditOutcome::name))
        }
        AuditTest::Correlation(ids) => Column::Correlation.is_in(ids.clone()),
        AuditTest::From(at) => Column::At.gte(*at),
        AuditTest::Until(at) => Column::At.lte(*at),
    }
}

fn filtered(db: &impl ConnectionTrait, reached: &Reached, filter: &AuditFilter) -> Select<entry::Entity> {
    visible(db, reached).filter(filter::sql(filter, &|test| sql(db, test)))
}

#[async_trait]
impl AuditReader for Persistence {
    async fn audit_trail(
        &self,
        viewer: &Actor,
        filter: &AuditFilter,
        request: PageRequest,
    ) -> Result<Page<AuditEntry>, PortError> {
        let order = Ordering { by: entry::Column::Number, id: entry::Column::Id, descending: true };
        let value = |text: &str| Some(text.parse::<i64>().ok()?.into());
        let key = |row: &entry::Model| (row.number.to_string(), row.id);
        let reached = self.reached(viewer, Action::ReadAudit).await?;
        let select = filtered(self.pool(), &reached, filter);
        let rows = page(self.pool(), select, &order, &request, value, key).await?;
        Ok(try_map(rows, entry::Model::into_view)?)
    }

    async fn audit_count(&self, viewer: &Actor, filter: &AuditFilter) -> Result<u64, PortError> {
        let reached = self.reached(viewer, Action::ReadAudit).await?;
        Ok(self.database(filtered(self.pool(), &reached, filter).count(self.pool()).await)?)
    }

    async fn audit_verify(
        &self,
        tenant: TenantId,
        after: &Anchor,
        most: u32,
    ) -> Result<Verification, PortError> {
        Ok(verify(self.pool(), tenant, after, most).await?)
    }
}
