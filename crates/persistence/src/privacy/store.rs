//! Loading and saving requests.

use super::row::{erasure, name};
use crate::error::{Fault, Result};
use crate::vault::{Sealer, Vault};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use waymark_domain::kernel::{DomainId, ErasureRequestId, PersonId, TenantId};
use waymark_domain::privacy::{ErasureRequest, ErasureState};

/// The request with this id.
pub(crate) async fn by_id(
    db: &impl ConnectionTrait,
    vault: &Vault,
    tenant: TenantId,
    id: ErasureRequestId,
) -> Result<Option<ErasureRequest>> {
    let select = erasure::Entity::find_by_id(id.uuid()).filter(erasure::Column::TenantId.eq(tenant.uuid()));
    vault.open_one(db, select.one(db).await?).await?.map(erasure::Model::into_request).transpose()
}

/// The request about this person that awaits its decision.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    vault: &Vault,
    tenant: TenantId,
    person: PersonId,
) -> Result<Option<ErasureRequest>> {
    let select = erasure::Entity::find()
        .filter(erasure::Column::TenantId.eq(tenant.uuid()))
        .filter(erasure::Column::PersonId.eq(person.uuid()))
        .filter(erasure::Column::State.eq(name(ErasureState::Received)));
    vault.open_one(db, select.one(db).await?).await?.map(erasure::Model::into_request).transpose()
}

/// Writes a request at its next revision.
pub(crate) async fn save_request(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    tenant: TenantId,
    request: &ErasureRequest,
) -> Result<()> {
    let row = sealer.seal(erasure::Model::of(tenant, request))?;
    if request.revision == 0 {
        // Two who ask at once: the second finds the first one's when it is tried again.
        let inserted = erasure::Entity::insert(row.into_active_model()).exec_without_returning(db).await;
        return match inserted {
            Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {
                Err(Fault::Conflict { table: "erasure_request" })
            }
            other => other.map(|_| ()).map_err(Fault::from),
        };
    }
    let updated = erasure::Entity::update_many()
        .set(row.clone().into_active_model().reset_all())
        .filter(erasure::Column::Id.eq(row.id))
        .filter(erasure::Column::TenantId.eq(tenant.uuid()))
        .filter(erasure::Column::Revision.eq(request.revision))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(Fault::Conflict { table: "erasure_request" }) }
}
