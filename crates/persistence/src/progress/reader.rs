//! Reading levels.

use super::row::record;
use super::store::records;
use crate::Persistence;
use crate::access::Columns;
use crate::database::any;
use crate::error::Result;
use async_trait::async_trait;
use sea_orm::Condition;
use std::collections::HashMap;
use waymark_domain::access::Action;
use waymark_domain::kernel::{Actor, DomainId, PersonId, SkillRecordId};
use waymark_domain::ports::{PortError, ProgressReader};
use waymark_domain::progress::SkillRecordView;

impl Persistence {
    async fn visible_records(&self, viewer: &Actor) -> Result<Condition> {
        use record::Column;
        let columns = Columns { tenant: Column::TenantId, person: Column::PersonId, author: None };
        Ok(self.reached(viewer, Action::ReadProgress).await?.rows(self.pool(), &columns))
    }
}

#[async_trait]
impl ProgressReader for Persistence {
    async fn skill_records(
        &self,
        viewer: &Actor,
        people: &[PersonId],
    ) -> Result<HashMap<PersonId, Vec<SkillRecordView>>, PortError> {
        let condition = any(self.pool(), record::Column::PersonId, people.iter().map(|id| id.uuid()));
        let condition = self.visible_records(viewer).await?.add(condition);
        let mut found: HashMap<PersonId, Vec<SkillRecordView>> = HashMap::new();
        for record in records(self.pool(), condition).await? {
            found.entry(record.person).or_default().push(record.into());
        }
        Ok(found)
    }

    async fn skill_records_by_ids(
        &self,
        viewer: &Actor,
        ids: &[SkillRecordId],
    ) -> Result<HashMap<SkillRecordId, SkillRecordView>, PortError> {
        let condition = any(self.pool(), record::Column::Id, ids.iter().map(|id| id.uuid()));
        let condition = self.visible_records(viewer).await?.add(condition);
        let found = records(self.pool(), condition).await?;
        Ok(found.into_iter().map(|record| (record.id, record.into())).collect())
    }
}
