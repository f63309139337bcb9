//! What a change of evidence or levels means for records and for readiness.

use super::{Levels, Policy, ProgressEvent, Score, SkillRecord, SkillRecordView, score};
use crate::evidence::{Evidence, EvidenceState};
use crate::framework::{Requirement, SkillKind};
use crate::kernel::{Change, CommandContext, ItemId, PersonId, PositionId, TenantId};
use crate::ports::{Ids, PortError, Store};
use chrono::{DateTime, Utc};

/// Lets the skill records follow a piece of evidence whose state changed; the changed records come back,
/// to be saved together with it.
///
/// # Errors
/// A fault of the store.
pub async fn reconcile(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    evidence: &Evidence,
) -> Result<Vec<Change>, PortError> {
    if matches!(evidence.state, EvidenceState::Proposed | EvidenceState::Rejected) {
        return Ok(Vec::new());
    }
    let tenant = context.actor.tenant.id;
    let policy = Policy::default();
    let held = HeldPosition::load(store, tenant, evidence.subject).await?;
    let catalogues = store.catalogues(tenant).await?;
    let before = store.skill_records(tenant, evidence.subject).await?;
    let mut changed = Vec::new();
    for claim in &evidence.content.claims {
        let kind = catalogues.iter().find_map(|catalogue| Some(catalogue.skill(claim.skill)?.kind));
        let known = before.iter().find(|record| record.skill == claim.skill).cloned();
        // A claim of a skill that no published framework has any more keeps the kind that it had.
        let kind = kind.or(known.as_ref().map(|record| record.kind)).unwrap_or(SkillKind::Competency);
        let mut record = known.unwrap_or_else(|| SkillRecord::new(evidence.subject, claim.skill, kind));
        record.follow(evidence, claim.level, ItemId::from(ids.next()), &policy, context.at);
        changed.push(record);
    }
    Ok(with_readiness(held.as_ref(), &before, changed, &policy, context.at))
}

/// The position that a person holds, with what it requires.
pub(super) struct HeldPosition {
    position: PositionId,
    requirements: Vec<Requirement>,
}

impl HeldPosition {
    /// Loads it; `None` when the person holds none.
    pub async fn load(
        store: &dyn Store,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<Option<Self>, PortError> {
        let person = store.people(tenant, &[person]).await?.pop();
        let Some(assignment) = person.and_then(|person| person.assignment) else { return Ok(None) };
        let catalogue = store.catalogue_of(tenant, assignment.position).await?;
        Ok(catalogue.map(|catalogue| Self {
            position: assignment.position,
            requirements: catalogue.requirements(assignment.position),
        }))
    }
}

/// The changed records, to whose events is added what they mean for the held position.
pub(super) fn with_readiness(
    held: Option<&HeldPosition>,
    before: &[SkillRecord],
    mut changed: Vec<SkillRecord>,
    policy: &Policy,
    at: DateTime<Utc>,
) -> Vec<Change> {
    if let (Some(held), Some(last)) = (held, changed.last().map(|record| record.person)) {
        let earlier: Vec<SkillRecordView> = before.iter().cloned().map(SkillRecordView::from).collect();
        let untouched = before.iter().filter(|known| changed.iter().all(|record| record.id != known.id));
        let later: Vec<SkillRecordView> =
            untouched.chain(&changed).cloned().map(SkillRecordView::from).collect();
        let score_of =
            |records: &[SkillRecordView]| score(&held.requirements, &Levels::at(records, policy, at));
        let events = compare(last, held.position, &score_of(&earlier), &score_of(&later));
        if let Some(record) = changed.last_mut() {
            record.events.extend(events);
        }
    }
    changed.into_iter().map(|record| Change::SkillRecord(Box::new(record))).collect()
}

fn compare(person: PersonId, position: PositionId, before: &Score, after: &Score) -> Vec<ProgressEvent> {
    let mut events = Vec::new();
    for (old, new) in before.requirements.iter().zip(&after.requirements) {
        let required = new.requirement.level;
        if old.level < required && new.level >= required {
            let skill = new.requirement.skill;
            events.push(ProgressEvent::GapClosed { person, position, skill, required });
        }
    }
    if (before.value - after.value).abs() > f64::EPSILON {
        events.push(ProgressEvent::ReadinessChanged {
            person,
            position,
            previous: before.value,
            score: after.value,
            mandatory_met: after.mandatory_missing.is_empty(),
        });
    }
    events
}
