//! Which entries a list holds.

use super::object::AuditOutcome;
use crate::relay::{GlobalId, IdFilter, NodeType, Tests, bounded};
use crate::scalars::DateTime;
use async_graphql::{InputObject, Result};
use uuid::Uuid;
use waymark_domain::kernel::{ActorId, PersonId};
use waymark_domain::ports::{AuditFilter, AuditTest, Condition};

/// Conditions on entries of the audit log; all that are given must hold. At most 20 tests, nested at most 5 deep.
#[derive(Debug, Default, InputObject)]
pub(crate) struct AuditWhere {
    /// All of these hold.
    and: Option<Vec<AuditWhere>>,
    /// One of these holds.
    or: Option<Vec<AuditWhere>>,
    /// This does not hold.
    not: Option<Box<AuditWhere>>,
    /// Of whoever acted: global ids of people, or pseudonymous ids as in `actorId`.
    actor_id: Option<IdFilter>,
    /// Of the person whom it concerns.
    person_id: Option<IdFilter>,
    /// Of the thing: global ids.
    object_id: Option<IdFilter>,
    /// What was tried is one of these, for instance `attestSkill`.
    action: Option<Vec<String>>,
    /// It ended in one of these ways.
    outcome: Option<Vec<AuditOutcome>>,
    /// Of the request, as in `correlationId`.
    correlation_id: Option<IdFilter>,
    /// At this moment or later.
    from: Option<DateTime>,
    /// At this moment or earlier.
    until: Option<DateTime>,
}

impl AuditWhere {
    fn condition(self) -> Result<Condition<AuditTest>> {
        let mut tests = Tests::default();
        tests.ids_as(self.actor_id, actor, AuditTest::Actor)?;
        tests.ids(self.person_id, NodeType::Person, AuditTest::Person)?;
        tests.ids_as(self.object_id, |id| Some(GlobalId::decode(id)?.object()?.id), AuditTest::Object)?;
        tests.values(self.action, AuditTest::Action)?;
        tests.values(self.outcome, |all| AuditTest::Outcome(all.into_iter().map(Into::into).collect()))?;
        tests.ids_as(self.correlation_id, |id| Uuid::parse_str(id).ok(), AuditTest::Correlation)?;
        if let Some(from) = self.from {
            tests.push(AuditTest::From(from.0));
        }
        if let Some(until) = self.until {
            tests.push(AuditTest::Until(until.0));
        }
        tests.with(self.and, self.or, self.not, Self::condition)
    }
}

fn actor(id: &str) -> Option<ActorId> {
    match GlobalId::of::<PersonId>(NodeType::Person, id) {
        Some(person) => Some(person.into()),
        None => Uuid::parse_str(id).ok().map(Into::into),
    }
}

/// The filter that the argument says.
pub(crate) fn audit_filter(given: Option<AuditWhere>) -> Result<AuditFilter> {
    bounded(given.unwrap_or_default().condition()?)
}
