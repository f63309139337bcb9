//! Queries of people.

use super::filter::{PeopleOrderBy, PeopleWhere, people_filter};
use super::{Person, Team};
use crate::access::HeldRole;
use crate::audit::note_denied_read;
use crate::error::{Code, fault_of, refuse};
use crate::relay::{Count, CursorScope, GlobalId, List, NodeType, PageArgs, list};
use crate::services::{loaders, services, viewer};
use async_graphql::{Context, ID, Object, OneofObject, Result, SimpleObject};
use std::sync::Arc;
use waymark_domain::audit::AuditOutcome;
use waymark_domain::kernel::{DomainId, ObjectRef, PersonId, Role, TeamId};
use waymark_domain::people::PersonView;
use waymark_domain::ports::PeopleFilter;

#[derive(Default)]
pub(crate) struct PeopleQuery;

/// Names one person.
#[derive(OneofObject)]
enum PersonBy {
    /// Global id.
    Id(ID),
    /// Id in the organisation's own directory.
    ExternalId(String),
}

/// Who asks.
#[derive(SimpleObject)]
struct Viewer {
    /// Pseudonymous id, as events carry it.
    actor_id: ID,
    /// Whether the viewer administers the tenant.
    administrator: bool,
    /// Roles that the viewer holds by a grant, beside what follows from being a person and from reporting lines.
    #[graphql(complexity = "crate::relay::list_cost(3, child_complexity)")]
    roles: Vec<HeldRole>,
    /// The viewer as a person, if registered.
    person: Option<Person>,
}

/// The person with this id, whether of this tenant or not: who asks for one that they may not know of is noted.
async fn known(ctx: &Context<'_>, id: PersonId) -> Result<Option<PersonView>> {
    let found = loaders(ctx)?.one(id).await?;
    if found.is_none() {
        note_denied_read(ctx, "person", Some(ObjectRef::person(id)), AuditOutcome::NotFound).await?;
    }
    Ok(found)
}

#[Object]
impl PeopleQuery {
    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        let actor = viewer(ctx)?;
        let person = match actor.person {
            Some(id) => loaders(ctx)?.one(id).await?.map(Person),
            None => None,
        };
        Ok(Viewer {
            actor_id: ID(actor.id.uuid().to_string()),
            administrator: actor.holds(Role::TenantAdministrator),
            roles: actor.roles.iter().cloned().map(HeldRole).collect(),
            person,
        })
    }

    /// One person.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which person.")] by: PersonBy,
    ) -> Result<Option<Person>> {
        let found = match by {
            PersonBy::Id(id) => match GlobalId::of::<PersonId>(NodeType::Person, &id) {
                Some(id) => known(ctx, id).await?,
                None => None,
            },
            PersonBy::ExternalId(id) => {
                let reader = &services(ctx)?.readers;
                reader.person_by_external_id(viewer(ctx)?, &id).await.map_err(|error| fault_of(&error))?
            }
        };
        if found.is_none() {
            refuse(ctx, Code::NotFound, "There is no such person.");
        }
        Ok(found.map(Person))
    }

    /// People, by name unless said.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for whom this holds.", name = "where")] given: Option<PeopleWhere>,
        #[graphql(desc = "By name unless said.")] order_by: Option<PeopleOrderBy>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Person>> {
        let filter = people_filter(None, given, order_by)?;
        people_list(ctx, filter, PageArgs::new(first, after, last, before)).await
    }

    /// One team.
    async fn team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Key of the team.")] key: String,
    ) -> Result<Option<Team>> {
        let id = TeamId::for_key(viewer(ctx)?.tenant.id, &key);
        Ok(loaders(ctx)?.one(id).await?.map(Team))
    }

    /// Teams by title.
    #[graphql(complexity = "crate::relay::page_cost(first, last, child_complexity)")]
    async fn teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<List<Team>> {
        let (services, viewer) = (services(ctx)?, viewer(ctx)?);
        let scope = CursorScope::new(viewer, "teams", "");
        let request = PageArgs::new(first, after, last, before).request(&services.cursors, &scope)?;
        let page = services.readers.teams(viewer, request).await.map_err(|error| fault_of(&error))?;
        let (readers, viewer) = (services.readers.clone(), viewer.clone());
        let count: Count = Arc::new(move || {
            let (readers, viewer) = (readers.clone(), viewer.clone());
            Box::pin(async move { readers.teams_count(&viewer).await })
        });
        Ok(list(page, &services.cursors, &scope, count))
    }
}

/// A page of people.
pub(crate) async fn people_list(
    ctx: &Context<'_>,
    filter: PeopleFilter,
    args: PageArgs,
) -> Result<List<Person>> {
    let (services, viewer) = (services(ctx)?, viewer(ctx)?);
    let scope = CursorScope::new(viewer, "people", &format!("{filter:?}"));
    let request = args.request(&services.cursors, &scope)?;
    let page = services.readers.people(viewer, &filter, request).await.map_err(|error| fault_of(&error))?;
    let (readers, viewer) = (services.readers.clone(), viewer.clone());
    let count: Count = Arc::new(move || {
        let (readers, viewer, filter) = (readers.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { readers.people_count(&viewer, &filter).await })
    });
    Ok(list(page, &services.cursors, &scope, count))
}
