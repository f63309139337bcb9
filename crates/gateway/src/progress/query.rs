//! Queries of readiness.

use super::{NextSkill, Readiness};
use crate::access::guard;
use crate::error::{Code, refuse};
use crate::loaders::RecordsOf;
use crate::relay::{GlobalId, NodeType};
use crate::services::{loaders, services};
use async_graphql::{Context, ID, Object, Result};
use waymark_domain::access::Action;
use waymark_domain::kernel::{PersonId, PositionId};
use waymark_domain::progress::{Levels, readiness};

#[derive(Default)]
pub(crate) struct ProgressQuery;

#[Object]
impl ProgressQuery {
    /// How ready a person is for a position, and why.
    async fn readiness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the person.")] person: ID,
        #[graphql(desc = "Global id of the position.")] position: ID,
    ) -> Result<Option<Readiness>> {
        named(ctx, &person, &position).await
    }

    /// What a person should learn next for a position, the best first.
    #[graphql(complexity = "crate::relay::first_cost(first, 5, child_complexity)")]
    async fn next_skills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the person.")] person: ID,
        #[graphql(desc = "Global id of the position.")] position: ID,
        #[graphql(desc = "How many, 1 to 100; 5 unless said.")] first: Option<i32>,
    ) -> Result<Option<Vec<NextSkill>>> {
        named(ctx, &person, &position).await?.map(|readiness| readiness.next(first)).transpose()
    }
}

async fn named(ctx: &Context<'_>, person: &ID, position: &ID) -> Result<Option<Readiness>> {
    let person = match GlobalId::of::<PersonId>(NodeType::Person, person) {
        Some(id) => loaders(ctx)?.one(id).await?,
        None => None,
    };
    let Some(person) = person else {
        refuse(ctx, Code::NotFound, "There is no such person.");
        return Ok(None);
    };
    if !guard(ctx, Action::ReadProgress, person.id).await? {
        return Ok(None);
    }
    let found = readiness_of(ctx, person.id, GlobalId::of(NodeType::Position, position)).await?;
    if found.is_none() {
        refuse(ctx, Code::NotFound, "There is no such position.");
    }
    Ok(found)
}

/// Readiness of a person whom the viewer may see; `None` without a position that there is.
pub(crate) async fn readiness_of(
    ctx: &Context<'_>,
    person: PersonId,
    position: Option<PositionId>,
) -> Result<Option<Readiness>> {
    let Some(position) = position else { return Ok(None) };
    let Some(catalogue) = loaders(ctx)?.one(position).await? else { return Ok(None) };
    let records = loaders(ctx)?.one(RecordsOf(person)).await?.unwrap_or_default();
    let services = services(ctx)?;
    let at = services.clock.now();
    let requirements = catalogue.requirements(position);
    let readiness = readiness(&requirements, &records, &services.policy, at);
    let levels = Levels::at(records.iter(), &services.policy, at);
    Ok(Some(Readiness { catalogue, position, readiness, levels }))
}
