//! Look-ups by global id: Relay's `node` and `nodes`, and the entities of a federated supergraph.

use crate::audit::note_denied_read;
use crate::error::{Code, coded, refuse};
use crate::evidence::Evidence;
use crate::framework::{Framework, FrameworkVersion, Position, Skill};
use crate::people::{Person, Team};
use crate::progress::SkillRecord;
use crate::relay::{GlobalId, NodeType};
use crate::services::loaders;
use async_graphql::{Context, ID, Interface, Object, Result};
use waymark_domain::audit::AuditOutcome;

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
            // An id that this service never made is no attempt at anything.
            if let Some(object) = GlobalId::decode(&id) {
                note_denied_read(ctx, "node", object.object(), AuditOutcome::NotFound).await?;
            }
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

/// Look-ups by which a federated supergraph completes what other subgraphs refer to.
#[derive(Default)]
pub(crate) struct EntityQuery;

macro_rules! entity {
    ($ctx:ident, $id:ident, $variant:ident) => {
        Ok(match node($ctx, &$id).await? {
            Some(Node::$variant(found)) => Some(found),
            _ => None,
        })
    };
}

#[Object]
impl EntityQuery {
    #[graphql(entity)]
    async fn framework_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Framework>> {
        entity!(ctx, id, Framework)
    }

    #[graphql(entity)]
    async fn framework_version_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<FrameworkVersion>> {
        entity!(ctx, id, FrameworkVersion)
    }

    #[graphql(entity)]
    async fn skill_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Skill>> {
        entity!(ctx, id, Skill)
    }

    #[graphql(entity)]
    async fn position_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Position>> {
        entity!(ctx, id, Position)
    }

    #[graphql(entity)]
    async fn person_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Person>> {
        entity!(ctx, id, Person)
    }

    #[graphql(entity)]
    async fn team_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Team>> {
        entity!(ctx, id, Team)
    }

    #[graphql(entity)]
    async fn evidence_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Evidence>> {
        entity!(ctx, id, Evidence)
    }

    #[graphql(entity)]
    async fn skill_record_entity(&self, ctx: &Context<'_>, id: ID) -> Result<Option<SkillRecord>> {
        entity!(ctx, id, SkillRecord)
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
        // Found in their lists, by those who may see them.
        NodeType::Grant
        | NodeType::ErasureRequest
        | NodeType::DataExport
        | NodeType::Consent
        | NodeType::AuditEntry => None,
        NodeType::SkillRecord => {
            loaders.one(ids::SkillRecordId::from(uuid)).await?.map(|view| SkillRecord(view).into())
        }
    })
}
