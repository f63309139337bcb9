//! Expected refusals: what a rule answers instead of doing what it was asked.

use super::ObjectRef;
use std::fmt;
use thiserror::Error;

/// Why something was refused. Part of the wire contract: clients branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// A value breaks a rule of its field.
    Invalid,
    /// The document cannot be read at all (YAML, JSON or CSV syntax).
    Malformed,
    /// A field that must be there is missing.
    Required,
    /// A field that nobody knows.
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
    /// The thing does not exist, or the actor may not know of it.
    NotFound,
    /// The actor lacks the authority.
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

/// One refusal, with the place of its cause.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refusal {
    /// What is wrong and what to do, for a human.
    pub message: String,
    /// Why, for a program.
    pub code: RefusalCode,
    /// Path to the field in the input, outermost first; empty where no field is at fault.
    pub field: Vec<String>,
    /// Line in a document, from 1.
    pub line: Option<u32>,
    /// Column in a document, from 1.
    pub column: Option<u32>,
    /// The version that the thing has now, where another one was expected.
    pub current_version: Option<i64>,
    /// What it would have been done to, for the audit log alone.
    pub about: Option<ObjectRef>,
}

impl Refusal {
    /// A refusal that no field of the input is at fault for.
    #[must_use]
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code,
            field: Vec::new(),
            line: None,
            column: None,
            current_version: None,
            about: None,
        }
    }

    /// A refusal of this field of the input; nested fields are separated by dots.
    #[must_use]
    pub fn of(field: &str, code: RefusalCode, message: impl Into<String>) -> Self {
        Self::new(code, message).at(field)
    }

    /// The same, for a field; nested fields are separated by dots.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = field.split('.').map(str::to_owned).collect();
        self
    }

    /// The same, of something that is to be named in the audit log.
    #[must_use]
    pub fn about(mut self, object: ObjectRef) -> Self {
        self.about = Some(object);
        self
    }

    /// The same, with its place in a document.
    #[must_use]
    pub fn on_line(mut self, line: u32, column: u32) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self
    }

    /// It has another version than the caller expected.
    #[must_use]
    pub fn outdated(current: i64) -> Self {
        let message = "Somebody else changed it since you read it: read it again, and say its version now.";
        let refusal = Self::of("expectedVersion", RefusalCode::Conflict, message);
        Self { current_version: Some(current), ..refusal }
    }

    /// Whatever was asked for does not exist for this actor.
    #[must_use]
    pub fn not_found(field: &str, what: &str) -> Self {
        Self::of(field, RefusalCode::NotFound, format!("There is no such {what}."))
    }
}

/// All refusals of one command: a caller learns everything that is wrong at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusals(pub Vec<Refusal>);

impl Refusals {
    /// Most problems that are reported of one document.
    pub const MOST: usize = 100;

    /// Notes one more.
    pub fn push(&mut self, refusal: Refusal) {
        self.0.push(refusal);
    }

    /// The first hundred, by their places in the document; the last says how many more there are.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.0.sort_by_key(|refusal| (refusal.line, refusal.column));
        let all = self.0.len();
        if all > Self::MOST {
            self.0.truncate(Self::MOST);
            let message = format!("{} more problems were found; mend these first.", all - Self::MOST);
            self.push(Refusal::new(RefusalCode::Invalid, message));
        }
        self
    }

    /// `value` if nothing was refused.
    ///
    /// # Errors
    /// All refusals, when there is one.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, refusal) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            if let (Some(line), Some(column)) = (refusal.line, refusal.column) {
                write!(f, "line {line}, column {column}: ")?;
            }
            if !refusal.field.is_empty() {
                write!(f, "{}: ", refusal.field.join("."))?;
            }
            f.write_str(&refusal.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusals {}
