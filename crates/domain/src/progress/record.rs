//! The aggregate: what is known of one person's level in one skill.

use super::{Estimate, Item, ItemSource, Policy, ProgressEvent, Standing};
use crate::evidence::Evidence;
use crate::framework::SkillKind;
use crate::kernel::{
    Actor, ActorId, CommandContext, ItemId, Level, PersonId, Refusal, RefusalCode, SkillId, SkillRecordId,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};

/// The least level that needs a second human.
const TWO_ATTESTERS_FROM: u8 = 4;

/// What is known of one person's level in one skill.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillRecord {
    /// The record.
    pub id: SkillRecordId,
    /// The person.
    pub person: PersonId,
    /// The skill.
    pub skill: SkillId,
    /// The skill's kind.
    pub kind: SkillKind,
    /// Every item that counts or counted, in the order in which it was recorded.
    pub items: Vec<Item>,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// What happened since it was loaded.
    pub events: Vec<ProgressEvent>,
}

/// The figures of a record at one moment, as kept for searching and for history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snapshot {
    /// The attested level.
    pub attested: Option<Level>,
    /// The estimate's score.
    pub score: Option<f64>,
    /// The estimate's confidence.
    pub confidence: Option<f64>,
    /// The day of the last item that counts.
    pub last_item_on: Option<NaiveDate>,
}

impl SkillRecord {
    /// The record of somebody of whom nothing is known yet.
    #[must_use]
    pub fn new(person: PersonId, skill: SkillId, kind: SkillKind) -> Self {
        let id = SkillRecordId::of(person, skill);
        Self { id, person, skill, kind, items: Vec::new(), revision: 0, events: Vec::new() }
    }

    /// Attests a level. The same level by the same human on the same day again changes nothing.
    ///
    /// # Errors
    /// `SelfReview`, `Forbidden` for processes, `SecondAttesterRequired` for levels 4 and 5 when no
    /// other human has vouched for at least that level lately.
    pub fn attest(
        &mut self,
        level: Level,
        context: &CommandContext,
        item: ItemId,
        policy: &Policy,
    ) -> Result<(), Refusal> {
        self.only_another_human(&context.actor, "attests")?;
        let actor = context.actor.id;
        if self.said_today(ItemSource::Attestation, level, context) {
            return Ok(());
        }
        let mut by = vec![actor];
        by.extend(self.supporters(level, context, policy));
        if level.get() >= TWO_ATTESTERS_FROM && by.len() < 2 {
            let message = format!(
                "Level {level} needs two humans who vouch: let another one endorse it first (endorseSkill)."
            );
            return Err(Refusal::of("level", RefusalCode::SecondAttesterRequired, message));
        }
        let previous = Standing::of(&self.items, self.kind, policy, context.at).attested;
        let (person, skill) = (self.person, self.skill);
        self.events.push(ProgressEvent::LevelAttested { person, skill, level, previous, by });
        self.add(item_of(item, ItemSource::Attestation, level, context), policy, context.at);
        Ok(())
    }

    /// Vouches for a level, so that another human can attest it. The same again on the same day changes
    /// nothing.
    ///
    /// # Errors
    /// `SelfReview`, `Forbidden` for processes.
    pub fn endorse(
        &mut self,
        level: Level,
        context: &CommandContext,
        item: ItemId,
        policy: &Policy,
    ) -> Result<(), Refusal> {
        self.only_another_human(&context.actor, "endorses")?;
        if self.said_today(ItemSource::Endorsement, level, context) {
            return Ok(());
        }
        let (person, skill, by) = (self.person, self.skill, context.actor.id);
        self.events.push(ProgressEvent::LevelEndorsed { person, skill, level, by });
        self.add(item_of(item, ItemSource::Endorsement, level, context), policy, context.at);
        Ok(())
    }

    /// Takes over where a piece of evidence now stands: it counts, counts more, or no longer counts. An
    /// automatic consequence: it never touches the attested level.
    pub fn follow(
        &mut self,
        evidence: &Evidence,
        level: Level,
        item: ItemId,
        policy: &Policy,
        at: DateTime<Utc>,
    ) {
        for known in self.items.iter_mut().filter(|item| item.evidence == Some(evidence.id)) {
            known.ended_at.get_or_insert(at);
        }
        if evidence.state.counts() {
            self.items.push(item_of_evidence(item, evidence, level, self.person, at));
        }
        self.record_estimate(policy, at);
    }

    /// The figures at the moment.
    #[must_use]
    pub fn snapshot(&self, policy: &Policy, at: DateTime<Utc>) -> Snapshot {
        let standing = Standing::of(&self.items, self.kind, policy, at);
        Snapshot {
            attested: standing.attested,
            score: standing.estimate.as_ref().map(|estimate| estimate.score),
            confidence: standing.estimate.as_ref().map(|estimate| estimate.confidence),
            last_item_on: self.items.iter().filter(|i| i.counts_at(at)).map(|i| i.occurred_on).max(),
        }
    }

    /// Whether something happened since it was loaded.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.events.is_empty()
    }

    /// Who else may is a question of roles, which the use case asked before.
    fn only_another_human(&self, actor: &Actor, does: &str) -> Result<(), Refusal> {
        if !actor.is_human() {
            return Err(Refusal::new(RefusalCode::Forbidden, format!("Only a human {does} a level.")));
        }
        if actor.is(self.person) {
            let message = format!("Nobody {does} a level of their own.");
            return Err(Refusal::of("personId", RefusalCode::SelfReview, message));
        }
        Ok(())
    }

    fn said_today(&self, source: ItemSource, level: Level, context: &CommandContext) -> bool {
        let last = self.items.iter().rev().find(|item| item.source == source && item.counts_at(context.at));
        last.is_some_and(|item| {
            item.by == context.actor.id && item.level == level && item.occurred_on == context.today()
        })
    }

    /// Other humans who vouched for at least this level lately, each once.
    fn supporters(&self, level: Level, context: &CommandContext, policy: &Policy) -> Vec<ActorId> {
        let since = context.at - Duration::days(i64::from(policy.endorsement_days));
        let mut supporters: Vec<ActorId> = Vec::new();
        for item in &self.items {
            let vouches = matches!(item.source, ItemSource::Attestation | ItemSource::Endorsement);
            let lately = item.counts_at(context.at) && item.recorded_at >= since;
            let other = !context.actor.goes_by(item.by) && !supporters.contains(&item.by);
            if vouches && lately && other && item.level >= level {
                supporters.push(item.by);
            }
        }
        supporters
    }

    fn add(&mut self, item: Item, policy: &Policy, at: DateTime<Utc>) {
        self.items.push(item);
        self.record_estimate(policy, at);
    }

    fn record_estimate(&mut self, policy: &Policy, at: DateTime<Utc>) {
        let now = Estimate::of(&self.items, self.kind, policy, at);
        let (score, confidence) = now.map_or((0.0, 0.0), |estimate| (estimate.score, estimate.confidence));
        let (person, skill) = (self.person, self.skill);
        self.events.push(ProgressEvent::EstimateChanged { person, skill, score, confidence, at });
    }
}

fn item_of(id: ItemId, source: ItemSource, level: Level, context: &CommandContext) -> Item {
    Item {
        id,
        source,
        level,
        independence: 1.0,
        occurred_on: context.today(),
        by: context.actor.id,
        evidence: None,
        recorded_at: context.at,
        ended_at: None,
    }
}

fn item_of_evidence(
    id: ItemId,
    evidence: &Evidence,
    level: Level,
    person: PersonId,
    at: DateTime<Utc>,
) -> Item {
    let kind = evidence.content.kind;
    let by_subject = evidence.author == ActorId::from(person);
    let verifier = evidence.reviewer.filter(|_| evidence.state == crate::evidence::EvidenceState::Verified);
    let (source, by, independence) = match verifier {
        Some(verifier) => {
            // Confirming one's own account of somebody is worth half of what a third person's word is.
            let independence = if verifier == evidence.author { 0.5 } else { 1.0 };
            (ItemSource::Verified(kind), verifier, independence)
        }
        None if by_subject => (ItemSource::Claimed(kind), evidence.author, 1.0),
        None => (ItemSource::Reported(kind), evidence.author, 1.0),
    };
    Item {
        id,
        source,
        level,
        independence,
        occurred_on: evidence.content.occurred_on,
        by,
        evidence: Some(evidence.id),
        recorded_at: at,
        ended_at: None,
    }
}
