//! The aggregate: a request to erase a person.

use crate::kernel::{ActorId, CommandContext, ErasureRequestId, PersonId, Refusal, RefusalCode, Text};
use chrono::{DateTime, Months, NaiveDate, Utc};

/// Why a request was refused, in characters.
const REASON: Text = Text { min: 1, max: 1_000, multiline: true };

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureState {
    /// Awaits a decision.
    Received,
    /// The person is erased.
    Fulfilled,
    /// It was refused, with a reason.
    Refused,
}

impl ErasureState {
    /// Every state with its name in stored rows.
    pub const NAMES: [(Self, &'static str); 3] =
        [(Self::Received, "RECEIVED"), (Self::Fulfilled, "FULFILLED"), (Self::Refused, "REFUSED")];
}

/// A request to erase a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRequest {
    /// The request.
    pub id: ErasureRequestId,
    /// Whom it is about.
    pub person: PersonId,
    /// Where it stands.
    pub state: ErasureState,
    /// Who asked for it.
    pub requested_by: ActorId,
    /// When they asked.
    pub requested_at: DateTime<Utc>,
    /// The day by which it has to be decided: a month after it was asked for (GDPR, article 12 (3)).
    pub due_on: NaiveDate,
    /// Who decided it.
    pub decided_by: Option<ActorId>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Revision that was loaded; 0 for a new one.
    pub revision: i64,
    /// Whether something changed since it was loaded.
    pub changed: bool,
}

impl ErasureRequest {
    /// A request that awaits its decision.
    #[must_use]
    pub fn received(id: ErasureRequestId, person: PersonId, context: &CommandContext) -> Self {
        let today = context.today();
        Self {
            id,
            person,
            state: ErasureState::Received,
            requested_by: context.actor.id,
            requested_at: context.at,
            due_on: today.checked_add_months(Months::new(1)).unwrap_or(today),
            decided_by: None,
            decided_at: None,
            reason: None,
            revision: 0,
            changed: true,
        }
    }

    /// Approves it. Again changes nothing.
    ///
    /// # Errors
    /// `SelfReview` for whoever asked for it and for the person, `IllegalTransition` when it was refused.
    pub fn approve(&mut self, context: &CommandContext) -> Result<(), Refusal> {
        self.decide(ErasureState::Fulfilled, None, context)
    }

    /// Refuses it. Again changes nothing.
    ///
    /// # Errors
    /// `Invalid` without a reason, `SelfReview` for whoever asked for it and for the person, `IllegalTransition` when it
    /// was fulfilled.
    pub fn refuse(&mut self, reason: &str, context: &CommandContext) -> Result<(), Refusal> {
        let reason = REASON.check(reason).map_err(|refusal| refusal.at("reason"))?;
        self.decide(ErasureState::Refused, Some(reason), context)
    }

    fn decide(
        &mut self,
        state: ErasureState,
        reason: Option<String>,
        context: &CommandContext,
    ) -> Result<(), Refusal> {
        if self.state == state {
            return Ok(());
        }
        if self.state != ErasureState::Received {
            let message = "The request is decided already.";
            return Err(Refusal::new(RefusalCode::IllegalTransition, message));
        }
        if context.actor.goes_by(self.requested_by) || context.actor.is(self.person) {
            let message = "Somebody else decides an erasure: neither who asked for it nor the person.";
            return Err(Refusal::new(RefusalCode::SelfReview, message));
        }
        self.state = state;
        self.reason = reason;
        self.decided_by = Some(context.actor.id);
        self.decided_at = Some(context.at);
        self.changed = true;
        Ok(())
    }
}
