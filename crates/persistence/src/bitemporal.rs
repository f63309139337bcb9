//! Facts over both times: when something is true, and what was believed when.
//!
//! No row is ever overwritten with another fact. What is believed no longer is marked as superseded, so
//! that both "what held on day t" and "what did we know on day r" can be asked.

use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;
use waymark_domain::ports::Ids;

/// The columns of the two times.
pub(crate) struct Columns<C> {
    pub id: C,
    pub valid_to: C,
    pub superseded_at: C,
}

/// The values of the two times in a row.
pub(crate) struct Times<'m> {
    pub id: &'m mut Uuid,
    pub valid_from: &'m mut DateTime<Utc>,
    pub valid_to: &'m mut Option<DateTime<Utc>>,
    pub recorded_at: &'m mut DateTime<Utc>,
}

/// A row that says what is true of a subject for a stretch of time.
pub(crate) trait Fact: Clone + FromQueryResult + Send + Sync {
    type Entity: EntityTrait<Model = Self>;

    /// The condition that a row is about the same subject.
    fn same_subject(&self) -> SimpleExpr;
    /// Its columns.
    fn columns() -> Columns<<Self::Entity as EntityTrait>::Column>;
    /// Its times.
    fn times(&mut self) -> Times<'_>;
}

/// Believes a fact from its `valid_from` on, as of its `recorded_at`: what was believed of that stretch
/// until now is superseded, and what remains true of it (the part before) is written again.
pub(crate) async fn believe<F>(db: &impl ConnectionTrait, ids: &dyn Ids, mut fact: F) -> Result<()>
where
    F: Fact + IntoActiveModel<<F::Entity as EntityTrait>::ActiveModel>,
    <F::Entity as EntityTrait>::ActiveModel: Send,
{
    let columns = F::columns();
    let subject = fact.same_subject();
    let (from, recorded_at) = {
        let times = fact.times();
        (*times.valid_from, *times.recorded_at)
    };
    let overlapping = Condition::any().add(columns.valid_to.is_null()).add(columns.valid_to.gt(from));
    let believed = F::Entity::find()
        .filter(subject)
        .filter(columns.superseded_at.is_null())
        .filter(overlapping)
        .all(db)
        .await?;
    for mut earlier in believed {
        let id = *earlier.times().id;
        F::Entity::update_many()
            .col_expr(columns.superseded_at, Expr::value(recorded_at))
            .filter(columns.id.eq(id))
            .exec(db)
            .await?;
        let times = earlier.times();
        if *times.valid_from < from {
            *times.id = ids.next();
            *times.valid_to = Some(from);
            *times.recorded_at = recorded_at;
            F::Entity::insert(earlier.into_active_model()).exec_without_returning(db).await?;
        }
    }
    F::Entity::insert(fact.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
