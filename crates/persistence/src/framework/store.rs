//! Saving versions, and the cache of those that never change again.

use super::row::{position, skill, version};
use crate::database::any;
use crate::error::{Fault, Result};
use quick_cache::sync::Cache;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;
use waymark_domain::framework::{Catalogue, FrameworkVersion, VersionState};
use waymark_domain::kernel::{DomainId, FrameworkId, FrameworkVersionId, PositionId, SkillId, TenantId};

/// Frozen versions kept in memory. A version of 100 skills takes about 200 KiB.
const CACHED_VERSIONS: usize = 64;

/// Reads versions, prepared for look-ups; those that are frozen only once.
#[derive(Debug, Clone)]
pub(crate) struct Catalogues {
    frozen: Arc<Cache<(TenantId, FrameworkVersionId), Arc<Catalogue>>>,
}

impl Default for Catalogues {
    fn default() -> Self {
        Self { frozen: Arc::new(Cache::new(CACHED_VERSIONS)) }
    }
}

impl Catalogues {
    /// The versions with these ids.
    pub async fn by_ids(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        ids: &[FrameworkVersionId],
    ) -> Result<HashMap<FrameworkVersionId, Arc<Catalogue>>> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.frozen.get(&(tenant, *id)) {
                Some(catalogue) => drop(found.insert(*id, catalogue)),
                None => missing.push(id.uuid()),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let rows = version::Entity::find()
            .filter(version::Column::TenantId.eq(tenant.uuid()))
            .filter(any(db, version::Column::Id, missing))
            .all(db)
            .await?;
        for row in rows {
            let catalogue = self.keep(tenant, row.into_version()?);
            found.insert(catalogue.version.id, catalogue);
        }
        Ok(found)
    }

    /// The newest published version of every framework of the tenant.
    pub async fn published(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
    ) -> Result<Vec<Arc<Catalogue>>> {
        let ids: Vec<FrameworkVersionId> = newest_published(db, tenant, None).await?;
        let mut found = self.by_ids(db, tenant, &ids).await?;
        Ok(ids.into_iter().filter_map(|id| found.remove(&id)).collect())
    }

    /// The version to which each position belongs.
    pub async fn of_positions(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        ids: &[PositionId],
    ) -> Result<HashMap<PositionId, Arc<Catalogue>>> {
        let rows = position::Entity::find()
            .filter(position::Column::TenantId.eq(tenant.uuid()))
            .filter(any(db, position::Column::Id, ids.iter().map(|id| id.uuid())))
            .all(db)
            .await?;
        self.spread(db, tenant, rows.into_iter().map(|row| (row.id.into(), row.version_id))).await
    }

    /// The published version of which each skill was last a part.
    pub async fn of_skills(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        ids: &[SkillId],
    ) -> Result<HashMap<SkillId, Arc<Catalogue>>> {
        let rows = skill::Entity::find()
            .filter(skill::Column::TenantId.eq(tenant.uuid()))
            .filter(any(db, skill::Column::Id, ids.iter().map(|id| id.uuid())))
            .all(db)
            .await?;
        self.spread(db, tenant, rows.into_iter().map(|row| (row.id.into(), row.version_id))).await
    }

    async fn spread<K: DomainId>(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        versions: impl Iterator<Item = (K, Uuid)>,
    ) -> Result<HashMap<K, Arc<Catalogue>>> {
        let versions: Vec<(K, FrameworkVersionId)> = versions.map(|(key, id)| (key, id.into())).collect();
        let mut ids: Vec<_> = versions.iter().map(|(_, id)| *id).collect();
        ids.sort();
        ids.dedup();
        let catalogues = self.by_ids(db, tenant, &ids).await?;
        Ok(versions.into_iter().filter_map(|(key, id)| Some((key, catalogues.get(&id)?.clone()))).collect())
    }

    fn keep(&self, tenant: TenantId, version: FrameworkVersion) -> Arc<Catalogue> {
        let frozen = version.state.is_frozen();
        let catalogue = Arc::new(Catalogue::of(version));
        if frozen {
            self.frozen.insert((tenant, catalogue.version.id), catalogue.clone());
        }
        catalogue
    }
}

/// Ids of the newest published version of each framework, or of one, in the order of the frameworks' keys.
async fn newest_published(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    framework: Option<FrameworkId>,
) -> Result<Vec<FrameworkVersionId>> {
    use sea_orm::QuerySelect;
    let mut select = version::Entity::find()
        .filter(version::Column::TenantId.eq(tenant.uuid()))
        .filter(version::Column::State.eq("PUBLISHED"));
    if let Some(framework) = framework {
        select = select.filter(version::Column::FrameworkId.eq(framework.uuid()));
    }
    let rows: Vec<(Uuid, Uuid)> = select
        .select_only()
        .columns([version::Column::FrameworkId, version::Column::Id])
        .order_by_asc(version::Column::FrameworkKey)
        .order_by_desc(version::Column::Number)
        .into_tuple()
        .all(db)
        .await?;
    let mut last = None;
    let newest = rows.into_iter().filter(|(framework, _)| last.replace(*framework) != Some(*framework));
    Ok(newest.map(|(_, id)| id.into()).collect())
}

/// The framework's version with the highest number.
pub(crate) async fn latest_version(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    framework: FrameworkId,
    state: Option<&str>,
) -> Result<Option<FrameworkVersion>> {
    let mut select = version::Entity::find()
        .filter(version::Column::TenantId.eq(tenant.uuid()))
        .filter(version::Column::FrameworkId.eq(framework.uuid()));
    if let Some(state) = state {
        select = select.filter(version::Column::State.eq(state));
    }
    let row = select.order_by_desc(version::Column::Number).one(db).await?;
    row.map(version::Model::into_version).transpose()
}

/// The version with this id.
pub(crate) async fn version(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    id: FrameworkVersionId,
) -> Result<Option<FrameworkVersion>> {
    let row = version::Entity::find_by_id(id.uuid())
        .filter(version::Column::TenantId.eq(tenant.uuid()))
        .one(db)
        .await?;
    row.map(version::Model::into_version).transpose()
}

/// Writes a version at its next revision, and what it publishes.
pub(crate) async fn save_version(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    version: &FrameworkVersion,
) -> Result<()> {
    let row = version::Model::of(tenant, version)?;
    if version.revision == 0 {
        version::Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    } else {
        let done = version::Entity::update_many()
            .set(row.into_active_model().reset_all())
            .filter(version::Column::Id.eq(version.id.uuid()))
            .filter(version::Column::Revision.eq(version.revision))
            .exec(db)
            .await?;
        if done.rows_affected == 0 {
            return Err(Fault::Conflict { table: "framework_version" });
        }
    }
    if version.state == VersionState::Published { index(db, tenant, version).await } else { Ok(()) }
}

/// Writes where skills and positions of a published version are found.
async fn index(db: &impl ConnectionTrait, tenant: TenantId, version: &FrameworkVersion) -> Result<()> {
    let catalogue = Catalogue::of(version.clone());
    let (tenant_id, version_id) = (tenant.uuid(), version.id.uuid());
    let framework_id = version.framework.uuid();
    let skills: Vec<_> = catalogue
        .skills()
        .map(|(id, spec)| skill::Model {
            id: id.uuid(),
            tenant_id,
            framework_id,
            version_id,
            key: spec.key.to_string(),
        })
        .map(IntoActiveModel::into_active_model)
        .collect();
    skill::Entity::insert_many(skills)
        .on_conflict(OnConflict::column(skill::Column::Id).update_column(skill::Column::VersionId).to_owned())
        .exec_without_returning(db)
        .await?;
    let positions: Vec<_> = catalogue
        .positions()
        .map(|(id, spec)| position::Model { id: id.uuid(), tenant_id, version_id, key: spec.key.to_string() })
        .map(IntoActiveModel::into_active_model)
        .collect();
    position::Entity::insert_many(positions).exec_without_returning(db).await?;
    Ok(())
}

pub(crate) use {latest_version as latest, version as by_id};
