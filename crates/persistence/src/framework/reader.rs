//! Reading frameworks.

use super::row::version;
use crate::Persistence;
use crate::database::any;
use crate::error::Result;
use async_trait::async_trait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use uuid::Uuid;
use waymark_domain::access::{Action, decide_tenant};
use waymark_domain::framework::{Catalogue, VersionState};
use waymark_domain::kernel::{Actor, DomainId, FrameworkId, FrameworkVersionId, PositionId, SkillId};
use waymark_domain::ports::{FrameworkReader, FrameworkView, Page, PageKey, PageRequest, PortError};

#[async_trait]
impl FrameworkReader for Persistence {
    async fn frameworks(&self, viewer: &Actor, page: PageRequest) -> Result<Page<FrameworkView>, PortError> {
        Ok(frameworks(self.pool(), viewer, &page).await?)
    }

    async fn frameworks_count(&self, viewer: &Actor) -> Result<u64, PortError> {
        Ok(count(self.pool(), viewer).await?)
    }

    async fn frameworks_by_ids(
        &self,
        viewer: &Actor,
        ids: &[FrameworkId],
    ) -> Result<HashMap<FrameworkId, FrameworkView>, PortError> {
        Ok(views(self.pool(), viewer, ids).await?)
    }

    async fn catalogues(
        &self,
        viewer: &Actor,
        ids: &[FrameworkVersionId],
    ) -> Result<HashMap<FrameworkVersionId, Arc<Catalogue>>, PortError> {
        Ok(visible(viewer, self.catalogues.by_ids(self.pool(), viewer.tenant.id, ids).await?))
    }

    async fn catalogues_of_skills(
        &self,
        viewer: &Actor,
        ids: &[SkillId],
    ) -> Result<HashMap<SkillId, Arc<Catalogue>>, PortError> {
        Ok(visible(viewer, self.catalogues.of_skills(self.pool(), viewer.tenant.id, ids).await?))
    }

    async fn catalogues_of_positions(
        &self,
        viewer: &Actor,
        ids: &[PositionId],
    ) -> Result<HashMap<PositionId, Arc<Catalogue>>, PortError> {
        Ok(visible(viewer, self.catalogues.of_positions(self.pool(), viewer.tenant.id, ids).await?))
    }
}

/// States of versions that only those see who may draft frameworks.
const DRAFTS: [VersionState; 2] = [VersionState::Draft, VersionState::InReview];

fn sees_drafts(viewer: &Actor) -> bool {
    decide_tenant(viewer, Action::DraftFramework).is_ok()
}

/// Those catalogues that the viewer may see.
fn visible<K: Eq + Hash>(viewer: &Actor, found: HashMap<K, Arc<Catalogue>>) -> HashMap<K, Arc<Catalogue>> {
    let drafts = sees_drafts(viewer);
    found.into_iter().filter(|(_, catalogue)| drafts || !DRAFTS.contains(&catalogue.version.state)).collect()
}

/// Those versions that the viewer may see, as SQL.
fn visible_versions(viewer: &Actor) -> Condition {
    let versions = Condition::all().add(version::Column::TenantId.eq(viewer.tenant.id.uuid()));
    match sees_drafts(viewer) {
        true => versions,
        false => {
            let drafts = VersionState::NAMES.iter().filter(|(state, _)| DRAFTS.contains(state));
            versions.add(version::Column::State.is_not_in(drafts.map(|(_, name)| *name)))
        }
    }
}

/// Frameworks by key. A framework is its versions, and version 1 stands for it in the list.
async fn frameworks(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    request: &PageRequest,
) -> Result<Page<FrameworkView>> {
    let descending = request.backward;
    let direction = if descending { Order::Desc } else { Order::Asc };
    let mut select =
        version::Entity::find().filter(visible_versions(viewer)).filter(version::Column::Number.eq(1));
    if let Some(from) = &request.from {
        let key = version::Column::FrameworkKey;
        select = select.filter(if descending { key.lt(&from.sort) } else { key.gt(&from.sort) });
    }
    let mut found: Vec<(Uuid, String)> = select
        .select_only()
        .columns([version::Column::FrameworkId, version::Column::FrameworkKey])
        .order_by(version::Column::FrameworkKey, direction)
        .limit(u64::from(request.limit) + 1)
        .into_tuple()
        .all(db)
        .await?;
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    if descending {
        found.reverse();
    }
    let ids: Vec<FrameworkId> = found.iter().map(|(id, _)| (*id).into()).collect();
    let mut views = views(db, viewer, &ids).await?;
    let items = found
        .into_iter()
        .filter_map(|(id, sort)| Some((PageKey { sort, id }, views.remove(&FrameworkId::from(id))?)))
        .collect();
    let entered = request.from.is_some();
    let (has_previous, has_next) = if descending { (more, entered) } else { (entered, more) };
    Ok(Page { items, has_previous, has_next })
}

async fn count(db: &impl ConnectionTrait, viewer: &Actor) -> Result<u64> {
    let query = Query::select()
        .expr_as(Expr::col(version::Column::FrameworkId).count_distinct(), Alias::new("frameworks"))
        .from(version::Entity)
        .cond_where(visible_versions(viewer))
        .to_owned();
    let row = db.query_one(&query).await?;
    let count: i64 = row.map(|row| row.try_get("", "frameworks")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(count).unwrap_or_default())
}

async fn views(
    db: &impl ConnectionTrait,
    viewer: &Actor,
    ids: &[FrameworkId],
) -> Result<HashMap<FrameworkId, FrameworkView>> {
    let rows: Vec<(Uuid, String, Uuid, String)> = version::Entity::find()
        .filter(visible_versions(viewer))
        .filter(any(db, version::Column::FrameworkId, ids.iter().map(|id| id.uuid())))
        .select_only()
        .columns([
            version::Column::FrameworkId,
            version::Column::FrameworkKey,
            version::Column::Id,
            version::Column::State,
        ])
        .order_by_desc(version::Column::Number)
        .into_tuple()
        .all(db)
        .await?;
    let mut views: HashMap<FrameworkId, FrameworkView> = HashMap::new();
    for (framework, key, id, state) in rows {
        let framework = FrameworkId::from(framework);
        let view = views.entry(framework).or_insert_with(|| FrameworkView {
            id: framework,
            key,
            versions: Vec::new(),
            published: None,
        });
        let id = FrameworkVersionId::from(id);
        view.versions.push(id);
        if state == "PUBLISHED" && view.published.is_none() {
            view.published = Some(id);
        }
    }
    Ok(views)
}
