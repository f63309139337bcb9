//! The audit log: noting what is denied and which drafts are read, showing entries, verifying the chain.

mod denial;
mod drafts;
mod filter;
mod object;
mod query;

pub(crate) use denial::{note_denied_read, note_refusal};
pub(crate) use drafts::DraftReads;
pub(crate) use query::AuditQuery;
