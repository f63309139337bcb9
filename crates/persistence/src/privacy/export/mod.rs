//! Exports of people's data: asked for in a command, put together by whoever takes it first, fetched by the person.

mod collect;
mod work;

use crate::error::{Fault, Result, named};
use crate::keys::statement;
use crate::vault::{Place, Vault};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;
use waymark_domain::kernel::{Actor, DomainId, TenantId};
use waymark_domain::privacy::{DataExport, ExportState, ExportView};

/// Where the content of an export lies.
fn place(tenant: TenantId, row: Uuid) -> Place {
    Place { tenant: tenant.uuid(), table: "data_export", column: "sealed", row }
}

/// Writes a new export in the place of the person's earlier one.
pub(crate) async fn save(db: &impl ConnectionTrait, tenant: TenantId, export: &DataExport) -> Result<()> {
    let view = &export.view;
    let (tenant, person): (Uuid, Uuid) = (tenant.uuid(), view.person.uuid());
    let sql = "delete from data_export where tenant_id = $1 and person_id = $2";
    db.execute_raw(statement(db, sql, vec![tenant.into(), person.into()])).await?;
    // Two at once: the second finds a row that it did not see, and is tried again.
    let sql = "insert into data_export
            (id, tenant_id, person_id, state, requested_at, expires_at, link_hash, leased_until)
        values ($1, $2, $3, 'REQUESTED', $4, $5, $6, 0)
        on conflict do nothing";
    let values = vec![
        view.id.uuid().into(),
        tenant.into(),
        person.into(),
        view.requested_at.into(),
        view.expires_at.timestamp_millis().into(),
        export.link_hash.clone().into(),
    ];
    match db.execute_raw(statement(db, sql, values)).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Fault::Conflict { table: "data_export" }),
    }
}

/// The viewer's own exports that are not over yet.
pub(super) async fn of(db: &impl ConnectionTrait, viewer: &Actor) -> Result<Vec<ExportView>> {
    let Some(person) = viewer.person else { return Ok(Vec::new()) };
    let sql = "select id, person_id, state, requested_at, expires_at from data_export
        where tenant_id = $1 and person_id = $2 and expires_at > {now}";
    let values = vec![viewer.tenant.id.uuid().into(), person.uuid().into()];
    db.query_all_raw(statement(db, sql, values)).await?.iter().map(view).collect()
}

fn view(row: &QueryResult) -> Result<ExportView> {
    let id: Uuid = row.try_get("", "id")?;
    let state: String = row.try_get("", "state")?;
    let expires_at: i64 = row.try_get("", "expires_at")?;
    let requested_at: DateTime<Utc> = row.try_get("", "requested_at")?;
    Ok(ExportView {
        id: id.into(),
        person: row.try_get::<Uuid>("", "person_id")?.into(),
        state: named(&ExportState::NAMES, "data_export", "state", id, &state)?,
        requested_at,
        expires_at: DateTime::from_timestamp_millis(expires_at).unwrap_or(requested_at),
    })
}

/// What is in the viewer's own export with this link.
pub(super) async fn content(
    db: &impl ConnectionTrait,
    vault: &Vault,
    viewer: &Actor,
    link_hash: &str,
) -> Result<Option<String>> {
    let Some(person) = viewer.person else { return Ok(None) };
    let sql = "select id, content, sealed from data_export
        where tenant_id = $1 and person_id = $2 and link_hash = $3 and state = 'READY' and expires_at > {now}";
    let values = vec![viewer.tenant.id.uuid().into(), person.uuid().into(), link_hash.into()];
    let Some(row) = db.query_one_raw(statement(db, sql, values)).await? else { return Ok(None) };
    match row.try_get::<Option<Vec<u8>>>("", "sealed")? {
        Some(sealed) => {
            let place = place(viewer.tenant.id, row.try_get("", "id")?);
            vault.open_of(db, &place, person.uuid(), &sealed).await.map(Some)
        }
        None => Ok(row.try_get("", "content")?),
    }
}
