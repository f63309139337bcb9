//! Connections: edges, nodes, page info, and a count that is taken only when it is asked for.
//!
//! The engine's own connection type has no description and cannot be given one.

use super::{CursorKey, CursorScope};
use crate::error::fault_of;
use async_graphql::connection::PageInfo;
use async_graphql::{Object, OutputType, Result, TypeName};
use futures_util::future::BoxFuture;
use std::borrow::Cow;
use std::sync::Arc;
use waymark_domain::ports::{Page, PageKey, PortError};

/// Counts a list, when somebody asks.
pub(crate) type Count = Arc<dyn Fn() -> BoxFuture<'static, Result<u64, PortError>> + Send + Sync>;

/// A page of a list.
pub(crate) struct List<T> {
    edges: Vec<Edge<T>>,
    has_previous: bool,
    has_next: bool,
    count: Count,
}

impl<T: OutputType> TypeName for List<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: OutputType> List<T> {
    /// The entries with their cursors.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The entries alone.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page begins and ends, and whether there is more.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }

    /// How many entries the whole list has.
    async fn total_count(&self) -> Result<u64> {
        (self.count)().await.map_err(|error| fault_of(&error))
    }
}

/// An entry of a list with its place.
pub(crate) struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// An entry of a list with its place.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// The place: hand it to `after` or `before`.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The entry.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// The connection of a page.
pub(crate) fn list<V, T: From<V>>(
    page: Page<V>,
    cursors: &CursorKey,
    scope: &CursorScope,
    count: Count,
) -> List<T> {
    let edge = |(key, view): (PageKey, V)| Edge { cursor: cursors.encode(scope, &key), node: T::from(view) };
    List {
        edges: page.items.into_iter().map(edge).collect(),
        has_previous: page.has_previous,
        has_next: page.has_next,
        count,
    }
}

/// A page of a list that is in memory as a whole, in its order. Entries are found again by their id.
pub(crate) fn whole<V>(
    items: Vec<V>,
    id: impl Fn(&V) -> uuid::Uuid,
    request: &waymark_domain::ports::PageRequest,
) -> Page<V> {
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let total = items.len();
    let at = request.from.as_ref().and_then(|from| items.iter().position(|item| id(item) == from.id));
    let (start, end) = match (request.backward, at) {
        (false, at) => {
            let start = at.map_or(0, |at| at + 1);
            (start, total.min(start + limit))
        }
        (true, at) => {
            let end = at.unwrap_or(total);
            (end.saturating_sub(limit), end)
        }
    };
    let key = |item: &V| PageKey { sort: String::new(), id: id(item) };
    let items = items.into_iter().skip(start).take(end - start).map(|item| (key(&item), item)).collect();
    Page { items, has_previous: start > 0, has_next: end < total }
}
