//! Loading and saving people and teams.

use super::row::{assignment, person, team};
use crate::bitemporal::{self, Fact};
use crate::database::any;
use crate::error::{Fault, Result};
use crate::vault::{Sealer, Vault};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    Statement,
};
use uuid::Uuid;
use waymark_domain::kernel::{CommandContext, DomainId, TeamId, TenantId};
use waymark_domain::people::{PeopleEvent, Person, Team};
use waymark_domain::ports::Ids;

/// Rows of one statement: SQLite takes at most 32,766 parameters.
const CHUNK: usize = 1_000;

/// The people for whom the condition holds.
pub(crate) async fn people(
    db: &impl ConnectionTrait,
    vault: &Vault,
    tenant: TenantId,
    condition: SimpleExpr,
) -> Result<Vec<Person>> {
    let rows = person::Entity::find()
        .filter(person::Column::TenantId.eq(tenant.uuid()))
        // Nobody does anything to somebody who is erased.
        .filter(person::Column::ErasedAt.is_null())
        .filter(condition)
        .all(db)
        .await?;
    vault.open(db, rows).await?.into_iter().map(person::Model::into_person).collect()
}

/// The teams with these ids.
pub(crate) async fn teams(db: &impl ConnectionTrait, tenant: TenantId, ids: &[TeamId]) -> Result<Vec<Team>> {
    let rows = team::Entity::find()
        .filter(team::Column::TenantId.eq(tenant.uuid()))
        .filter(any(db, team::Column::Id, ids.iter().map(|id| id.uuid())))
        .all(db)
        .await?;
    rows.into_iter().map(team::Model::into_team).collect()
}

/// Writes teams at their next revision.
pub(crate) async fn save_teams(db: &impl ConnectionTrait, tenant: TenantId, teams: &[&Team]) -> Result<()> {
    let new = teams.iter().filter(|team| team.revision == 0).map(|team| team::Model::of(tenant, team));
    let new: Vec<_> = new.map(IntoActiveModel::into_active_model).collect();
    for chunk in new.chunks(CHUNK) {
        team::Entity::insert_many(chunk.to_vec()).exec_without_returning(db).await?;
    }
    for team in teams.iter().filter(|team| team.revision > 0) {
        let done = team::Entity::update_many()
            .set(team::Model::of(tenant, team).into_active_model().reset_all())
            .filter(team::Column::Id.eq(team.id.uuid()))
            .filter(team::Column::Revision.eq(team.revision))
            .exec(db)
            .await?;
        if done.rows_affected == 0 {
            return Err(Fault::Conflict { table: "team" });
        }
    }
    Ok(())
}

/// Writes people at their next revision, and their assignments over both times.
pub(crate) async fn save_people(
    db: &impl ConnectionTrait,
    ids: &dyn Ids,
    context: &CommandContext,
    sealer: &Sealer,
    people: &[&Person],
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let tenant = context.actor.tenant.id;
    let change = next_change(db, tenant).await?;
    let new = people.iter().filter(|person| person.revision == 0);
    let new = new.map(|person| sealer.seal_person(person::Model::of(tenant, change, person)));
    let new = new.map(|row| Ok(row?.into_active_model())).collect::<Result<Vec<_>>>()?;
    for chunk in new.chunks(CHUNK) {
        person::Entity::insert_many(chunk.to_vec()).exec_without_returning(db).await?;
    }
    free_addresses(db, people).await?;
    for person in people.iter().filter(|person| person.revision > 0) {
        let done = person::Entity::update_many()
            .set(update_of(tenant, change, sealer, person)?)
            .filter(person::Column::Id.eq(person.id.uuid()))
            .filter(person::Column::Revision.eq(person.revision))
            .exec(db)
            .await?;
        if done.rows_affected == 0 {
            return Err(Fault::Conflict { table: "person" });
        }
    }
    super::lines::check(db, tenant, people).await?;
    assign(db, ids, context, people).await
}

/// What an update of the person's row writes: everything but when they were erased.
fn update_of(tenant: TenantId, change: i64, sealer: &Sealer, person: &Person) -> Result<person::ActiveModel> {
    let row = person::Model::of(tenant, change, person);
    // Of somebody who is erased nothing is left to seal, and with their key goes what was sealed under it.
    let row = if person.is_erased() { row } else { sealer.seal_person(row)? };
    Ok(person::ActiveModel { erased_at: ActiveValue::NotSet, ..row.into_active_model().reset_all() })
}

/// The number of this change of the tenant's people. Whoever writes people waits here for others who do, so that
/// numbers rise in the order of commits.
async fn next_change(db: &impl ConnectionTrait, tenant: TenantId) -> Result<i64> {
    let sql = "insert into people_change (tenant_id, change) values ($1, 2)
               on conflict (tenant_id) do update set change = people_change.change + 1 returning change";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.uuid().into()]);
    let row = db.query_one_raw(statement).await?;
    let row = row.ok_or(Fault::Conflict { table: "people_change" })?;
    Ok(row.try_get("", "change")?)
}

/// Addresses that are about to change are free at once, so that two people may swap theirs.
async fn free_addresses(db: &impl ConnectionTrait, people: &[&Person]) -> Result<()> {
    let moves = |event: &PeopleEvent| matches!(event, PeopleEvent::Updated { fields, .. } if fields.contains(&"email"));
    let known = people.iter().filter(|person| person.revision > 0 && person.events.iter().any(moves));
    let ids: Vec<Uuid> = known.map(|person| person.id.uuid()).collect();
    for chunk in ids.chunks(CHUNK) {
        person::Entity::update_many()
            .col_expr(person::Column::EmailKey, Expr::value(Option::<String>::None))
            .filter(any(db, person::Column::Id, chunk.iter().copied()))
            .exec(db)
            .await?;
    }
    Ok(())
}

async fn assign(
    db: &impl ConnectionTrait,
    ids: &dyn Ids,
    context: &CommandContext,
    people: &[&Person],
) -> Result<()> {
    let mut first = Vec::new();
    for person in people {
        let mut known = person.revision > 0;
        for event in &person.events {
            let PeopleEvent::Assigned { person: id, position, from } = event else { continue };
            let row = assignment::Model {
                id: ids.next(),
                tenant_id: context.actor.tenant.id.uuid(),
                person_id: id.uuid(),
                position_id: position.uuid(),
                valid_from: midnight(*from),
                valid_to: None,
                recorded_at: context.at,
                superseded_at: None,
            };
            // Of somebody who is new, nothing earlier can be believed.
            if known {
                bitemporal::believe(db, ids, row).await?
            } else {
                first.push(row.into_active_model())
            }
            known = true;
        }
    }
    for chunk in first.chunks(CHUNK) {
        assignment::Entity::insert_many(chunk.to_vec()).exec_without_returning(db).await?;
    }
    Ok(())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

impl Fact for assignment::Model {
    type Entity = assignment::Entity;

    fn same_subject(&self) -> SimpleExpr {
        assignment::Column::PersonId.eq(self.person_id)
    }

    fn columns() -> bitemporal::Columns<assignment::Column> {
        bitemporal::Columns {
            id: assignment::Column::Id,
            valid_to: assignment::Column::ValidTo,
            superseded_at: assignment::Column::SupersededAt,
        }
    }

    fn times(&mut self) -> bitemporal::Times<'_> {
        bitemporal::Times {
            id: &mut self.id,
            valid_from: &mut self.valid_from,
            valid_to: &mut self.valid_to,
            recorded_at: &mut self.recorded_at,
        }
    }
}
