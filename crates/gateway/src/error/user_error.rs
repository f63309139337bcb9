//! Expected refusals as data of the schema.

use async_graphql::{Enum, SimpleObject};
use waymark_domain::kernel::{Refusal, RefusalCode};

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "RefusalCode")]
pub enum UserErrorCode {
    /// A value breaks a rule of its field.
    Invalid,
    /// The document cannot be read at all: its YAML, JSON or CSV is broken.
    Malformed,
    /// A field that must be there is missing.
    Required,
    /// A field or column that is not known.
    UnknownField,
    /// A reference to something that does not exist.
    UnknownReference,
    /// The same thing twice.
    Duplicate,
    /// A cycle where none may be; the message names it.
    Cycle,
    /// A level that is not on the scale.
    OffScale,
    /// A day that has not come yet.
    InFuture,
    /// A link whose scheme is not allowed.
    LinkNotAllowed,
    /// The thing does not exist, or you may not know of it.
    NotFound,
    /// You lack the authority.
    Forbidden,
    /// Nobody attests, endorses or verifies their own.
    SelfReview,
    /// Levels 4 and 5 need a second human who vouches.
    SecondAttesterRequired,
    /// The state does not allow it.
    IllegalTransition,
    /// Somebody else changed it meanwhile.
    Conflict,
}

/// An expected refusal: nothing was changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// What is wrong and what to do, for people.
    message: String,
    /// Why, for programs.
    code: UserErrorCode,
    /// Path to the field in the input or document, outermost first.
    field: Option<Vec<String>>,
    /// Line in the document, from 1.
    line: Option<u32>,
    /// Column in the document, from 1; in CSV the number of the cell.
    column: Option<u32>,
    /// With `CONFLICT`: the version that it has now, if another one was expected.
    current_version: Option<i64>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self {
            message: refusal.message,
            code: refusal.code.into(),
            field: Some(refusal.field).filter(|field| !field.is_empty()),
            line: refusal.line,
            column: refusal.column,
            current_version: refusal.current_version,
        }
    }
}
