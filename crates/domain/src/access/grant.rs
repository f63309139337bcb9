//! The aggregate: a role granted to somebody.

use crate::kernel::{ActorId, CommandContext, GrantId, HeldRole, Refusal, RefusalCode};
use chrono::{DateTime, Utc};

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantState {
    /// Asked for; a second administrator has to approve it.
    Requested,
    /// In force, within its times.
    Active,
    /// Taken back, or refused.
    Revoked,
}

/// A role granted to the subject of tokens, from a moment on and for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant.
    pub id: GrantId,
    /// The subject of the tokens of whoever holds it: a person's external id, or a service's client id.
    pub subject: String,
    /// What is held, how far, and until when.
    pub held: HeldRole,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// Who asked for it.
    pub requested_by: ActorId,
    /// Who approved it.
    pub approved_by: Option<ActorId>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// Whether something changed since it was loaded.
    pub changed: bool,
}

/// What readers say of a grant.
pub type GrantView = Grant;

impl Grant {
    /// A grant that awaits a second administrator.
    #[must_use]
    pub fn requested(id: GrantId, subject: &str, held: HeldRole, context: &CommandContext) -> Self {
        Self {
            id,
            subject: subject.to_owned(),
            held,
            from: context.at,
            requested_by: context.actor.id,
            approved_by: None,
            revoked_at: None,
            revision: 0,
            changed: true,
        }
    }

    /// The same, in force at once: by the operator, or a manager's own line.
    #[must_use]
    pub fn in_force(mut self, by: ActorId) -> Self {
        self.approved_by = Some(by);
        self
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> GrantState {
        match (self.revoked_at, self.approved_by) {
            (Some(_), _) => GrantState::Revoked,
            (None, Some(_)) => GrantState::Active,
            (None, None) => GrantState::Requested,
        }
    }

    /// Whether it gives anything at this moment.
    #[must_use]
    pub fn holds_at(&self, at: DateTime<Utc>) -> bool {
        self.state() == GrantState::Active
            && self.from <= at
            && self.held.until.is_none_or(|until| at < until)
    }

    /// A second administrator approves it. Approving again changes nothing.
    ///
    /// # Errors
    /// `SelfReview` for whoever asked for it or would hold it, `IllegalTransition` when it was revoked.
    pub fn approve(&mut self, subject: &ActorId, context: &CommandContext) -> Result<(), Refusal> {
        match self.state() {
            GrantState::Active => return Ok(()),
            GrantState::Revoked => {
                let message = "The grant was revoked; ask for a new one.";
                return Err(Refusal::new(RefusalCode::IllegalTransition, message));
            }
            GrantState::Requested => {}
        }
        if context.actor.goes_by(self.requested_by) || context.actor.goes_by(*subject) {
            let message =
                "A second administrator approves a grant: neither who asked for it nor who would hold it.";
            return Err(Refusal::new(RefusalCode::SelfReview, message));
        }
        self.approved_by = Some(context.actor.id);
        // What was asked for earlier begins when it is approved.
        self.from = self.from.max(context.at);
        self.changed = true;
        Ok(())
    }

    /// Takes it back, or refuses it. Again changes nothing.
    pub fn revoke(&mut self, at: DateTime<Utc>) {
        if self.revoked_at.is_none() {
            self.revoked_at = Some(at);
            self.changed = true;
        }
    }
}
