//! Commands on grants.

use super::object::{Grant, Permission, Role};
use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::scalars::DateTime;
use crate::services::{command_context, services};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use waymark_domain::access::{
    DelegateLine, Grant as DomainGrant, RequestGrant, approve_grant, delegate_line, request_grant,
    revoke_grant,
};
use waymark_domain::kernel::{GrantScope, Refusal, RefusalCode};

#[derive(Default)]
pub(crate) struct AccessMutation;

/// A role for somebody.
#[derive(InputObject)]
struct RequestGrantInput {
    /// Subject of their tokens: a person's external id, or a service's client id.
    subject: String,
    /// The role.
    role: Role,
    /// Global id of the team, for a people partner of a team.
    team_id: Option<ID>,
    /// Global id of the person whose case it is, for a panel member.
    person_id: Option<ID>,
    /// What a service may do.
    #[graphql(default)]
    permissions: Vec<Permission>,
    /// When it ends; without an end if left out.
    until: Option<DateTime>,
}

impl RequestGrantInput {
    fn command(&self) -> Result<RequestGrant, Refusal> {
        let scope = match (&self.team_id, &self.person_id) {
            (None, None) => GrantScope::Tenant,
            (Some(team), None) => GrantScope::Unit(GlobalId::input(NodeType::Team, team, "teamId", "team")?),
            (None, Some(person)) => {
                GrantScope::Case(GlobalId::input(NodeType::Person, person, "personId", "person")?)
            }
            (Some(_), Some(_)) => {
                let message = "A role is for a team or for a person, not for both.";
                return Err(Refusal::of("personId", RefusalCode::Invalid, message));
            }
        };
        Ok(RequestGrant {
            subject: self.subject.clone(),
            role: self.role.into(),
            scope,
            permissions: self.permissions.iter().copied().map(Into::into).collect(),
            until: self.until.as_ref().map(|until| until.0),
        })
    }
}

/// Names a grant.
#[derive(InputObject)]
struct GrantInput {
    /// Global id of the grant.
    grant_id: ID,
}

/// Somebody who stands in for the viewer.
#[derive(InputObject)]
struct DelegateLineInput {
    /// Global id of whoever stands in.
    to_person_id: ID,
    /// When that ends, within 90 days.
    until: DateTime,
}

/// What became of the grant.
#[derive(SimpleObject)]
struct GrantPayload {
    /// The grant.
    grant: Option<Grant>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

impl From<Result<DomainGrant, Vec<UserError>>> for GrantPayload {
    fn from(result: Result<DomainGrant, Vec<UserError>>) -> Self {
        match result {
            Ok(grant) => Self { grant: Some(Grant(grant)), user_errors: Vec::new() },
            Err(user_errors) => Self { grant: None, user_errors },
        }
    }
}

#[Object]
impl AccessMutation {
    /// Asks for a role for somebody. It is in force once a second administrator approves it.
    async fn request_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role for whom.")] input: RequestGrantInput,
    ) -> Result<GrantPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || request_grant(&*services.store, &*services.ids, &context, input.command()?).await;
        Ok(command(ctx, run).await?.into())
    }

    /// Approves a grant that another administrator asked for: it is in force from now on.
    async fn approve_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant.")] input: GrantInput,
    ) -> Result<GrantPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let id = GlobalId::input(NodeType::Grant, &input.grant_id, "grantId", "grant")?;
            approve_grant(&*services.store, &context, id).await
        };
        Ok(command(ctx, run).await?.into())
    }

    /// Takes a grant back, or refuses one that was asked for.
    async fn revoke_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant.")] input: GrantInput,
    ) -> Result<GrantPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let id = GlobalId::input(NodeType::Grant, &input.grant_id, "grantId", "grant")?;
            revoke_grant(&*services.store, &context, id).await
        };
        Ok(command(ctx, run).await?.into())
    }

    /// Lets another person do for the viewer's reporting line what the viewer may do as a manager, for a while.
    async fn delegate_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who stands in, and until when.")] input: DelegateLineInput,
    ) -> Result<GrantPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let to = GlobalId::input(NodeType::Person, &input.to_person_id, "toPersonId", "person")?;
            let input = DelegateLine { to, until: input.until.0 };
            delegate_line(&*services.store, &*services.ids, &context, input).await
        };
        Ok(command(ctx, run).await?.into())
    }
}
