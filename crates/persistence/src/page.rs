//! Keyset pages: a page begins where another ended, at whatever depth for the same cost.

use crate::error::Result;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};
use uuid::Uuid;
use waymark_domain::ports::{Page, PageKey, PageRequest};

/// How a list is ordered: by a column, then by id, both in the same direction.
pub(crate) struct Ordering<C> {
    pub by: C,
    pub id: C,
    pub descending: bool,
}

/// The page of a list. `sort_value` turns a key's text into the column's value (`None`: the key is not one
/// of this list), `key` makes the key of a row.
pub(crate) async fn page<E, C, M>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    order: &Ordering<C>,
    request: &PageRequest,
    sort_value: impl Fn(&str) -> Option<Value>,
    key: impl Fn(&M) -> (String, Uuid),
) -> Result<Page<M>>
where
    E: EntityTrait<Model = M>,
    C: ColumnTrait,
    M: FromQueryResult + Send + Sync,
{
    // Reading backward is reading forward in the opposite order.
    let descending = order.descending != request.backward;
    let mut select = select;
    if let Some(from) = &request.from {
        let Some(value) = sort_value(&from.sort) else {
            return Ok(Page { items: Vec::new(), has_previous: false, has_next: false });
        };
        select = select.filter(beyond(order, descending, value, from.id));
    }
    let direction = if descending { Order::Desc } else { Order::Asc };
    let rows = select
        .order_by(order.by, direction.clone())
        .order_by(order.id, direction)
        .limit(u64::from(request.limit) + 1)
        .all(db)
        .await?;
    let keyed = rows.into_iter().map(|row| {
        let (sort, id) = key(&row);
        (PageKey { sort, id }, row)
    });
    Ok(assemble(keyed.collect(), request))
}

/// The page of what was read behind the request's key, in the direction of reading: one more than was asked for, if
/// there is more.
pub(crate) fn assemble<M>(mut items: Vec<(PageKey, M)>, request: &PageRequest) -> Page<M> {
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    if request.backward {
        items.reverse();
    }
    let entered = request.from.is_some();
    let (has_previous, has_next) = if request.backward { (more, entered) } else { (entered, more) };
    Page { items, has_previous, has_next }
}

fn beyond<C: ColumnTrait>(order: &Ordering<C>, descending: bool, value: Value, id: Uuid) -> Condition {
    let (further, tied) = if descending {
        (order.by.lt(value.clone()), order.id.lt(id))
    } else {
        (order.by.gt(value.clone()), order.id.gt(id))
    };
    Condition::any().add(further).add(Condition::all().add(order.by.eq(value)).add(tied))
}

/// The same page of something made from the rows.
pub(crate) fn try_map<M, T>(page: Page<M>, make: impl Fn(M) -> Result<T>) -> Result<Page<T>> {
    let items = page.items.into_iter().map(|(key, row)| Ok((key, make(row)?))).collect::<Result<_>>()?;
    Ok(Page { items, has_previous: page.has_previous, has_next: page.has_next })
}
