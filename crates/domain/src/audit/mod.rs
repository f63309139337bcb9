//! The audit log: who did what to which thing, and who was denied it.
//!
//! What commits is noted in the transaction that commits it, and what is denied where commands are answered
//! ([`note_denial`]). Entries name people, things and requests by id alone: never a word of what was said, and nothing
//! that an erasure would have to take out again. Persistence seals them into a chain in which each entry holds the hash
//! of the one before, so that a change of what was sealed shows ([`Verification`]).

mod denial;
mod entry;
mod note;
mod verify;

pub use denial::note_denial;
pub use entry::{AuditEntry, AuditOutcome};
pub use note::AuditNote;
pub use verify::{Anchor, AuditFault, AuditFaultKind, Verification};
