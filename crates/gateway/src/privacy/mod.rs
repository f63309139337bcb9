//! Requests of people about their data.

mod consent;
mod export;
mod mutation;
mod object;
mod query;
mod retention;

pub(crate) use consent::{Consent, ConsentMutation, ConsentQuery};
pub(crate) use export::{DataExport, ExportMutation};
pub(crate) use mutation::PrivacyMutation;
pub(crate) use query::PrivacyQuery;
pub(crate) use retention::RetentionQuery;
