//! Erasure and export: what a person asks for, who decides it, and what is left of them.
//!
//! Somebody asks ([`request_erasure`]); an administrator who is neither the one who asked nor the person decides
//! ([`approve_erasure`], [`refuse_erasure`]). What is approved is done in the transaction of the approval.
//! A person asks for an export of their own data ([`request_export`]), which nobody has to decide.
//! A person agrees to purposes, and takes that back ([`give_consent`], [`withdraw_consent`]).
//! What has served its purpose ends after the days that the operator sets ([`RetentionPolicy`]).

mod approve;
mod ask;
mod consent;
mod export;
mod refuse;
mod request;
mod retention;

pub use approve::approve_erasure;
pub use ask::request_erasure;
pub use consent::{Consent, ConsentState, Purpose, give_consent, withdraw_consent};
pub use export::{DataExport, EXPORT_HOURS, ExportState, ExportView, request_export};
pub use refuse::refuse_erasure;
pub use request::{ErasureRequest, ErasureState};
pub use retention::{Retained, RetentionPolicy, RetentionRun, RetentionStart};
