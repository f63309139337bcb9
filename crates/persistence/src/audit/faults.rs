//! What is wrong with the first entry that does not fit, as far as a page of entries shows it.

use super::canonical::hash;
use super::row::entry;
use waymark_domain::audit::{Anchor, AuditFaultKind};

/// A row as the database has it; without the entry if no entry can be read from it.
pub(super) struct Found {
    pub number: i64,
    pub entry: Option<entry::Model>,
}

impl Found {
    /// The hash that the row has; nothing for one that cannot be read.
    fn stored(&self) -> Option<&str> {
        self.entry.as_ref().map(|entry| entry.hash.as_str())
    }

    /// The hash that its entry would have at this place.
    fn hash_at(&self, number: i64, previous: &str) -> Option<String> {
        hash(previous, self.entry.as_ref()?, number)
    }

    /// The place after this row, if the row is what was sealed after `reached`.
    pub fn follows(&self, reached: &Anchor) -> Option<Anchor> {
        let number = reached.number + 1;
        let hash = self.hash_at(number, &reached.hash)?;
        (self.number == number && self.stored() == Some(hash.as_str())).then_some(Anchor { number, hash })
    }
}

/// Why the first of these rows, which has the right number, is not the entry that was sealed after `reached`.
pub(super) fn classify(rows: &[Found], reached: &Anchor) -> AuditFaultKind {
    let Some((first, later)) = rows.split_first() else { return AuditFaultKind::Changed };
    let due = reached.number + 1;
    for (index, other) in later.iter().enumerate() {
        // Where entries were exchanged, their hashes may have gone with them or not.
        let Some(wanted) = other.hash_at(due, &reached.hash) else { continue };
        if ![other.stored(), first.stored()].contains(&Some(wanted.as_str())) {
            continue;
        }
        // The one that was sealed here stands at `other` now. If the first one belongs there, they were exchanged.
        let before = if index == 0 { Some(wanted.as_str()) } else { later[index - 1].stored() };
        let moved = before.and_then(|before| first.hash_at(other.number, before));
        let exchanged =
            moved.is_some_and(|hash| [first.stored(), other.stored()].contains(&Some(hash.as_str())));
        return match exchanged {
            true => AuditFaultKind::Reordered,
            // What was sealed here stands one further on: something was put before it.
            false if index == 0 => AuditFaultKind::Inserted,
            false => AuditFaultKind::Reordered,
        };
    }
    AuditFaultKind::Changed
}
