//! When rights changed last: a number for each tenant, which rises in the transaction of the change. Whoever holds
//! something open for a caller looks at it, and asks again when it has risen.

use crate::error::Result;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use std::collections::HashMap;
use uuid::Uuid;
use waymark_domain::kernel::{Change, DomainId, TenantId};
use waymark_domain::people::PeopleEvent;

/// Raises the number if one of the changes may change what somebody may do.
pub(crate) async fn note_changes(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    changes: &[Change],
) -> Result<()> {
    if changes.iter().any(changes_rights) {
        let sql = "insert into access_epoch (tenant_id, epoch) values ($1, 1)
                   on conflict (tenant_id) do update set epoch = access_epoch.epoch + 1";
        let values = [tenant.uuid().into()];
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

fn changes_rights(change: &Change) -> bool {
    let moves = |event: &PeopleEvent| {
        matches!(
            event,
            PeopleEvent::Registered { .. }
                | PeopleEvent::Erased { .. }
                | PeopleEvent::TeamChanged { .. }
                | PeopleEvent::ReportingLineChanged { .. }
        )
    };
    match change {
        Change::Grant(_) => true,
        Change::Person(person) => person.events.iter().any(moves),
        Change::ErasureRequest(_)
        | Change::DataExport(_)
        | Change::Consent(_)
        | Change::Framework(_)
        | Change::Team(_)
        | Change::Evidence(_)
        | Change::SkillRecord(_) => false,
    }
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    epoch: i64,
}

/// The numbers of all tenants.
pub(super) async fn epochs(db: &impl ConnectionTrait) -> Result<HashMap<TenantId, i64>> {
    let sql = "select tenant_id, epoch from access_epoch";
    let rows = Row::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.tenant_id.into(), row.epoch)).collect())
}
