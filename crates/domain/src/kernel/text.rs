//! Text that people write, checked once at the door.

use super::{Refusal, RefusalCode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest key, in characters.
const KEY_LENGTH: usize = 64;

/// A short name for machines and URLs: `[a-z][a-z0-9-]*`, at most 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key of this text.
    ///
    /// # Errors
    /// `Invalid` when the text has another form.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let mut chars = text.chars();
        let starts = chars.next().is_some_and(|c| c.is_ascii_lowercase());
        let goes_on = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if starts && goes_on && text.len() <= KEY_LENGTH {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            RefusalCode::Invalid,
            format!(
                "{} is not a key: start with a letter a-z, then letters a-z, digits and hyphens, at most \
                 {KEY_LENGTH} characters.",
                excerpt(text)
            ),
        ))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rules of a piece of text: lengths in characters, on one line or many.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Fewest characters after trimming.
    pub min: usize,
    /// Most characters after trimming.
    pub max: usize,
    /// Whether line breaks and tabs may be in it.
    pub multiline: bool,
}

impl Text {
    /// A title or a name: 1..=120 characters on one line.
    pub const TITLE: Self = Self { min: 1, max: 120, multiline: false };
    /// A description: up to 2,000 characters.
    pub const DESCRIPTION: Self = Self { min: 0, max: 2_000, multiline: true };
    /// A criterion or a reason: 1..=1,000 characters.
    pub const STATEMENT: Self = Self { min: 1, max: 1_000, multiline: true };
    /// The body of a piece of evidence: up to 20,000 characters of Markdown.
    pub const BODY: Self = Self { min: 0, max: 20_000, multiline: true };

    /// The trimmed text, if it keeps the rules.
    ///
    /// # Errors
    /// `Required` when it is too short for a text that must be there, `Invalid` when it is too long or has
    /// control characters (NUL among them: PostgreSQL cannot store it).
    pub fn check(self, text: &str) -> Result<String, Refusal> {
        let text = text.trim();
        let length = text.chars().count();
        if length < self.min {
            return Err(Refusal::new(RefusalCode::Required, "A text is needed here."));
        }
        if length > self.max {
            return Err(Refusal::new(
                RefusalCode::Invalid,
                format!("The text has {length} characters; at most {} are allowed.", self.max),
            ));
        }
        let allowed = |c: char| !c.is_control() || (self.multiline && matches!(c, '\n' | '\r' | '\t'));
        match text.chars().find(|c| !allowed(*c)) {
            Some(c) => Err(Refusal::new(
                RefusalCode::Invalid,
                format!("The control character U+{:04X} is not allowed here.", u32::from(c)),
            )),
            None => Ok(text.to_owned()),
        }
    }
}

/// The text on one line, its white space folded: for comparing names.
#[must_use]
pub fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text that somebody sent, quoted and short enough for a message.
#[must_use]
pub fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}
