//! What people agreed to.

use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::scalars::DateTime;
use crate::services::{command_context, services};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use waymark_domain::privacy::{
    Consent as DomainConsent, ConsentState as DomainState, Purpose, give_consent, withdraw_consent,
};

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainState")]
pub enum ConsentState {
    /// It holds.
    Current,
    /// The purpose has another version by now, or is not asked for any more.
    Outdated,
    /// The person took it back.
    Withdrawn,
}

/// What a person agreed to once.
pub(crate) struct Consent(pub DomainConsent);

/// What a person agreed to once. Taking it back ends it; agreeing again is another one.
#[Object]
impl Consent {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Consent, self.0.id)
    }

    /// Key of the purpose.
    async fn purpose(&self) -> &str {
        self.0.purpose.as_str()
    }

    /// Version of the text that they agreed to.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// Where it stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<ConsentState> {
        Ok(self.0.state(&services(ctx)?.purposes).into())
    }

    /// When they agreed.
    async fn given_at(&self) -> DateTime {
        DateTime(self.0.given_at)
    }

    /// When they took it back.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(DateTime)
    }
}

/// What people can be asked to agree to.
struct ConsentPurpose(Purpose);

/// What people can be asked to agree to.
#[Object]
impl ConsentPurpose {
    /// Names it over all versions.
    async fn key(&self) -> &str {
        self.0.key.as_str()
    }

    /// Version of the text, from 1.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// What somebody agrees to.
    async fn text(&self) -> &str {
        &self.0.text
    }
}

#[derive(Default)]
pub(crate) struct ConsentQuery;

#[Object]
impl ConsentQuery {
    /// What people can be asked to agree to, each in its current version.
    #[graphql(complexity = "crate::relay::list_cost(20, child_complexity)")]
    async fn consent_purposes(&self, ctx: &Context<'_>) -> Result<Vec<ConsentPurpose>> {
        Ok(services(ctx)?.purposes.iter().cloned().map(ConsentPurpose).collect())
    }
}

/// What somebody agrees to.
#[derive(InputObject)]
struct GiveConsentInput {
    /// Global id of the person: oneself.
    person_id: ID,
    /// Key of the purpose.
    purpose: String,
    /// Version of the text that they have read.
    version: u32,
}

/// What somebody takes back.
#[derive(InputObject)]
struct WithdrawConsentInput {
    /// Global id of the person: oneself.
    person_id: ID,
    /// Key of the purpose.
    purpose: String,
}

/// What became of it.
#[derive(SimpleObject)]
struct ConsentPayload {
    /// The consent.
    consent: Option<Consent>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

impl From<Result<DomainConsent, Vec<UserError>>> for ConsentPayload {
    fn from(result: Result<DomainConsent, Vec<UserError>>) -> Self {
        match result {
            Ok(consent) => Self { consent: Some(Consent(consent)), user_errors: Vec::new() },
            Err(user_errors) => Self { consent: None, user_errors },
        }
    }
}

#[derive(Default)]
pub(crate) struct ConsentMutation;

#[Object]
impl ConsentMutation {
    /// Agrees to a purpose for oneself, in the version that one has read. Again gives the same consent.
    async fn give_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To what.")] input: GiveConsentInput,
    ) -> Result<ConsentPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let person = GlobalId::input(NodeType::Person, &input.person_id, "personId", "person")?;
            let to = (input.purpose.as_str(), input.version);
            give_consent(&*services.store, &*services.ids, &context, person, to, &services.purposes).await
        };
        Ok(command(ctx, run).await?.into())
    }

    /// Takes back for oneself what one has agreed to for a purpose, whatever version it was. Again changes nothing.
    async fn withdraw_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: WithdrawConsentInput,
    ) -> Result<ConsentPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || {
            let person = GlobalId::input(NodeType::Person, &input.person_id, "personId", "person")?;
            withdraw_consent(&*services.store, &context, person, &input.purpose).await
        };
        Ok(command(ctx, run).await?.into())
    }
}
