//! Types of readiness, gaps and next skills.

use crate::framework::{Position, Requirement, Skill};
use crate::scalars::DateTime;
use async_graphql::{Enum, Object, Result, SimpleObject};
use std::sync::Arc;
use waymark_domain::framework::Catalogue;
use waymark_domain::kernel::{PositionId, SkillId};
use waymark_domain::progress::{
    Blocker as DomainBlocker, Gap as DomainGap, Levels, NextSkill as DomainNextSkill,
    Readiness as DomainReadiness, RequirementStanding as DomainStanding, next_skills,
};

/// Readiness for a position at one moment, with its reasons.
pub(crate) struct Readiness {
    pub catalogue: Arc<Catalogue>,
    pub position: PositionId,
    pub readiness: DomainReadiness,
    pub levels: Levels,
}

impl Readiness {
    fn skills(&self, ids: &[SkillId]) -> Vec<Skill> {
        ids.iter().filter_map(|id| Skill::of(self.catalogue.clone(), *id)).collect()
    }

    /// The best next skills.
    pub fn next(&self, first: Option<i32>) -> Result<Vec<NextSkill>> {
        let limit = first.unwrap_or(5);
        let limit =
            usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit)).ok_or_else(|| {
                let message = format!("Ask for 1 to 100 skills, not {limit}.");
                crate::error::coded(crate::error::Code::BadUserInput, message)
            })?;
        let next = next_skills(&self.catalogue, &self.readiness.gaps, &self.levels);
        let skill = |next| NextSkill { catalogue: self.catalogue.clone(), next };
        Ok(next.into_iter().take(limit).map(skill).collect())
    }
}

/// Readiness for a position at one moment, with its reasons.
#[Object]
impl Readiness {
    /// The position.
    async fn position(&self) -> Option<Position> {
        Position::of(self.catalogue.clone(), self.position)
    }

    /// How far the requirements are met, 0 to 1: the mean of min(1, level / required), by weight.
    async fn score(&self) -> f64 {
        self.readiness.score.value
    }

    /// Whether the person may be promoted by this rule.
    async fn eligible(&self) -> bool {
        self.readiness.eligible
    }

    /// Why not, if not.
    #[graphql(complexity = "crate::relay::list_cost(4, child_complexity)")]
    async fn blockers(&self) -> Vec<Blocker> {
        self.readiness.blockers.iter().copied().map(Blocker::from).collect()
    }

    /// Skills of mandatory requirements that are not met.
    #[graphql(complexity = "crate::relay::list_cost(20, child_complexity)")]
    async fn mandatory_missing(&self) -> Vec<Skill> {
        self.skills(&self.readiness.score.mandatory_missing)
    }

    /// What is missing: mandatory first, then by weight times missing levels.
    #[graphql(complexity = "crate::relay::list_cost(40, child_complexity)")]
    async fn gaps(&self) -> Vec<Gap> {
        let gap = |gap: &DomainGap| Gap { catalogue: self.catalogue.clone(), gap: *gap };
        self.readiness.gaps.iter().map(gap).collect()
    }

    /// How each requirement is met.
    #[graphql(complexity = "crate::relay::list_cost(40, child_complexity)")]
    async fn requirements(&self) -> Vec<RequirementStanding> {
        let standing = |standing: &DomainStanding| RequirementStanding {
            requirement: Requirement { catalogue: self.catalogue.clone(), requirement: standing.requirement },
            level: standing.level.get(),
            confidence: standing.confidence,
            fulfilment: standing.fulfilment,
        };
        self.readiness.score.requirements.iter().map(standing).collect()
    }

    /// Mean confidence over all requirements, 0 to 1.
    async fn confidence(&self) -> f64 {
        self.readiness.confidence
    }

    /// What to learn next for it, the best first.
    #[graphql(complexity = "crate::relay::first_cost(first, 5, child_complexity)")]
    async fn next_skills(
        &self,
        #[graphql(desc = "How many, 1 to 100; 5 unless said.")] first: Option<i32>,
    ) -> Result<Vec<NextSkill>> {
        self.next(first)
    }

    /// The moment for which it was computed.
    async fn computed_at(&self) -> DateTime {
        DateTime(self.readiness.at)
    }

    /// Version of the rule.
    async fn rule_version(&self) -> &'static str {
        DomainReadiness::RULE
    }
}

/// How one requirement is met.
#[derive(SimpleObject)]
pub(crate) struct RequirementStanding {
    /// The requirement.
    requirement: Requirement,
    /// The level that counts, 0 to 5.
    level: u8,
    /// How much is known of it, 0 to 1.
    confidence: f64,
    /// min(1, level / required), 0 to 1.
    fulfilment: f64,
}

/// Why somebody is not eligible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum BlockerCode {
    /// Mandatory requirements are not met.
    MandatoryMissing,
    /// The score is too low.
    ScoreTooLow,
    /// It has not held for long enough.
    NotSustained,
    /// Too little is known.
    ConfidenceTooLow,
}

/// Why somebody is not eligible.
#[derive(SimpleObject)]
pub(crate) struct Blocker {
    /// Why, for programs.
    code: BlockerCode,
    /// Why, for people.
    message: String,
}

impl From<DomainBlocker> for Blocker {
    fn from(blocker: DomainBlocker) -> Self {
        let (code, message) = match blocker {
            DomainBlocker::MandatoryMissing { count } => {
                (BlockerCode::MandatoryMissing, format!("Mandatory requirements that are not met: {count}."))
            }
            DomainBlocker::ScoreTooLow { score, least } => {
                (BlockerCode::ScoreTooLow, format!("The score is {score:.3}; at least {least} is needed."))
            }
            DomainBlocker::NotSustained { since: Some(since), days } => {
                let since = since.date_naive();
                (BlockerCode::NotSustained, format!("It holds since {since}; it must hold for {days} days."))
            }
            DomainBlocker::NotSustained { since: None, days } => {
                (BlockerCode::NotSustained, format!("It does not hold; it must hold for {days} days."))
            }
            DomainBlocker::ConfidenceTooLow { confidence, least } => (
                BlockerCode::ConfidenceTooLow,
                format!("The mean confidence is {confidence:.3}; at least {least} is needed."),
            ),
        };
        Self { code, message }
    }
}

/// What is missing in one skill.
pub(crate) struct Gap {
    catalogue: Arc<Catalogue>,
    gap: DomainGap,
}

/// What is missing in one skill.
#[Object]
impl Gap {
    /// The skill.
    async fn skill(&self) -> Option<Skill> {
        Skill::of(self.catalogue.clone(), self.gap.skill)
    }

    /// The level that is required, 1 to 5.
    async fn required(&self) -> u8 {
        self.gap.required.get()
    }

    /// The level that counts now, 0 to 5.
    async fn level(&self) -> u8 {
        self.gap.level.get()
    }

    /// Levels that are missing, 1 to 5.
    async fn missing(&self) -> u8 {
        self.gap.missing
    }

    /// How much the requirement counts.
    async fn weight(&self) -> f64 {
        self.gap.weight
    }

    /// Whether nothing else makes up for it.
    async fn mandatory(&self) -> bool {
        self.gap.mandatory
    }
}

/// A skill that is worth learning now.
pub(crate) struct NextSkill {
    catalogue: Arc<Catalogue>,
    next: DomainNextSkill,
}

impl NextSkill {
    fn skills(&self, ids: &[SkillId]) -> Vec<Skill> {
        ids.iter().filter_map(|id| Skill::of(self.catalogue.clone(), *id)).collect()
    }
}

/// A skill that is worth learning now.
#[Object]
impl NextSkill {
    /// The skill.
    async fn skill(&self) -> Option<Skill> {
        Skill::of(self.catalogue.clone(), self.next.skill)
    }

    /// The level that counts now, 0 to 5.
    async fn level(&self) -> u8 {
        self.next.level.get()
    }

    /// The level to reach, 1 to 5.
    async fn target(&self) -> u8 {
        self.next.target.get()
    }

    /// What reaching it is worth for its effort; only the order matters.
    async fn value(&self) -> f64 {
        self.next.value
    }

    /// The way to the gap that it opens most, this skill first; alone when the gap is its own.
    #[graphql(complexity = "crate::relay::list_cost(4, child_complexity)")]
    async fn path(&self) -> Vec<Skill> {
        self.skills(&self.next.path)
    }

    /// Gaps that lie behind it.
    #[graphql(complexity = "crate::relay::list_cost(10, child_complexity)")]
    async fn unlocks(&self) -> Vec<Skill> {
        self.skills(&self.next.unlocks)
    }
}
