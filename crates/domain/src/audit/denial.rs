//! Denied commands.

use super::{AuditNote, AuditOutcome};
use crate::kernel::{CommandContext, ObjectRef, Refusal, Refusals};
use crate::ports::{AuditLog, PortError};

/// Notes that a command was denied, if one of its refusals is a denial: there is one entry of a command, however many
/// refusals it met. `named` says which thing the caller named, where one knows; else it is what the rule refused it for.
///
/// # Errors
/// A fault of the log. The caller is then told of the fault, not of the refusal: nothing is denied unseen.
pub async fn note_denial(
    log: &dyn AuditLog,
    context: &CommandContext,
    refusals: &Refusals,
    named: impl FnOnce(&Refusal) -> Option<ObjectRef> + Send,
) -> Result<(), PortError> {
    let denial = refusals.0.iter().find_map(|refusal| {
        let outcome = AuditOutcome::of_refusal(refusal.code)?;
        Some((refusal, outcome))
    });
    let Some((refusal, outcome)) = denial else { return Ok(()) };
    let object = named(refusal).or(refusal.about);
    let mut note = AuditNote::denied(context, object, outcome);
    if let Some(about) = refusal.about {
        note = note.concerning(about);
    }
    log.note(&[note]).await
}
