//! The aggregate: a piece of evidence.

use super::{EvidenceEvent, EvidenceKind, EvidenceState};
use crate::kernel::{Actor, ActorId, EvidenceId, Level, PersonId, Refusal, RefusalCode, SkillId};
use chrono::{DateTime, NaiveDate, Utc};

/// A skill and the level that the evidence shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillClaim {
    /// The skill.
    pub skill: SkillId,
    /// The level.
    pub level: Level,
}

/// What somebody wrote. Never changes: withdrawal is a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceContent {
    /// Its kind.
    pub kind: EvidenceKind,
    /// Its title.
    pub title: String,
    /// What happened, as Markdown.
    pub body: String,
    /// Links to the work, each https.
    pub links: Vec<String>,
    /// The day on which it happened.
    pub occurred_on: NaiveDate,
    /// 1 to 10 claims.
    pub claims: Vec<SkillClaim>,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The evidence.
    pub id: EvidenceId,
    /// Whom it is about.
    pub subject: PersonId,
    /// Who recorded it.
    pub author: ActorId,
    /// What it says.
    pub content: EvidenceContent,
    /// Where it stands.
    pub state: EvidenceState,
    /// Who verified or disputed it last.
    pub reviewer: Option<ActorId>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// What happened since it was loaded.
    pub events: Vec<EvidenceEvent>,
}

impl Evidence {
    /// Records evidence about a person. What people record of themselves is accepted at once.
    #[must_use]
    pub fn record(
        id: EvidenceId,
        subject: PersonId,
        author: &Actor,
        content: EvidenceContent,
        at: DateTime<Utc>,
    ) -> Self {
        let (kind, occurred_on, claims) = (content.kind, content.occurred_on, content.claims.clone());
        let proposed = EvidenceEvent::Proposed { evidence: id, person: subject, kind, occurred_on, claims };
        let mut evidence = Self {
            id,
            subject,
            author: author.id,
            content,
            state: EvidenceState::Proposed,
            reviewer: None,
            recorded_at: at,
            revision: 0,
            events: vec![proposed],
        };
        if author.is(subject) {
            evidence.state = EvidenceState::Accepted;
            evidence.events.push(EvidenceEvent::Accepted { evidence: id, person: subject });
        }
        evidence
    }

    /// The subject accepts it. Accepting again changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for anybody else, `IllegalTransition` unless it is proposed.
    pub fn accept(&mut self, actor: &Actor) -> Result<(), Refusal> {
        self.only_subject(actor, "accepts")?;
        if self.state == EvidenceState::Accepted {
            return Ok(());
        }
        self.state = self.state.accept()?;
        self.events.push(EvidenceEvent::Accepted { evidence: self.id, person: self.subject });
        Ok(())
    }

    /// The subject rejects it. Rejecting again changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for anybody else, `IllegalTransition` unless it is proposed.
    pub fn reject(&mut self, actor: &Actor) -> Result<(), Refusal> {
        self.only_subject(actor, "rejects")?;
        if self.state == EvidenceState::Rejected {
            return Ok(());
        }
        self.state = self.state.reject()?;
        self.events.push(EvidenceEvent::Rejected { evidence: self.id, person: self.subject });
        Ok(())
    }

    /// Another human confirms it. Verifying again changes nothing.
    ///
    /// # Errors
    /// `SelfReview` for the subject, `Forbidden` for processes, `IllegalTransition` by state.
    pub fn verify(&mut self, actor: &Actor) -> Result<(), Refusal> {
        self.only_another_human(actor, "verifies")?;
        if self.state == EvidenceState::Verified {
            return Ok(());
        }
        self.state = self.state.verify()?;
        self.reviewer = Some(actor.id);
        self.events.push(EvidenceEvent::Verified { evidence: self.id, person: self.subject, by: actor.id });
        Ok(())
    }

    /// Another human disputes it. Disputing again changes nothing.
    ///
    /// # Errors
    /// `SelfReview` for the subject, `Forbidden` for processes, `IllegalTransition` unless it is accepted.
    pub fn dispute(&mut self, actor: &Actor) -> Result<(), Refusal> {
        self.only_another_human(actor, "disputes")?;
        if self.state == EvidenceState::Disputed {
            return Ok(());
        }
        self.state = self.state.dispute()?;
        self.reviewer = Some(actor.id);
        self.events.push(EvidenceEvent::Disputed { evidence: self.id, person: self.subject, by: actor.id });
        Ok(())
    }

    /// Its author or its subject withdraws it. Withdrawing again changes nothing.
    ///
    /// # Errors
    /// `Forbidden` for anybody else, `IllegalTransition` when it was rejected.
    pub fn withdraw(&mut self, actor: &Actor) -> Result<(), Refusal> {
        if !actor.is(self.subject) && actor.id != self.author {
            let message = "Only its author or its subject withdraws evidence.";
            return Err(Refusal::new(RefusalCode::Forbidden, message));
        }
        if self.state == EvidenceState::Withdrawn {
            return Ok(());
        }
        self.state = self.state.withdraw()?;
        self.events.push(EvidenceEvent::Withdrawn { evidence: self.id, person: self.subject });
        Ok(())
    }

    /// Whether something happened since it was loaded.
    #[must_use]
    pub fn changed(&self) -> bool {
        !self.events.is_empty()
    }

    fn only_subject(&self, actor: &Actor, does: &str) -> Result<(), Refusal> {
        if actor.is(self.subject) {
            return Ok(());
        }
        let message = format!("Only the person whom it is about {does} evidence.");
        Err(Refusal::new(RefusalCode::Forbidden, message))
    }

    fn only_another_human(&self, actor: &Actor, does: &str) -> Result<(), Refusal> {
        if !actor.is_human() {
            return Err(Refusal::new(RefusalCode::Forbidden, format!("Only a human {does} evidence.")));
        }
        if actor.is(self.subject) {
            let message = format!("Nobody {does} evidence about themselves.");
            return Err(Refusal::new(RefusalCode::SelfReview, message));
        }
        Ok(())
    }
}
