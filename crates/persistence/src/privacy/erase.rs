//! What goes with a person who is erased: everything recorded about them, their roles, and the answers that are kept for
//! repeated mutations. What they wrote about others stays, under an id that leads to nobody.

use crate::database::execute;
use crate::error::Result;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend};
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, TenantId};
use waymark_domain::people::Person;

/// `$1` is the tenant, `$2` the person. Rows that refer to others go first.
const STATEMENTS: [&str; 11] = [
    // Roles are held by the subject of tokens, which the person's row still names when this runs.
    "delete from access_grant where tenant_id = $1
         and subject in (select external_id from person where tenant_id = $1 and id = $2)",
    "delete from skill_record_item where tenant_id = $1
         and record_id in (select id from skill_record where tenant_id = $1 and person_id = $2)",
    "delete from skill_record_history where tenant_id = $1
         and record_id in (select id from skill_record where tenant_id = $1 and person_id = $2)",
    "delete from skill_record where tenant_id = $1 and person_id = $2",
    "delete from evidence where tenant_id = $1 and person_id = $2",
    // Why an earlier request was refused says something about them; that it was stays.
    "update erasure_request set reason = null, sealed = null where tenant_id = $1 and person_id = $2",
    "delete from assignment where tenant_id = $1 and person_id = $2",
    "delete from consent where tenant_id = $1 and person_id = $2",
    "delete from data_export where tenant_id = $1 and person_id = $2",
    // Kept answers hold what was selected, which may be anything about them, whoever asked.
    "delete from mutation_key where tenant_id = $1 and actor_id = $2",
    "update mutation_key set answer = null, sealed = null where tenant_id = $1 and actor_id <> $2",
];

/// Removes what goes with those of these people who are erased, before their rows are written.
pub(crate) async fn erase(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    at: DateTime<Utc>,
    people: &[&Person],
) -> Result<()> {
    let erased = people.iter().filter(|person| person.is_erased());
    for person in erased {
        let (tenant, person): (Uuid, Uuid) = (tenant.uuid(), person.id.uuid());
        if db.get_database_backend() == DbBackend::Postgres {
            // Whoever is writing about them is waited for, so that it goes too; whoever comes later finds nobody.
            let sql = "select 1 from person where tenant_id = $1 and id = $2 for update";
            execute(db, sql, vec![tenant.into(), person.into()]).await?;
        }
        for sql in STATEMENTS {
            execute(db, sql, vec![tenant.into(), person.into()]).await?;
        }
        let sql = "update person set erased_at = $3 where tenant_id = $1 and id = $2";
        execute(db, sql, vec![tenant.into(), person.into(), at.into()]).await?;
    }
    Ok(())
}
