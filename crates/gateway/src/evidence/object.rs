//! Types of evidence.

use crate::framework::Skill;
use crate::people::Person;
use crate::relay::{GlobalId, NodeType};
use crate::scalars::{Date, DateTime, Html, Markdown, Url};
use crate::services::loaders;
use async_graphql::{Context, Enum, ID, Object, Result};
use waymark_domain::evidence::{EvidenceView, SkillClaim as DomainClaim};
use waymark_domain::kernel::DomainId;

/// Where a piece of evidence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waymark_domain::evidence::EvidenceState")]
pub enum EvidenceState {
    /// Awaits the subject's word.
    Proposed,
    /// The subject accepted it as theirs.
    Accepted,
    /// The subject did not accept it.
    Rejected,
    /// Another human confirmed it.
    Verified,
    /// Another human disputed it.
    Disputed,
    /// No longer counts.
    Withdrawn,
}

/// What kind of evidence something is. Decides how much it counts once verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waymark_domain::evidence::EvidenceKind")]
pub enum EvidenceKind {
    /// Something that the work left behind: a change, a design, an incident handled. Verified it weighs 1.
    WorkArtefact,
    /// A course that ended with a test. Verified it weighs 0.6.
    CourseWithTest,
    /// A course without a test. Verified it weighs 0.2.
    Course,
    /// What a colleague saw. It weighs 0.5.
    PeerFeedback,
    /// What the person says of themselves. It weighs 0.1.
    SelfAssessment,
    /// A claim taken over from elsewhere. It weighs nothing.
    ImportedClaim,
}

/// Something that a person did, and what it says of their skills.
pub(crate) struct Evidence(pub EvidenceView);

impl From<EvidenceView> for Evidence {
    fn from(view: EvidenceView) -> Self {
        Self(view)
    }
}

/// Something that a person did, and what it says of their skills.
#[Object]
impl Evidence {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Evidence, self.0.id)
    }

    /// Whom it is about.
    async fn person(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Ok(loaders(ctx)?.one(self.0.subject).await?.map(Person))
    }

    /// Pseudonymous id of whoever recorded it.
    async fn author_id(&self) -> ID {
        ID(self.0.author.uuid().to_string())
    }

    /// Its kind.
    async fn kind(&self) -> EvidenceKind {
        self.0.content.kind.into()
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.0.content.title
    }

    /// What happened.
    async fn body(&self) -> Markdown {
        Markdown(self.0.content.body.clone())
    }

    /// What happened, as a page can show it: CommonMark with tables and strikethrough, sanitised. Raw HTML is shown
    /// as text, images as their descriptions; links are http, https or mailto. Costs 50.
    #[graphql(complexity = "crate::markdown::COST")]
    async fn body_html(&self) -> Html {
        Markdown(self.0.content.body.clone()).to_html()
    }

    /// Links to the work, each https.
    #[graphql(complexity = "crate::relay::list_cost(3, child_complexity)")]
    async fn links(&self) -> Vec<Url> {
        self.0.content.links.iter().cloned().map(Url).collect()
    }

    /// The day on which it happened.
    async fn occurred_on(&self) -> Date {
        Date(self.0.content.occurred_on)
    }

    /// What it claims.
    #[graphql(complexity = "crate::relay::list_cost(3, child_complexity)")]
    async fn claims(&self) -> Vec<SkillClaim> {
        self.0.content.claims.iter().copied().map(SkillClaim).collect()
    }

    /// Where it stands.
    async fn state(&self) -> EvidenceState {
        self.0.state.into()
    }

    /// Rises by one with each change: hand it to `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Pseudonymous id of whoever verified or disputed it last.
    async fn reviewer_id(&self) -> Option<ID> {
        self.0.reviewer.map(|id| ID(id.uuid().to_string()))
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }
}

/// A skill and the level that evidence shows.
pub(crate) struct SkillClaim(DomainClaim);

/// A skill and the level that evidence shows.
#[Object]
impl SkillClaim {
    /// The skill.
    async fn skill(&self, ctx: &Context<'_>) -> Result<Option<Skill>> {
        let catalogue = loaders(ctx)?.one(self.0.skill).await?;
        Ok(catalogue.and_then(|catalogue| Skill::of(catalogue, self.0.skill)))
    }

    /// The claimed level, 0 to 5.
    async fn level(&self) -> u8 {
        self.0.level.get()
    }
}
