//! Types of skill records.

use crate::framework::Skill;
use crate::people::Person;
use crate::relay::{GlobalId, NodeType};
use crate::scalars::{Date, DateTime};
use crate::services::{loaders, services};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use waymark_domain::evidence::EvidenceKind;
use waymark_domain::kernel::DomainId;
use waymark_domain::progress::{Estimate as DomainEstimate, Item, ItemSource, SkillRecordView, Standing};

/// Where a person stands in one skill: attested level, estimate and freshness, kept apart.
pub(crate) struct SkillRecord(pub SkillRecordView);

impl SkillRecord {
    fn standing(&self, ctx: &Context<'_>) -> Result<Standing> {
        let services = services(ctx)?;
        Ok(self.0.standing(&services.policy, services.clock.now()))
    }
}

/// Where a person stands in one skill: attested level, estimate and freshness, kept apart.
#[Object]
impl SkillRecord {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::SkillRecord, self.0.id)
    }

    /// The person.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Ok(loaders(ctx)?.one(self.0.person).await?.map(Person))
    }

    /// The skill.
    async fn skill(&self, ctx: &Context<'_>) -> Result<Option<Skill>> {
        let catalogue = loaders(ctx)?.one(self.0.skill).await?;
        Ok(catalogue.and_then(|catalogue| Skill::of(catalogue, self.0.skill)))
    }

    /// The level attested last by a human with authority, 0 to 5.
    async fn attested_level(&self, ctx: &Context<'_>) -> Result<Option<u8>> {
        Ok(self.standing(ctx)?.attested.map(|level| level.get()))
    }

    /// When it was attested.
    async fn attested_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.standing(ctx)?.attested_at.map(DateTime))
    }

    /// The computed level, with its reasons.
    async fn estimate(&self, ctx: &Context<'_>) -> Result<Option<Estimate>> {
        Ok(self.standing(ctx)?.estimate.map(|estimate| Estimate::of(&estimate, &self.0.items)))
    }

    /// How fresh the support for the level is, 0 to 1: it halves with every half-life of the skill's kind.
    async fn freshness(&self, ctx: &Context<'_>) -> Result<Option<f64>> {
        Ok(self.standing(ctx)?.freshness)
    }

    /// The level that counts, 0 to 5.
    async fn effective_level(&self, ctx: &Context<'_>) -> Result<u8> {
        Ok(self.standing(ctx)?.effective.get())
    }
}

/// A computed level, with its reasons.
#[derive(SimpleObject)]
pub(crate) struct Estimate {
    /// Weighted mean level, 0 to 5.
    score: f64,
    /// How much is known, 0 to 1.
    confidence: f64,
    /// What each item adds, the oldest first.
    #[graphql(complexity = "crate::relay::list_cost(10, child_complexity)")]
    contributions: Vec<Contribution>,
    /// Version of the rule.
    rule_version: &'static str,
}

/// What one item adds to an estimate.
#[derive(SimpleObject)]
pub(crate) struct Contribution {
    /// In words: where the item comes from.
    source: String,
    /// The level that it shows, 0 to 5.
    level: u8,
    /// The day on which it happened.
    occurred_on: Date,
    /// Pseudonymous id of whoever vouches for it.
    by_id: ID,
    /// The evidence behind it.
    evidence_id: Option<ID>,
    /// Its weight after all factors.
    weight: f64,
    /// The factor of its age, 0 to 1.
    decay: f64,
    /// Which item of the same person in the same quarter it is, from 1; the n-th counts 1/n.
    nth: u32,
}

impl Estimate {
    fn of(estimate: &DomainEstimate, items: &[Item]) -> Self {
        let contributions = estimate.contributions.iter().filter_map(|contribution| {
            let item = items.iter().find(|item| item.id == contribution.item)?;
            Some(Contribution {
                source: source(item.source),
                level: item.level.get(),
                occurred_on: Date(item.occurred_on),
                by_id: ID(item.by.uuid().to_string()),
                evidence_id: item.evidence.map(|id| GlobalId::encode(NodeType::Evidence, id)),
                weight: contribution.weight,
                decay: contribution.decay,
                nth: contribution.nth,
            })
        });
        Self {
            score: estimate.score,
            confidence: estimate.confidence,
            contributions: contributions.collect(),
            rule_version: DomainEstimate::RULE,
        }
    }
}

fn source(source: ItemSource) -> String {
    let kind = |kind| match kind {
        EvidenceKind::WorkArtefact => "work artefact",
        EvidenceKind::CourseWithTest => "course with a test",
        EvidenceKind::Course => "course",
        EvidenceKind::PeerFeedback => "peer feedback",
        EvidenceKind::SelfAssessment => "self-assessment",
        EvidenceKind::ImportedClaim => "imported claim",
    };
    match source {
        ItemSource::Attestation => "attested".to_owned(),
        ItemSource::Endorsement => "endorsed".to_owned(),
        ItemSource::Verified(of) => format!("verified {}", kind(of)),
        ItemSource::Reported(of) => format!("{} by a colleague", kind(of)),
        ItemSource::Claimed(of) => format!("unverified {}", kind(of)),
    }
}
