//! Reading people.

use super::row::{assignment, person, team};
use crate::Persistence;
use crate::access::{Columns, Reached};
use crate::database::any;
use crate::error::Result;
use crate::lock::lock;
use crate::page::{Ordering, assemble, page, try_map};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select};
use std::collections::HashMap;
use uuid::Uuid;
use waymark_domain::access::{Action, Reach, scope};
use waymark_domain::kernel::{Actor, DomainId, PersonId, TeamId};
use waymark_domain::people::{AssignmentView, PersonView, TeamView};
use waymark_domain::ports::{Page, PageKey, PageRequest, PeopleFilter, PeopleReader, PortError};

/// Most people that are looked up in one statement.
const MOST: usize = 10_000;

fn visible(db: &impl ConnectionTrait, reached: &Reached) -> Select<person::Entity> {
    let columns = Columns { tenant: person::Column::TenantId, person: person::Column::Id, author: None };
    person::Entity::find().filter(reached.rows(db, &columns)).filter(person::Column::ErasedAt.is_null())
}

fn visible_assignments(db: &impl ConnectionTrait, reached: &Reached) -> Select<assignment::Entity> {
    use assignment::Column;
    let columns = Columns { tenant: Column::TenantId, person: Column::PersonId, author: None };
    assignment::Entity::find().filter(reached.rows(db, &columns))
}

fn visible_teams(viewer: &Actor) -> Select<team::Entity> {
    team::Entity::find().filter(team::Column::TenantId.eq(viewer.tenant.id.uuid()))
}

impl Persistence {
    /// The people behind the request's key, one more than it asks for if there are more. Those within reach are looked
    /// for among those who match, in growing steps: mostly the first step finds them all.
    async fn listed(
        &self,
        viewer: &Actor,
        filter: &PeopleFilter,
        request: &PageRequest,
    ) -> Result<Vec<(PageKey, person::Model)>> {
        let reached = self.reached(viewer, Action::ReadProfile).await?;
        let roster = self.rosters.current(self.pool(), &self.vault, viewer.tenant.id).await?;
        let wanted = usize::try_from(request.limit).unwrap_or(MOST).saturating_add(1);
        let (mut found, mut from, mut step) = (Vec::new(), request.from.clone(), wanted);
        loop {
            let keys = lock(&roster).next(filter, from.as_ref(), request.backward, step);
            let ids = any(self.pool(), person::Column::Id, keys.iter().map(|key| key.id));
            let rows = visible(self.pool(), &reached).filter(ids).all(self.pool()).await?;
            let rows = self.vault.open(self.pool(), rows).await?;
            let mut rows: HashMap<Uuid, person::Model> = rows.into_iter().map(|row| (row.id, row)).collect();
            let ended = keys.len() < step;
            from = keys.last().cloned();
            found.extend(keys.into_iter().filter_map(|key| rows.remove(&key.id).map(|row| (key, row))));
            if ended || found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
            step = (step * 4).min(MOST);
        }
    }
}

#[async_trait]
impl PeopleReader for Persistence {
    async fn people(
        &self,
        viewer: &Actor,
        filter: &PeopleFilter,
        request: PageRequest,
    ) -> Result<Page<PersonView>, PortError> {
        let found = self.listed(viewer, filter, &request).await?;
        Ok(try_map(assemble(found, &request), |row| Ok(row.into()))?)
    }

    async fn people_count(&self, viewer: &Actor, filter: &PeopleFilter) -> Result<u64, PortError> {
        let roster = self.rosters.current(self.pool(), &self.vault, viewer.tenant.id).await?;
        let matching = lock(&roster).next(filter, None, false, usize::MAX);
        let reach = scope(viewer, Action::ReadProfile);
        if *reach.reach() == Reach::Everybody && reach.but_not().is_none() {
            return Ok(matching.len() as u64);
        }
        let reached = self.reached(viewer, Action::ReadProfile).await?;
        let mut count = 0;
        for chunk in matching.chunks(MOST) {
            let ids = any(self.pool(), person::Column::Id, chunk.iter().map(|key| key.id));
            let select = visible(self.pool(), &reached).filter(ids);
            count += self.database(select.count(self.pool()).await)?;
        }
        Ok(count)
    }

    async fn people_by_ids(
        &self,
        viewer: &Actor,
        ids: &[PersonId],
    ) -> Result<HashMap<PersonId, PersonView>, PortError> {
        let reached = self.reached(viewer, Action::ReadProfile).await?;
        let select = visible(self.pool(), &reached);
        let select = select.filter(any(self.pool(), person::Column::Id, ids.iter().map(|id| id.uuid())));
        let rows = self.database(select.all(self.pool()).await)?;
        let rows = self.vault.open(self.pool(), rows).await?;
        Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
    }

    async fn person_by_external_id(
        &self,
        viewer: &Actor,
        external_id: &str,
    ) -> Result<Option<PersonView>, PortError> {
        let reached = self.reached(viewer, Action::ReadProfile).await?;
        let select = visible(self.pool(), &reached);
        let ids = self.vault.external_ids(self.pool(), viewer.tenant.id, &[external_id]).await?;
        let select = select.filter(person::Column::ExternalId.is_in(ids));
        let rows = self.database(select.all(self.pool()).await)?;
        Ok(self.vault.open(self.pool(), rows).await?.pop().map(Into::into))
    }

    async fn assignments(
        &self,
        viewer: &Actor,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Vec<AssignmentView>>, PortError> {
        let reached = self.reached(viewer, Action::ReadProfile).await?;
        let select = visible_assignments(self.pool(), &reached)
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
