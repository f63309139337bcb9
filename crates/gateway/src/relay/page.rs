//! Arguments of pages.

use super::{CursorKey, CursorScope};
use crate::error::{Code, coded};
use async_graphql::Result;
use waymark_domain::ports::PageRequest;

/// Entries of a page when nobody says how many.
const DEFAULT: u32 = 20;
/// Most entries of a page.
pub(crate) const MOST_ENTRIES: u32 = 100;

/// `first` and `after`, or `last` and `before`.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

impl PageArgs {
    /// The arguments as they came.
    #[must_use]
    pub fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Self {
        Self { first, after, last, before }
    }

    /// The page that is asked for.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for both directions at once or a number outside 1..=100, `BAD_CURSOR`.
    pub fn request(self, cursors: &CursorKey, scope: &CursorScope) -> Result<PageRequest> {
        let forward = self.first.is_some() || self.after.is_some();
        let backward = self.last.is_some() || self.before.is_some();
        if forward && backward {
            let message = "Ask for `first` (and `after`) or for `last` (and `before`), not for both.";
            return Err(coded(Code::BadUserInput, message));
        }
        let (limit, cursor) = if backward { (self.last, self.before) } else { (self.first, self.after) };
        let from = cursor.map(|cursor| cursors.decode(scope, &cursor)).transpose()?;
        Ok(PageRequest { limit: limit_of(limit)?, backward, from })
    }
}

fn limit_of(limit: Option<i32>) -> Result<u32> {
    let Some(limit) = limit else { return Ok(DEFAULT) };
    let within = u32::try_from(limit).ok().filter(|limit| (1..=MOST_ENTRIES).contains(limit));
    within.ok_or_else(|| {
        coded(Code::BadUserInput, format!("A page has 1 to {MOST_ENTRIES} entries, not {limit}."))
    })
}

/// What a page costs: its entries, each with all that is asked of it.
pub(crate) fn page_cost(first: Option<i32>, last: Option<i32>, child: usize) -> usize {
    let entries = first.or(last).unwrap_or(20).clamp(1, 100);
    usize::try_from(entries).unwrap_or(100).saturating_mul(child.max(1))
}

/// What a list costs of which `first` says how many are wanted, and `usual` how many come if it does not.
pub(crate) fn first_cost(first: Option<i32>, usual: i32, child: usize) -> usize {
    page_cost(Some(first.unwrap_or(usual)), None, child)
}

/// What a list costs that has no pages: about as many entries as it usually has, each with all that is asked
/// of it.
pub(crate) fn list_cost(usual: usize, child: usize) -> usize {
    usual.saturating_mul(child.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use waymark_domain::kernel::{Actor, Tenant};

    #[test]
    fn pages_have_bounds_and_one_direction() {
        let cursors = CursorKey::new(&[7; 32]);
        let viewer = Actor::human(Tenant::named("a"), "somebody", None, false);
        let scope = CursorScope::new(&viewer, "people", "");
        let ask = |first, last| PageArgs::new(first, None, last, None).request(&cursors, &scope);
        assert_eq!(ask(None, None).map(|r| (r.limit, r.backward)).ok(), Some((20, false)));
        assert_eq!(ask(Some(100), None).map(|r| r.limit).ok(), Some(100));
        assert_eq!(ask(None, Some(3)).map(|r| (r.limit, r.backward)).ok(), Some((3, true)));
        for (first, last) in
            [(Some(0), None), (Some(-1), None), (Some(101), None), (None, Some(i32::MAX)), (Some(1), Some(1))]
        {
            assert!(ask(first, last).is_err(), "{first:?} {last:?}");
        }
    }
}
