//! Whether a chain is what was sealed.

use crate::kernel::AuditEntryId;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A place in a chain, and the hash that the entry there has: with it everything up to that entry is fixed. Written
/// `120:<64 hexadecimal digits>`. Place 0 is before the first entry; its hash is all zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The number of the entry.
    pub number: i64,
    /// Its hash, in lower-case hexadecimal digits.
    pub hash: String,
}

/// A text that is no anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an anchor is the number of an entry, a colon and its hash of 64 hexadecimal digits")]
pub struct NoAnchor;

impl Anchor {
    /// Digits of a hash.
    const DIGITS: usize = 64;

    /// Before the first entry.
    #[must_use]
    pub fn start() -> Self {
        Self { number: 0, hash: "0".repeat(Self::DIGITS) }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Anchor {
    type Err = NoAnchor;

    fn from_str(text: &str) -> Result<Self, NoAnchor> {
        let (number, hash) = text.split_once(':').ok_or(NoAnchor)?;
        let number: i64 = number.parse().map_err(|_| NoAnchor)?;
        let hex = hash.len() == Self::DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let anchor = Self { number, hash: hash.to_ascii_lowercase() };
        let fits = number > 0 || anchor == Self::start();
        if hex && fits { Ok(anchor) } else { Err(NoAnchor) }
    }
}

/// What is wrong with the first entry at which a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditFaultKind {
    /// The entry does not follow from the one before: one of the two was changed.
    Changed,
    /// The entry has another hash than the one that was noted.
    Unexpected,
    /// There is no entry of this number, but later ones.
    Missing,
    /// The entry was not sealed here.
    Inserted,
    /// The entry was sealed at another place.
    Reordered,
    /// The chain ends before this number: it was longer once.
    TailCut,
    /// The last entry does not fit the head: one of the two was changed.
    HeadChanged,
}

impl AuditFaultKind {
    /// What is wrong, so that "Entry 5 ..." is a sentence.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Changed => "does not follow from the one before: one of the two, or a hash, was changed",
            Self::Unexpected => {
                "has another hash than the one that was noted: it, or one before it, was changed"
            }
            Self::Missing => "is missing, while later ones are there: it was deleted",
            Self::Inserted => "was never sealed here: it was inserted",
            Self::Reordered => "was sealed at another place: entries were put in another order",
            Self::TailCut => "is missing, and so is everything after it: the end of the chain was cut off",
            Self::HeadChanged => "does not fit the head of the chain: one of the two was changed",
        }
    }
}

/// The first place at which a chain is broken. What comes before fits together; whether all of that is what was sealed is
/// shown by an anchor that was noted elsewhere, since anybody can compute hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditFault {
    /// The number of the entry.
    pub number: i64,
    /// The entry that stands there, if one does.
    pub entry: Option<AuditEntryId>,
    /// What is wrong.
    pub kind: AuditFaultKind,
}

/// What a look at a part of a chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many entries fit together.
    pub checked: u64,
    /// The last of them: where to go on.
    pub reached: Anchor,
    /// The end of the chain as the database has it; none if there is none.
    pub head: Option<Anchor>,
    /// Whether the look came to the end of the chain.
    pub complete: bool,
    /// The first place at which it is broken.
    pub fault: Option<AuditFault>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_written_in_one_way() {
        let hash = "ab".repeat(32);
        let anchor: Anchor = format!("7:{}", hash.to_uppercase()).parse().expect("an anchor");
        assert_eq!(anchor, Anchor { number: 7, hash: hash.clone() });
        assert_eq!(anchor.to_string().parse(), Ok(anchor));
        assert_eq!(Anchor::start().to_string().parse(), Ok(Anchor::start()));
        for text in ["", "7", ":", "7:ab", &format!("x:{hash}"), &format!("-1:{hash}"), &format!("0:{hash}")]
        {
            assert_eq!(text.parse::<Anchor>(), Err(NoAnchor), "{text}");
        }
    }
}
