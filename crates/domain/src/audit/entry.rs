//! What the log says.

use super::AuditNote;
use crate::kernel::{AuditEntryId, RefusalCode};

/// How what was tried ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// Denied: whoever tried lacks the authority.
    Forbidden,
    /// Denied: nobody judges or approves their own.
    SelfReview,
    /// Denied: there is no such thing, or whoever tried may not know of it.
    NotFound,
}

impl AuditOutcome {
    /// Every outcome with its name in stored rows and in the canonical form.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Done, "DONE"),
        (Self::Forbidden, "FORBIDDEN"),
        (Self::SelfReview, "SELF_REVIEW"),
        (Self::NotFound, "NOT_FOUND"),
    ];

    /// The outcome's name in stored rows and in the canonical form.
    #[must_use]
    pub fn name(self) -> &'static str {
        crate::framework::name_in(&Self::NAMES, self)
    }

    /// What a refusal is to the log: a denial, unless what was wrong is the command and not who gave it.
    #[must_use]
    pub const fn of_refusal(code: RefusalCode) -> Option<Self> {
        match code {
            RefusalCode::Forbidden => Some(Self::Forbidden),
            RefusalCode::SelfReview => Some(Self::SelfReview),
            RefusalCode::NotFound => Some(Self::NotFound),
            RefusalCode::Invalid
            | RefusalCode::Malformed
            | RefusalCode::Required
            | RefusalCode::UnknownField
            | RefusalCode::UnknownReference
            | RefusalCode::Duplicate
            | RefusalCode::Cycle
            | RefusalCode::OffScale
            | RefusalCode::InFuture
            | RefusalCode::LinkNotAllowed
            | RefusalCode::SecondAttesterRequired
            | RefusalCode::IllegalTransition
            | RefusalCode::Conflict => None,
        }
    }
}

/// An entry of a tenant's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The entry.
    pub id: AuditEntryId,
    /// Its place in the chain, from 1, without gaps.
    pub number: i64,
    /// What it says.
    pub note: AuditNote,
    /// SHA-256 over the entry before and this one, in hexadecimal digits.
    pub hash: String,
}
