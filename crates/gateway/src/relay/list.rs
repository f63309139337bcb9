//! Connections: edges, nodes, page info, and a count that is taken only when it is asked for.

use super::{CursorKey, CursorScope};
use crate::error::fault_of;
use async_graphql::connection::{Connection, ConnectionNameType, Edge, EdgeNameType, EmptyFields};
use async_graphql::{Context, Object, OutputType, Result};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use waymark_domain::ports::{Page, PageKey, PortError};

/// A connection to nodes of this type.
pub(crate) type List<T> = Connection<String, T, Total, EmptyFields, ListName, ListEdgeName>;

/// Counts a list, when somebody asks.
pub(crate) type Count = Arc<dyn Fn() -> BoxFuture<'static, Result<u64, PortError>> + Send + Sync>;

/// The fields of a connection beside Relay's.
pub(crate) struct Total(Count);

#[Object]
impl Total {
    /// How many entries the whole list has.
    async fn total_count(&self, _ctx: &Context<'_>) -> Result<u64> {
        (self.0)().await.map_err(|error| fault_of(&error))
    }
}

/// `PersonConnection`.
pub(crate) struct ListName;

impl ConnectionNameType for ListName {
    fn type_name<T: OutputType>() -> String {
        format!("{}Connection", T::type_name())
    }
}

/// `PersonEdge`.
pub(crate) struct ListEdgeName;

impl EdgeNameType for ListEdgeName {
    fn type_name<T: OutputType>() -> String {
        format!("{}Edge", T::type_name())
    }
}

/// The connection of a page.
pub(crate) fn list<V, T: OutputType + From<V>>(
    page: Page<V>,
    cursors: &CursorKey,
    scope: &CursorScope,
    count: Count,
) -> List<T> {
    let mut list = List::with_additional_fields(page.has_previous, page.has_next, Total(count));
    let edge = |(key, view): (PageKey, V)| Edge::new(cursors.encode(scope, &key), T::from(view));
    list.edges.extend(page.items.into_iter().map(edge));
    list
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
