//! What is noted before it is sealed.

use super::AuditOutcome;
use crate::kernel::{Actor, ActorId, Change, CommandContext, ObjectKind, ObjectRef, PersonId, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Something that was done or denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditNote {
    /// In whose chain it is.
    pub tenant: TenantId,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who acted, pseudonymously.
    pub actor: ActorId,
    /// What was tried: the name of the mutation, of the operator's command, or of the table's action for what is read.
    pub action: String,
    /// To which thing, where it is one.
    pub object: Option<ObjectRef>,
    /// Whom it concerns, where it is one person.
    pub person: Option<PersonId>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The request in which it was tried.
    pub correlation: Uuid,
}

impl AuditNote {
    /// A command that left these changes.
    #[must_use]
    pub fn done(context: &CommandContext, changes: &[Change]) -> Self {
        let about = about(changes);
        let object = about.map(Change::object);
        Self { person: about.and_then(Change::person), ..Self::of(context, object, AuditOutcome::Done) }
    }

    /// A command that was denied; `object` is what it would have been done to.
    #[must_use]
    pub fn denied(context: &CommandContext, object: Option<ObjectRef>, outcome: AuditOutcome) -> Self {
        Self::of(context, object, outcome)
    }

    /// The same, about a thing that concerns somebody: a person concerns themselves.
    #[must_use]
    pub fn concerning(mut self, about: ObjectRef) -> Self {
        if about.kind == ObjectKind::Person {
            self.person = Some(about.id.into());
        }
        self
    }

    /// Something that was read, of what only a few may read.
    #[must_use]
    pub fn read(
        viewer: &Actor,
        action: &str,
        object: ObjectRef,
        at: DateTime<Utc>,
        correlation: Uuid,
    ) -> Self {
        let context = CommandContext::new(viewer.clone(), action, at, correlation);
        Self::of(&context, Some(object), AuditOutcome::Done)
    }

    fn of(context: &CommandContext, object: Option<ObjectRef>, outcome: AuditOutcome) -> Self {
        let note = Self {
            tenant: context.actor.tenant.id,
            at: context.at,
            actor: context.actor.id,
            action: context.action.clone(),
            object,
            person: None,
            outcome,
            correlation: context.correlation,
        };
        match object {
            Some(object) => note.concerning(object),
            None => note,
        }
    }
}

/// The change that the command is about; none if it is about many, as an import is.
fn about(changes: &[Change]) -> Option<&Change> {
    let first = changes.iter().map(weight).min()?;
    let mut those = changes.iter().filter(|change| weight(change) == first);
    let one = those.next();
    if those.next().is_none() { one } else { None }
}

/// Teams and people come along with other changes, and levels follow evidence; whatever else changes is what it is
/// about.
fn weight(change: &Change) -> u8 {
    match change.object().kind {
        ObjectKind::Team => 3,
        ObjectKind::Person => 2,
        ObjectKind::SkillRecord => 1,
        _ => 0,
    }
}
