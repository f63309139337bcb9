//! Loading and saving skill records.

use super::row::{history, item, record};
use crate::bitemporal::{self, Columns, Fact, Times};
use crate::database::any;
use crate::error::{Fault, Result};
use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};
use std::collections::HashMap;
use uuid::Uuid;
use waymark_domain::kernel::{CommandContext, DomainId};
use waymark_domain::ports::Ids;
use waymark_domain::progress::{Item, Policy, SkillRecord};

/// The records for which the condition holds (it names the tenant), with their items, in two statements.
pub(crate) async fn records(db: &impl ConnectionTrait, condition: Condition) -> Result<Vec<SkillRecord>> {
    let rows = record::Entity::find().filter(condition).all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let items = item::Entity::find()
        .filter(any(db, item::Column::RecordId, rows.iter().map(|row| row.id)))
        .order_by_asc(item::Column::RecordedAt)
        .order_by_asc(item::Column::Id)
        .all(db)
        .await?;
    let mut by_record: HashMap<Uuid, Vec<Item>> = HashMap::new();
    for row in items {
        by_record.entry(row.record_id).or_default().push(row.into_item()?);
    }
    rows.into_iter()
        .map(|row| {
            let items = by_record.remove(&row.id).unwrap_or_default();
            row.into_record(items)
        })
        .collect()
}

/// Writes a record at its next revision, its new and ended items, and its figures over both times.
pub(crate) async fn save_record(
    db: &impl ConnectionTrait,
    ids: &dyn Ids,
    context: &CommandContext,
    skill_record: &SkillRecord,
) -> Result<()> {
    let tenant_id = context.actor.tenant.id.uuid();
    let figures = skill_record.snapshot(&Policy::default(), context.at);
    let row = record::Model {
        id: skill_record.id.uuid(),
        tenant_id,
        person_id: skill_record.person.uuid(),
        skill_id: skill_record.skill.uuid(),
        kind: skill_record.kind.name().to_owned(),
        attested_level: figures.attested.map(|level| i16::from(level.get())),
        score: figures.score,
        confidence: figures.confidence,
        last_item_on: figures.last_item_on,
        revision: skill_record.revision + 1,
    };
    let fact = history::Model {
        id: ids.next(),
        tenant_id,
        record_id: row.id,
        attested_level: row.attested_level,
        score: row.score,
        confidence: row.confidence,
        last_item_on: row.last_item_on,
        valid_from: context.at,
        valid_to: None,
        recorded_at: context.at,
        superseded_at: None,
    };
    if skill_record.revision == 0 {
        record::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    } else {
        let done = record::Entity::update_many()
            .set(row.into_active_model().reset_all())
            .filter(record::Column::Id.eq(skill_record.id.uuid()))
            .filter(record::Column::Revision.eq(skill_record.revision))
            .exec(db)
            .await?;
        if done.rows_affected == 0 {
            return Err(Fault::Conflict { table: "skill_record" });
        }
    }
    save_items(db, context, skill_record).await?;
    bitemporal::believe(db, ids, fact).await
}

/// Items are only added, and ended once: whatever bears the time of this command is new or newly ended.
async fn save_items(db: &impl ConnectionTrait, context: &CommandContext, record: &SkillRecord) -> Result<()> {
    let ended = record.items.iter().filter(|item| item.ended_at == Some(context.at));
    let ended: Vec<Uuid> = ended.map(|item| item.id.uuid()).collect();
    if !ended.is_empty() {
        item::Entity::update_many()
            .col_expr(item::Column::EndedAt, Expr::value(context.at))
            .filter(any(db, item::Column::Id, ended))
            .filter(item::Column::EndedAt.is_null())
            .exec(db)
            .await?;
    }
    let new = record.items.iter().filter(|item| item.recorded_at == context.at);
    let new: Vec<_> =
        new.map(|item| item::Model::of(context.actor.tenant.id, record, item).into_active_model()).collect();
    if !new.is_empty() {
        // Two commands of one moment: the items of the first one are there already.
        item::Entity::insert_many(new)
            .on_conflict(OnConflict::column(item::Column::Id).do_nothing().to_owned())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

impl Fact for history::Model {
    type Entity = history::Entity;

    fn same_subject(&self) -> SimpleExpr {
        history::Column::RecordId.eq(self.record_id)
    }

    fn columns() -> Columns<history::Column> {
        Columns {
            id: history::Column::Id,
            valid_to: history::Column::ValidTo,
            superseded_at: history::Column::SupersededAt,
        }
    }

    fn times(&mut self) -> Times<'_> {
        Times {
            id: &mut self.id,
            valid_from: &mut self.valid_from,
            valid_to: &mut self.valid_to,
            recorded_at: &mut self.recorded_at,
        }
    }
}
