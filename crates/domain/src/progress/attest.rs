//! Use cases: attest and endorse levels.

use super::reconcile::{HeldPosition, with_readiness};
use super::{Policy, SkillRecord};
use crate::access::{Action, authorise};
use crate::kernel::{CommandContext, ItemId, Level, PersonId, Refusal, RefusalCode, SkillId};
use crate::ports::{CommandError, Ids, Store};

/// Whose level in which skill is to be attested or endorsed.
#[derive(Debug, Clone, Copy)]
pub struct AttestSkill {
    /// The person.
    pub person: PersonId,
    /// The skill, of a published framework.
    pub skill: SkillId,
    /// The level, 0 to 5.
    pub level: i64,
}

/// Attests a level.
///
/// # Errors
/// `OffScale`, `NotFound` for the person or the skill, `Forbidden` for those who do not reach the person, and what [`SkillRecord::attest`] refuses.
pub async fn attest_skill(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    input: AttestSkill,
) -> Result<SkillRecord, CommandError> {
    vouch(store, ids, context, input, SkillRecord::attest).await
}

/// Vouches for a level, so that another human can attest it.
///
/// # Errors
/// `OffScale`, `NotFound` for the person or the skill, `Forbidden` for those who do not reach the person, and what [`SkillRecord::endorse`] refuses.
pub async fn endorse_skill(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    input: AttestSkill,
) -> Result<SkillRecord, CommandError> {
    vouch(store, ids, context, input, SkillRecord::endorse).await
}

type Vouch = fn(&mut SkillRecord, Level, &CommandContext, ItemId, &Policy) -> Result<(), Refusal>;

async fn vouch(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    input: AttestSkill,
    say: Vouch,
) -> Result<SkillRecord, CommandError> {
    let AttestSkill { person, skill, level } = input;
    let tenant = context.actor.tenant.id;
    let level = Level::new(level)
        .map_err(|error| Refusal::of("level", RefusalCode::OffScale, format!("The {error}.")))?;
    let found = store.people(tenant, &[person]).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::AttestLevel, &found).await?;
    let catalogues = store.catalogues(tenant).await?;
    let spec = catalogues.iter().find_map(|catalogue| catalogue.skill(skill));
    let kind = spec.ok_or_else(|| Refusal::not_found("skillId", "skill in a published framework"))?.kind;
    let before = store.skill_records(tenant, person).await?;
    let known = before.iter().find(|record| record.skill == skill).cloned();
    let mut record = known.unwrap_or_else(|| SkillRecord::new(person, skill, kind));
    let policy = Policy::default();
    say(&mut record, level, context, ItemId::from(ids.next()), &policy)?;
    if record.changed() {
        let held = HeldPosition::load(store, tenant, person).await?;
        let changes = with_readiness(held.as_ref(), &before, vec![record.clone()], &policy, context.at);
        store.save(changes, context).await?;
    }
    Ok(record)
}
