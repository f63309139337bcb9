//! Loading and saving what people agreed to.

pub(super) mod row;

use crate::error::{Fault, Result};
use row::consent;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    SqlErr,
};
use waymark_domain::kernel::{DomainId, Key, PersonId, TenantId};
use waymark_domain::privacy::Consent;

/// Everything of one person, the newest first.
fn select(tenant: TenantId, person: PersonId) -> Select<consent::Entity> {
    consent::Entity::find()
        .filter(consent::Column::TenantId.eq(tenant.uuid()))
        .filter(consent::Column::PersonId.eq(person.uuid()))
        .order_by_desc(consent::Column::GivenAt)
        .order_by_desc(consent::Column::Id)
}

/// Everything that the person agreed to for this purpose.
pub(crate) async fn for_purpose(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    person: PersonId,
    purpose: &Key,
) -> Result<Vec<Consent>> {
    let select = select(tenant, person).filter(consent::Column::Purpose.eq(purpose.as_str()));
    select.all(db).await?.into_iter().map(consent::Model::into_consent).collect()
}

/// Everything that the person agreed to, the newest first, at most this many.
pub(super) async fn of(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    person: PersonId,
    most: u64,
) -> Result<Vec<Consent>> {
    let rows = select(tenant, person).limit(most).all(db).await?;
    rows.into_iter().map(consent::Model::into_consent).collect()
}

/// Writes a new consent, or the end of one that has none yet.
pub(crate) async fn save(db: &impl ConnectionTrait, tenant: TenantId, consent: &Consent) -> Result<()> {
    const CONFLICT: Fault = Fault::Conflict { table: "consent" };
    let row = consent::Model::of(tenant, consent);
    let Some(at) = row.withdrawn_at else {
        // Two who agree at once: the second finds the first one's when it is tried again.
        return match consent::Entity::insert(row.into_active_model()).exec_without_returning(db).await {
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Err(CONFLICT)
            }
            other => other.map(|_| ()).map_err(Fault::from),
        };
    };
    let updated = consent::Entity::update_many()
        .col_expr(consent::Column::WithdrawnAt, Expr::value(at))
        .filter(consent::Column::Id.eq(row.id))
        .filter(consent::Column::TenantId.eq(tenant.uuid()))
        .filter(consent::Column::WithdrawnAt.is_null())
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(CONFLICT) }
}
