//! Keyset pages.

use uuid::Uuid;

/// A place in an ordered list: the sort value of an entry, and its id to break ties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageKey {
    /// The value by which the list is ordered, as text that sorts like it.
    pub sort: String,
    /// The entry.
    pub id: Uuid,
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Most entries, 1 to 100.
    pub limit: u32,
    /// Whether the page ends at `from` (last/before) instead of beginning there (first/after).
    pub backward: bool,
    /// The entry next to the page, itself excluded; the list's end if none.
    pub from: Option<PageKey>,
}

/// A page of a list, in the list's order.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The entries with their places.
    pub items: Vec<(PageKey, T)>,
    /// Whether entries come before the page.
    pub has_previous: bool,
    /// Whether entries come after the page.
    pub has_next: bool,
}
