//! Commands on evidence.

use super::Evidence;
use super::object::EvidenceKind;
use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::scalars::{Date, Markdown, Url};
use crate::services::{command_context, services};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use waymark_domain::evidence::{
    Evidence as DomainEvidence, RecordEvidence, accept_evidence, dispute_evidence, record_evidence,
    reject_evidence, verify_evidence, withdraw_evidence,
};
use waymark_domain::kernel::{Refusals, SkillId};
use waymark_domain::ports::CommandError;

#[derive(Default)]
pub(crate) struct EvidenceMutation;

/// A skill and the level that the evidence shows.
#[derive(InputObject)]
struct SkillClaimInput {
    /// Global id of the skill.
    skill_id: ID,
    /// The level, 0 to 5.
    level: i32,
}

/// Evidence to record.
#[derive(InputObject)]
struct RecordEvidenceInput {
    /// Global id of the person whom it is about.
    person_id: ID,
    /// Its kind.
    kind: EvidenceKind,
    /// Title, 1 to 120 characters.
    title: String,
    /// What happened, up to 20,000 characters.
    #[graphql(default)]
    body: Markdown,
    /// Links to the work, each https, at most 20.
    #[graphql(default)]
    links: Vec<Url>,
    /// The day on which it happened; not in the future.
    occurred_on: Date,
    /// 1 to 10 claims.
    claims: Vec<SkillClaimInput>,
}

/// Names a piece of evidence.
#[derive(InputObject)]
struct EvidenceInput {
    /// Global id of the evidence.
    evidence_id: ID,
    /// Version at which you saw it; at another one nothing is changed (`CONFLICT`).
    expected_version: Option<i32>,
}

/// What became of the evidence.
#[derive(SimpleObject)]
struct EvidencePayload {
    /// The evidence.
    evidence: Option<Evidence>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

impl From<Result<DomainEvidence, Vec<UserError>>> for EvidencePayload {
    fn from(result: Result<DomainEvidence, Vec<UserError>>) -> Self {
        match result {
            Ok(evidence) => Self { evidence: Some(Evidence(evidence.into())), user_errors: Vec::new() },
            Err(user_errors) => Self { evidence: None, user_errors },
        }
    }
}

impl RecordEvidenceInput {
    /// The command, or every id that leads nowhere.
    fn command(&self) -> Result<RecordEvidence, CommandError> {
        let mut refusals = Refusals::default();
        let person = GlobalId::input(NodeType::Person, &self.person_id, "personId", "person");
        let claims = self.claims.iter().enumerate().filter_map(|(index, claim)| {
            let field = format!("claims.{index}.skillId");
            let skill = GlobalId::input::<SkillId>(NodeType::Skill, &claim.skill_id, &field, "skill");
            skill.map_err(|refusal| refusals.push(refusal)).ok().map(|skill| (skill, i64::from(claim.level)))
        });
        let claims = claims.collect();
        let person = person.map_err(|refusal| refusals.push(refusal)).ok();
        match person {
            Some(person) if refusals.0.is_empty() => Ok(RecordEvidence {
                person,
                kind: self.kind.into(),
                title: self.title.clone(),
                body: self.body.0.clone(),
                links: self.links.iter().map(|link| link.0.clone()).collect(),
                occurred_on: self.occurred_on.0,
                claims,
            }),
            _ => Err(refusals.into()),
        }
    }
}

macro_rules! decide {
    ($ctx:ident, $input:ident, $use_case:ident) => {{
        let (services, context) = (services($ctx)?, command_context($ctx)?);
        let context = context.at_version($input.expected_version.map(i64::from));
        let run = async || {
            let id = GlobalId::input(NodeType::Evidence, &$input.evidence_id, "evidenceId", "evidence")?;
            $use_case(&*services.store, &*services.ids, &context, id).await
        };
        Ok(command($ctx, run).await?.into())
    }};
}

#[Object]
impl EvidenceMutation {
    /// Records evidence. Of oneself it counts at once; of somebody else when they accept it.
    async fn record_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be recorded.")] input: RecordEvidenceInput,
    ) -> Result<EvidencePayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run =
            async || record_evidence(&*services.store, &*services.ids, &context, input.command()?).await;
        Ok(command(ctx, run).await?.into())
    }

    /// The person whom it is about accepts proposed evidence: it counts from now on.
    async fn accept_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which evidence.")] input: EvidenceInput,
    ) -> Result<EvidencePayload> {
        decide!(ctx, input, accept_evidence)
    }

    /// The person whom it is about rejects proposed evidence.
    async fn reject_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which evidence.")] input: EvidenceInput,
    ) -> Result<EvidencePayload> {
        decide!(ctx, input, reject_evidence)
    }

    /// Another human confirms accepted evidence: it counts in full from now on.
    async fn verify_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which evidence.")] input: EvidenceInput,
    ) -> Result<EvidencePayload> {
        decide!(ctx, input, verify_evidence)
    }

    /// Another human disputes accepted evidence: it no longer counts until somebody verifies it.
    async fn dispute_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which evidence.")] input: EvidenceInput,
    ) -> Result<EvidencePayload> {
        decide!(ctx, input, dispute_evidence)
    }

    /// Its author or the person whom it is about withdraws evidence: it no longer counts.
    async fn withdraw_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which evidence.")] input: EvidenceInput,
    ) -> Result<EvidencePayload> {
        decide!(ctx, input, withdraw_evidence)
    }
}
