//! Loading and saving grants.

use super::row::grant;
use crate::error::{Fault, Result};
use crate::vault::{Sealer, Vault};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use waymark_domain::access::Grant;
use waymark_domain::kernel::{DomainId, GrantId, HeldRole, TenantId};

/// The grant with this id.
pub(crate) async fn by_id(
    db: &impl ConnectionTrait,
    vault: &Vault,
    tenant: TenantId,
    id: GrantId,
) -> Result<Option<Grant>> {
    let select = grant::Entity::find_by_id(id.uuid()).filter(grant::Column::TenantId.eq(tenant.uuid()));
    vault.open_one(db, select.one(db).await?).await?.map(grant::Model::into_grant).transpose()
}

/// The roles that the subject of tokens holds at this moment.
pub(crate) async fn held(
    db: &impl ConnectionTrait,
    vault: &Vault,
    tenant: TenantId,
    subject: &str,
    at: DateTime<Utc>,
) -> Result<Vec<HeldRole>> {
    let select = grant::Entity::find()
        .filter(grant::Column::TenantId.eq(tenant.uuid()))
        .filter(grant::Column::Subject.is_in(vault.external_ids(db, tenant, &[subject]).await?))
        .filter(grant::Column::ApprovedBy.is_not_null())
        .filter(grant::Column::RevokedAt.is_null());
    let mut held = Vec::new();
    for row in select.all(db).await? {
        let grant = row.into_grant()?;
        if grant.holds_at(at) {
            held.push(grant.held);
        }
    }
    Ok(held)
}

/// Writes a grant at its next revision.
pub(crate) async fn save_grant(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    tenant: TenantId,
    changed: &Grant,
) -> Result<()> {
    let row = sealer.seal(grant::Model::of(tenant, changed))?;
    if changed.revision == 0 {
        grant::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
        return Ok(());
    }
    let updated = grant::Entity::update_many()
        .set(row.clone().into_active_model().reset_all())
        .filter(grant::Column::Id.eq(row.id))
        .filter(grant::Column::TenantId.eq(tenant.uuid()))
        .filter(grant::Column::Revision.eq(changed.revision))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(Fault::Conflict { table: "access_grant" }) }
}
