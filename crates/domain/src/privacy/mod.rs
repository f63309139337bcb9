//! Erasure: what a person asks for, who decides it, and what is left of them.
//!
//! Somebody asks ([`request_erasure`]); an administrator who is neither the one who asked nor the person decides
//! ([`approve_erasure`], [`refuse_erasure`]). What is approved is done in the transaction of the approval.

mod approve;
mod ask;
mod refuse;
mod request;

pub use approve::approve_erasure;
pub use ask::request_erasure;
pub use refuse::refuse_erasure;
pub use request::{ErasureRequest, ErasureState};
