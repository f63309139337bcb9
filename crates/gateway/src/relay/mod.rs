//! Relay's conventions: global ids, cursors, pages.
//!
//! A list field takes [`PageArgs`], reads a page, and returns a [`List`]:
//!
//! ```text
//! let request = PageArgs::new(first, after, last, before).request(&cursors, &scope)?;
//! let page = readers.people(viewer, &filter, request).await?;
//! Ok(list(page, &cursors, scope, count))
//! ```

mod cursor;
mod filter;
mod global_id;
mod list;
mod page;

pub use cursor::{CursorKey, CursorScope};
pub(crate) use filter::{IdFilter, OrderDirection, Tests, TextFilter, bounded};
pub use global_id::{GlobalId, NodeType};
pub(crate) use list::{Count, List, list, whole};
pub use page::PageArgs;
pub(crate) use page::{MOST_ENTRIES, first_cost, list_cost, page_cost};
