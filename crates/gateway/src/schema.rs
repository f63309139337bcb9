//! The root of the schema: one file a topic, merged here.

use crate::engine::{Corrections, CostLimit};
use crate::error::{Code, coded, refuse};
use crate::evidence::{Evidence, EvidenceMutation, EvidenceQuery};
use crate::framework::{Framework, FrameworkMutation, FrameworkQuery, FrameworkVersion, Position, Skill};
use crate::people::{PeopleMutation, PeopleQuery, Person, Team};
use crate::progress::{ProgressMutation, ProgressQuery, ProgressSubscription, SkillRecord};
use crate::relay::{GlobalId, NodeType};
use crate::services::{Services, loaders};
use async_graphql::{
    Context, ID, Interface, MergedObject, Object, Result, SDLExportOptions, Schema, SchemaBuilder,
};

/// Queries.
#[derive(MergedObject, Default)]
pub(crate) struct Query(NodeQuery, FrameworkQuery, PeopleQuery, EvidenceQuery, ProgressQuery);

/// Mutations: each takes one `input` and answers with what changed and with `userErrors`.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(FrameworkMutation, PeopleMutation, EvidenceMutation, ProgressMutation);

/// The whole schema.
pub(crate) type WaymarkSchema = Schema<Query, Mutation, ProgressSubscription>;

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
pub(crate) enum Node {
    Framework(Framework),
    FrameworkVersion(FrameworkVersion),
    Skill(Skill),
    Position(Position),
    Person(Person),
    Team(Team),
    Evidence(Evidence),
    SkillRecord(SkillRecord),
}

/// Most ids of one look-up.
const MOST_NODES: usize = 100;

/// Look-ups by global id.
#[derive(Default)]
pub(crate) struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this global id.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Global id.")] id: ID) -> Result<Option<Node>> {
        let node = node(ctx, &id).await?;
        if node.is_none() {
            refuse(ctx, Code::NotFound, "There is no such object.");
        }
        Ok(node)
    }

    /// The objects with these global ids, in their order; null for one that there is not.
    #[graphql(complexity = "ids.len() * child_complexity")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MOST_NODES {
            let message = format!("At most {MOST_NODES} ids are looked up at once, not {}.", ids.len());
            return Err(coded(Code::BadUserInput, message));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| node(ctx, id))).await
    }
}

async fn node(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let Some(GlobalId { node, uuid }) = GlobalId::decode(id) else { return Ok(None) };
    let loaders = loaders(ctx)?;
    use waymark_domain::kernel as ids;
    Ok(match node {
        NodeType::Framework => {
            loaders.one(ids::FrameworkId::from(uuid)).await?.map(|view| Framework::from(view).into())
        }
        NodeType::FrameworkVersion => loaders
            .one(ids::FrameworkVersionId::from(uuid))
            .await?
            .map(|found| FrameworkVersion(found).into()),
        NodeType::Skill => {
            let id = ids::SkillId::from(uuid);
            loaders.one(id).await?.and_then(|found| Skill::of(found, id)).map(Into::into)
        }
        NodeType::Position => {
            let id = ids::PositionId::from(uuid);
            loaders.one(id).await?.and_then(|found| Position::of(found, id)).map(Into::into)
        }
        NodeType::Person => loaders.one(ids::PersonId::from(uuid)).await?.map(|view| Person(view).into()),
        NodeType::Team => loaders.one(ids::TeamId::from(uuid)).await?.map(|view| Team(view).into()),
        NodeType::Evidence => {
            loaders.one(ids::EvidenceId::from(uuid)).await?.map(|view| Evidence(view).into())
        }
        NodeType::SkillRecord => {
            loaders.one(ids::SkillRecordId::from(uuid)).await?.map(|view| SkillRecord(view).into())
        }
    })
}

fn builder() -> SchemaBuilder<Query, Mutation, ProgressSubscription> {
    Schema::build(Query::default(), Mutation::default(), ProgressSubscription)
        .extension(Corrections)
        // These guard what the pre-pass of transport cannot know: the types.
        .extension(CostLimit)
        .limit_directives(10)
        .disable_suggestions()
}

/// The schema with its services.
pub(crate) fn schema(services: Services) -> WaymarkSchema {
    builder().data(services).finish()
}

/// The schema without services: for validation alone.
pub(crate) fn bare() -> WaymarkSchema {
    builder().finish()
}

/// The schema as text, sorted, the same at every run.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    bare().sdl_with_options(options)
}
