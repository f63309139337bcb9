//! Commands on requests.

use super::object::ErasureRequest;
use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::services::{command_context, services};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use waymark_domain::privacy::{
    ErasureRequest as DomainRequest, approve_erasure, refuse_erasure, request_erasure,
};

#[derive(Default)]
pub(crate) struct PrivacyMutation;

/// Whose erasure is asked for.
#[derive(InputObject)]
struct RequestErasureInput {
    /// Global id of the person: oneself, or anybody for administrators.
    person_id: ID,
}

/// Names a request.
#[derive(InputObject)]
struct ApproveErasureInput {
    /// Global id of the request.
    request_id: ID,
}

/// Names a request, and why it is refused.
#[derive(InputObject)]
struct RefuseErasureInput {
    /// Global id of the request.
    request_id: ID,
    /// Why, 1 to 1,000 characters; whoever asked can read it.
    reason: String,
}

/// What became of the request.
#[derive(SimpleObject)]
struct ErasurePayload {
    /// The request.
    request: Option<ErasureRequest>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

impl From<Result<DomainRequest, Vec<UserError>>> for ErasurePayload {
    fn from(result: Result<DomainRequest, Vec<UserError>>) -> Self {
        match result {
            Ok(request) => Self { request: Some(ErasureRequest(request)), user_errors: Vec::new() },
            Err(user_errors) => Self { request: None, user_errors },
        }
    }
}

#[Object]
impl PrivacyMutation {
    /// Asks for the erasure of a person. While a request awaits its decision, asking again gives the same one.
    async fn request_erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RequestErasureInput,
    ) -> Result<ErasurePayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let person = GlobalId::input(NodeType::Person, &input.person_id, "personId", "person")?;
            request_erasure(&*services.store, &*services.ids, &context, person).await
        };
        Ok(command(ctx, run).await?.into())
    }

    /// Approves a request that another one asked for, which erases the person at once and for good: nothing that names
    /// them is left, evidence about them, their levels and their roles are gone, and who reported to them reports to
    /// their manager.
    async fn approve_erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request.")] input: ApproveErasureInput,
    ) -> Result<ErasurePayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let id = GlobalId::input(NodeType::ErasureRequest, &input.request_id, "requestId", "request")?;
            approve_erasure(&*services.store, &context, id).await
        };
        Ok(command(ctx, run).await?.into())
    }

    /// Refuses a request that another one asked for, with a reason.
    async fn refuse_erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which request, and why.")] input: RefuseErasureInput,
    ) -> Result<ErasurePayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let id = GlobalId::input(NodeType::ErasureRequest, &input.request_id, "requestId", "request")?;
            refuse_erasure(&*services.store, &context, id, &input.reason).await
        };
        Ok(command(ctx, run).await?.into())
    }
}
