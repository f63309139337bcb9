//! Reading people.

use super::row::{assignment, person, team};
use crate::Persistence;
use crate::access::{Columns, within};
use crate::database::{any, is_one_of};
use crate::error::Result;
use crate::filter;
use crate::page::{Ordering, page, try_map};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select};
use std::collections::HashMap;
use waymark_domain::access::{Action, scope};
use waymark_domain::kernel::{Actor, DomainId, PersonId, TeamId};
use waymark_domain::people::{AssignmentView, PersonView, TeamView};
use waymark_domain::ports::{
    Page, PageRequest, PeopleFilter, PeopleOrder, PeopleReader, PersonTest, PortError,
};

fn visible(db: &impl ConnectionTrait, viewer: &Actor) -> Select<person::Entity> {
    let columns = Columns { tenant: person::Column::TenantId, person: person::Column::Id, author: None };
    person::Entity::find()
        .filter(within(db, &scope(viewer, Action::ReadProfile), &columns))
        .filter(person::Column::ErasedAt.is_null())
}

fn visible_assignments(db: &impl ConnectionTrait, viewer: &Actor) -> Select<assignment::Entity> {
    use assignment::Column;
    let columns = Columns { tenant: Column::TenantId, person: Column::PersonId, author: None };
    assignment::Entity::find().filter(within(db, &scope(viewer, Action::ReadProfile), &columns))
}

fn filtered(db: &impl ConnectionTrait, viewer: &Actor, filter: &PeopleFilter) -> Select<person::Entity> {
    use person::Column;
    let test = |test: &PersonTest| match test {
        PersonTest::Name(test) => filter::text(Column::DisplayName, test),
        PersonTest::ExternalId(test) => filter::text(Column::ExternalId, test),
        PersonTest::Discipline(test) => filter::text(Column::Discipline, test),
        PersonTest::Team(teams) => is_one_of(db, Column::TeamId, teams),
        PersonTest::Manager(people) => is_one_of(db, Column::ManagerId, people),
        PersonTest::Position(positions) => is_one_of(db, Column::PositionId, positions),
    };
    visible(db, viewer).filter(filter::sql(&filter.condition, &test))
}

fn visible_teams(viewer: &Actor) -> Select<team::Entity> {
    team::Entity::find().filter(team::Column::TenantId.eq(viewer.tenant.id.uuid()))
}

#[async_trait]
impl PeopleReader for Persistence {
    async fn people(
        &self,
        viewer: &Actor,
        filter: &PeopleFilter,
        request: PageRequest,
    ) -> Result<Page<PersonView>, PortError> {
        let by_name = filter.order == PeopleOrder::Name;
        let by = if by_name { person::Column::DisplayName } else { person::Column::ExternalId };
        let order = Ordering { by, id: person::Column::Id, descending: filter.descending };
        let key = |row: &person::Model| {
            let sort = if by_name { &row.display_name } else { &row.external_id };
            (sort.clone(), row.id)
        };
        let select = filtered(self.pool(), viewer, filter);
        let rows = page(self.pool(), select, &order, &request, |name| Some(name.into()), key).await?;
        Ok(try_map(rows, |row| Ok(row.into()))?)
    }

    async fn people_count(&self, viewer: &Actor, filter: &PeopleFilter) -> Result<u64, PortError> {
        Ok(self.database(filtered(self.pool(), viewer, filter).count(self.pool()).await)?)
    }

    async fn people_by_ids(
        &self,
        viewer: &Actor,
        ids: &[PersonId],
    ) -> Result<HashMap<PersonId, PersonView>, PortError> {
        let select = visible(self.pool(), viewer);
        let select = select.filter(any(self.pool(), person::Column::Id, ids.iter().map(|id| id.uuid())));
        let rows = self.database(select.all(self.pool()).await)?;
        Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
    }

    async fn person_by_external_id(
        &self,
        viewer: &Actor,
        external_id: &str,
    ) -> Result<Option<PersonView>, PortError> {
        let select = visible(self.pool(), viewer);
        let select = select.filter(person::Column::ExternalId.eq(external_id));
        Ok(self.database(select.one(self.pool()).await)?.map(Into::into))
    }

    async fn assignments(
        &self,
        viewer: &Actor,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Vec<AssignmentView>>, PortError> {
        let select = visible_assignments(self.pool(), viewer)
            .filter(any(self.pool(), assignment::Column::PersonId, people.iter().map(|id| id.uuid())))
            .filter(assignment::Column::SupersededAt.is_null())
            .order_by_desc(assignment::Column::ValidFrom);
        let mut found: HashMap<PersonId, Vec<AssignmentView>> = HashMap::new();
        for row in self.database(select.all(self.pool()).await)? {
            found.entry(row.person_id.into()).or_default().push(row.into());
        }
        Ok(found)
    }

    async fn teams(&self, viewer: &Actor, request: PageRequest) -> Result<Page<TeamView>, PortError> {
        let order = Ordering { by: team::Column::Title, id: team::Column::Id, descending: false };
        let key = |row: &team::Model| (row.title.clone(), row.id);
        let select = visible_teams(viewer);
        let rows = page(self.pool(), select, &order, &request, |title| Some(title.into()), key).await?;
        Ok(try_map(rows, |row| Ok(row.into()))?)
    }

    async fn teams_count(&self, viewer: &Actor) -> Result<u64, PortError> {
        Ok(self.database(visible_teams(viewer).count(self.pool()).await)?)
    }

    async fn teams_by_ids(
        &self,
        viewer: &Actor,
        ids: &[TeamId],
    ) -> Result<HashMap<TeamId, TeamView>, PortError> {
        let select = visible_teams(viewer);
        let select = select.filter(any(self.pool(), team::Column::Id, ids.iter().map(|id| id.uuid())));
        let rows = self.database(select.all(self.pool()).await)?;
        Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
    }
}
