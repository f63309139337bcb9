//! Reporting lines: reading them upwards, and keeping them without a circle whoever writes at once.

use crate::error::{Fault, Result};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use std::collections::HashMap;
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, PersonId, TenantId};
use waymark_domain::people::{PeopleEvent, Person, find_reporting_cycle};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// People of one statement: SQLite takes at most 32,766 parameters.
const CHUNK: usize = 1_000;

/// Tells the lock on reporting lines apart from others on the same tenant.
const LOCK: u64 = 0x6c_696e_6573;

#[derive(FromQueryResult)]
struct Line {
    id: Uuid,
    manager_id: Uuid,
}

/// Who reports to whom, on every way up from these people, in one statement.
pub(crate) async fn reporting_lines(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    of: &[PersonId],
) -> Result<HashMap<PersonId, PersonId>> {
    let mut lines = HashMap::new();
    for chunk in of.chunks(CHUNK) {
        let backend = db.get_database_backend();
        let mut values: Vec<Value> = vec![tenant.uuid().into()];
        let starts = match backend {
            DbBackend::Postgres => {
                let ids: Vec<Uuid> = chunk.iter().map(|id| id.uuid()).collect();
                values.push(ids.into());
                "= any($2)".to_owned()
            }
            _ => {
                values.extend(chunk.iter().map(|id| Value::from(id.uuid())));
                let marks: Vec<_> = (0..chunk.len()).map(|index| format!("${}", index + 2)).collect();
                format!("in ({})", marks.join(", "))
            }
        };
        // `union`, not `union all`: even a circle in the rows would end.
        let sql = format!(
            "with recursive line (id, manager_id) as (
                 select id, manager_id from person where tenant_id = $1 and id {starts}
                 union
                 select above.id, above.manager_id from person above
                     join line on above.id = line.manager_id where above.tenant_id = $1
             )
             select id, manager_id from line where manager_id is not null"
        );
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let found = Line::find_by_statement(statement).all(db).await?;
        lines
            .extend(found.into_iter().map(|line| (PersonId::from(line.id), PersonId::from(line.manager_id))));
    }
    Ok(lines)
}

/// Makes sure that the lines just written make no circle with those that others wrote meanwhile. Two changes
/// that are fine one by one may close a circle together, and neither sees the other's rows: writers of lines
/// therefore stand in a line of their own until they commit.
///
/// # Errors
/// `Conflict` for the one who would close the circle; a second look at the lines then refuses it for good.
pub(crate) async fn check(db: &impl ConnectionTrait, tenant: TenantId, people: &[&Person]) -> Result<()> {
    let moved: Vec<PersonId> = people.iter().filter(|person| moves(person)).map(|person| person.id).collect();
    if moved.is_empty() {
        return Ok(());
    }
    if db.get_database_backend() == DbBackend::Postgres {
        let key = i64::from_ne_bytes(xxh3_64_with_seed(tenant.uuid().as_bytes(), LOCK).to_ne_bytes());
        let lock = "select pg_advisory_xact_lock($1)";
        db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [key.into()])).await?;
    }
    match find_reporting_cycle(&reporting_lines(db, tenant, &moved).await?) {
        Some(_) => Err(Fault::Conflict { table: "person" }),
        None => Ok(()),
    }
}

fn moves(person: &Person) -> bool {
    person.manager.is_some()
        && person.events.iter().any(|event| {
            matches!(event, PeopleEvent::ReportingLineChanged { .. } | PeopleEvent::Registered { .. })
        })
}
