//! The port that commands use.

use crate::database::any;
use crate::people::row::person;
use crate::progress::row::record;
use crate::{Persistence, access, evidence, framework, people, privacy, progress};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, Condition};
use std::collections::HashMap;
use std::sync::Arc;
use waymark_domain::access::Grant;
use waymark_domain::evidence::Evidence;
use waymark_domain::framework::{Catalogue, FrameworkVersion};
use waymark_domain::kernel::{
    Change, CommandContext, DomainId, ErasureRequestId, EvidenceId, FrameworkId, FrameworkVersionId, GrantId,
    Key, PersonId, PositionId, TeamId, TenantId,
};
use waymark_domain::people::{Person, Team};
use waymark_domain::ports::{PortError, Store};
use waymark_domain::privacy::{Consent, ErasureRequest};
use waymark_domain::progress::SkillRecord;

#[async_trait]
impl Store for Persistence {
    async fn latest_version(
        &self,
        tenant: TenantId,
        id: FrameworkId,
    ) -> Result<Option<FrameworkVersion>, PortError> {
        Ok(framework::latest(self.pool(), tenant, id, None).await?)
    }

    async fn published_version(
        &self,
        tenant: TenantId,
        id: FrameworkId,
    ) -> Result<Option<FrameworkVersion>, PortError> {
        Ok(framework::latest(self.pool(), tenant, id, Some("PUBLISHED")).await?)
    }

    async fn version(
        &self,
        tenant: TenantId,
        id: FrameworkVersionId,
    ) -> Result<Option<FrameworkVersion>, PortError> {
        Ok(framework::by_id(self.pool(), tenant, id).await?)
    }

    async fn catalogue_of(
        &self,
        tenant: TenantId,
        position: PositionId,
    ) -> Result<Option<Arc<Catalogue>>, PortError> {
        let mut found = self.catalogues.of_positions(self.pool(), tenant, &[position]).await?;
        Ok(found.remove(&position))
    }

    async fn catalogues(&self, tenant: TenantId) -> Result<Vec<Arc<Catalogue>>, PortError> {
        Ok(self.catalogues.published(self.pool(), tenant).await?)
    }

    async fn people(&self, tenant: TenantId, ids: &[PersonId]) -> Result<Vec<Person>, PortError> {
        let condition = any(self.pool(), person::Column::Id, ids.iter().map(|id| id.uuid()));
        Ok(people::store::people(self.pool(), &self.vault, tenant, condition).await?)
    }

    async fn people_by_external_ids(
        &self,
        tenant: TenantId,
        external_ids: &[String],
    ) -> Result<Vec<Person>, PortError> {
        let hashed = self.vault.external_ids(self.pool(), tenant, external_ids).await?;
        let condition = any(self.pool(), person::Column::ExternalId, hashed);
        Ok(people::store::people(self.pool(), &self.vault, tenant, condition).await?)
    }

    async fn people_by_emails(&self, tenant: TenantId, emails: &[String]) -> Result<Vec<Person>, PortError> {
        let keys: Vec<String> = emails.iter().map(|email| email.to_lowercase()).collect();
        let keys = self.vault.emails(self.pool(), tenant, &keys).await?;
        let condition = any(self.pool(), person::Column::EmailKey, keys);
        Ok(people::store::people(self.pool(), &self.vault, tenant, condition).await?)
    }

    async fn reporting_lines(
        &self,
        tenant: TenantId,
        of: &[PersonId],
    ) -> Result<HashMap<PersonId, PersonId>, PortError> {
        Ok(people::lines::reporting_lines(self.pool(), tenant, of).await?)
    }

    async fn teams(&self, tenant: TenantId, ids: &[TeamId]) -> Result<Vec<Team>, PortError> {
        Ok(people::store::teams(self.pool(), tenant, ids).await?)
    }

    async fn evidence(&self, tenant: TenantId, id: EvidenceId) -> Result<Option<Evidence>, PortError> {
        Ok(evidence::store::evidence(self.pool(), &self.vault, tenant, id).await?)
    }

    async fn skill_records(&self, tenant: TenantId, person: PersonId) -> Result<Vec<SkillRecord>, PortError> {
        let condition = Condition::all()
            .add(record::Column::TenantId.eq(tenant.uuid()))
            .add(record::Column::PersonId.eq(person.uuid()));
        Ok(progress::store::records(self.pool(), condition).await?)
    }

    async fn reports(&self, tenant: TenantId, person: PersonId) -> Result<Vec<Person>, PortError> {
        let condition = person::Column::ManagerId.eq(person.uuid());
        Ok(people::store::people(self.pool(), &self.vault, tenant, condition).await?)
    }

    async fn erasure(
        &self,
        tenant: TenantId,
        id: ErasureRequestId,
    ) -> Result<Option<ErasureRequest>, PortError> {
        Ok(privacy::store::by_id(self.pool(), &self.vault, tenant, id).await?)
    }

    async fn open_erasure(
        &self,
        tenant: TenantId,
        person: PersonId,
    ) -> Result<Option<ErasureRequest>, PortError> {
        Ok(privacy::store::open(self.pool(), &self.vault, tenant, person).await?)
    }

    async fn consents(
        &self,
        tenant: TenantId,
        person: PersonId,
        purpose: &Key,
    ) -> Result<Vec<Consent>, PortError> {
        Ok(privacy::consent::for_purpose(self.pool(), tenant, person, purpose).await?)
    }

    async fn grant(&self, tenant: TenantId, id: GrantId) -> Result<Option<Grant>, PortError> {
        Ok(access::store::by_id(self.pool(), &self.vault, tenant, id).await?)
    }

    async fn save(&self, changes: Vec<Change>, context: &CommandContext) -> Result<(), PortError> {
        Ok(self.write(&changes, context).await?)
    }
}
