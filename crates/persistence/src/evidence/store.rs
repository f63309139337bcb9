//! Loading and saving evidence.

use super::row::piece;
use crate::error::{Fault, Result};
use crate::vault::{Sealer, Vault};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use waymark_domain::evidence::Evidence;
use waymark_domain::kernel::{DomainId, EvidenceId, TenantId};

/// The evidence with this id.
pub(crate) async fn evidence(
    db: &impl ConnectionTrait,
    vault: &Vault,
    tenant: TenantId,
    id: EvidenceId,
) -> Result<Option<Evidence>> {
    let row = piece::Entity::find_by_id(id.uuid())
        .filter(piece::Column::TenantId.eq(tenant.uuid()))
        .one(db)
        .await?;
    vault.open_one(db, row).await?.map(piece::Model::into_evidence).transpose()
}

/// Writes evidence at its next revision.
pub(crate) async fn save_evidence(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    tenant: TenantId,
    evidence: &Evidence,
) -> Result<()> {
    let row = sealer.seal(piece::Model::of(tenant, evidence)?)?;
    if evidence.revision == 0 {
        piece::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
        return Ok(());
    }
    let done = piece::Entity::update_many()
        .set(row.into_active_model().reset_all())
        .filter(piece::Column::Id.eq(evidence.id.uuid()))
        .filter(piece::Column::Revision.eq(evidence.revision))
        .exec(db)
        .await?;
    if done.rows_affected == 0 { Err(Fault::Conflict { table: "evidence" }) } else { Ok(()) }
}
