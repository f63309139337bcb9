//! Commands on levels.

use super::SkillRecord;
use crate::error::{UserError, command};
use crate::relay::{GlobalId, NodeType};
use crate::services::{command_context, services};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use waymark_domain::ports::CommandError;
use waymark_domain::progress::{AttestSkill, SkillRecord as DomainRecord, attest_skill, endorse_skill};

#[derive(Default)]
pub(crate) struct ProgressMutation;

/// Whose level in which skill.
#[derive(InputObject)]
struct AttestSkillInput {
    /// Global id of the person.
    person_id: ID,
    /// Global id of the skill.
    skill_id: ID,
    /// The level, 0 to 5.
    level: i32,
}

impl AttestSkillInput {
    fn command(&self) -> Result<AttestSkill, CommandError> {
        Ok(AttestSkill {
            person: GlobalId::input(NodeType::Person, &self.person_id, "personId", "person")?,
            skill: GlobalId::input(NodeType::Skill, &self.skill_id, "skillId", "skill")?,
            level: i64::from(self.level),
        })
    }
}

/// What became of the record.
#[derive(SimpleObject)]
struct SkillRecordPayload {
    /// Where the person now stands in the skill.
    skill_record: Option<SkillRecord>,
    /// Why nothing was changed, if nothing was.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    user_errors: Vec<UserError>,
}

impl From<Result<DomainRecord, Vec<UserError>>> for SkillRecordPayload {
    fn from(result: Result<DomainRecord, Vec<UserError>>) -> Self {
        match result {
            Ok(record) => Self { skill_record: Some(SkillRecord(record.into())), user_errors: Vec::new() },
            Err(user_errors) => Self { skill_record: None, user_errors },
        }
    }
}

#[Object]
impl ProgressMutation {
    /// Attests a level: you vouch for it as somebody to whom the person reports, or as an administrator.
    /// Levels 4 and 5 need another human who endorsed at least that level within 180 days.
    async fn attest_skill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose level in which skill.")] input: AttestSkillInput,
    ) -> Result<SkillRecordPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || attest_skill(&*services.store, &*services.ids, &context, input.command()?).await;
        Ok(command(ctx, run).await?.into())
    }

    /// Vouches for a level, so that another human can attest it.
    async fn endorse_skill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose level in which skill.")] input: AttestSkillInput,
    ) -> Result<SkillRecordPayload> {
        let (services, context) = (services(ctx)?, command_context(ctx)?);
        let run = async || endorse_skill(&*services.store, &*services.ids, &context, input.command()?).await;
        Ok(command(ctx, run).await?.into())
    }
}
