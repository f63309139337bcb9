//! What is known of a person, as tables of flat rows. Others appear by what they are to the person, never by name or id.

use crate::Persistence;
use crate::access::row::grant;
use crate::error::Result;
use crate::evidence::row::piece;
use crate::people::row::assignment;
use crate::privacy::consent::row::consent;
use crate::privacy::row::erasure;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::collections::HashMap;
use waymark_domain::framework::Catalogue;
use waymark_domain::kernel::{ActorId, DomainId, PersonId, SkillId, TenantId};
use waymark_domain::people::{Person, reporting_chain};
use waymark_domain::ports::Store;
use waymark_domain::progress::{Policy, SkillRecordView};

/// Names the form of the document.
const FORMAT: &str = "waymark-export-1";

/// Everything that is known of the person; empty tables for somebody who is not there any more.
pub(super) async fn collect(
    store: &Persistence,
    tenant: TenantId,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<Value> {
    let found = store.people(tenant, &[person]).await?.pop();
    let Some(found) = found else { return Ok(json!({ "format": FORMAT, "tables": {} })) };
    let lines = store.reporting_lines(tenant, &[person]).await?;
    let above = reporting_chain(&lines, person);
    let subject = Subject { store, tenant, person: &found, above, skills: skills(store, tenant).await?, at };
    Ok(json!({
        "format": FORMAT,
        "createdAt": at,
        "tables": {
            "person": [subject.profile().await?],
            "assignments": subject.assignments().await?,
            "evidence": subject.evidence().await?,
            "skills": subject.levels().await?,
            "roles": subject.roles().await?,
            "consents": subject.consents().await?,
            "erasureRequests": subject.requests().await?,
        },
    }))
}

/// Whose data is collected, and what is needed to tell it in words.
struct Subject<'a> {
    store: &'a Persistence,
    tenant: TenantId,
    person: &'a Person,
    above: Vec<PersonId>,
    skills: HashMap<SkillId, String>,
    at: DateTime<Utc>,
}

impl Subject<'_> {
    /// What somebody is to the person.
    fn role_of(&self, actor: ActorId) -> &'static str {
        if actor == self.person.id.into() {
            "SELF"
        } else if self.above.iter().any(|manager| ActorId::from(*manager) == actor) {
            "MANAGER"
        } else {
            "OTHER"
        }
    }

    fn title(&self, skill: SkillId) -> &str {
        self.skills.get(&skill).map_or("", String::as_str)
    }

    async fn profile(&self) -> Result<Value> {
        let profile = &self.person.profile;
        let team: Vec<_> = self.person.team.into_iter().collect();
        let team = self.store.teams(self.tenant, &team).await?.pop();
        Ok(json!({
            "id": self.person.id.uuid(),
            "externalId": profile.external_id,
            "displayName": profile.display_name,
            "email": profile.email,
            "discipline": profile.discipline.as_str(),
            "team": team.map(|team| team.title),
            "hasManager": self.person.manager.is_some(),
        }))
    }

    async fn assignments(&self) -> Result<Vec<Value>> {
        let select = assignment::Entity::find()
            .filter(assignment::Column::TenantId.eq(self.tenant.uuid()))
            .filter(assignment::Column::PersonId.eq(self.person.id.uuid()))
            .order_by_asc(assignment::Column::ValidFrom);
        let mut rows = Vec::new();
        for row in select.all(self.store.pool()).await? {
            let position = row.position_id.into();
            let catalogue = self.store.catalogue_of(self.tenant, position).await?;
            let spec = catalogue.as_ref().and_then(|catalogue| catalogue.position(position));
            rows.push(json!({
                "position": spec.map(|spec| &spec.title),
                "from": row.valid_from.date_naive(),
                "to": row.valid_to.map(|to| to.date_naive()),
                "recordedAt": row.recorded_at,
                "supersededAt": row.superseded_at,
            }));
        }
        Ok(rows)
    }

    async fn evidence(&self) -> Result<Vec<Value>> {
        let select = piece::Entity::find()
            .filter(piece::Column::TenantId.eq(self.tenant.uuid()))
            .filter(piece::Column::PersonId.eq(self.person.id.uuid()))
            .order_by_asc(piece::Column::OccurredOn)
            .order_by_asc(piece::Column::Id);
        let row = |row: piece::Model| {
            let piece = row.into_evidence()?;
            let claims = piece.content.claims.iter();
            let claims = claims.map(|claim| format!("{} {}", self.title(claim.skill), claim.level.get()));
            Ok(json!({
                "id": piece.id.uuid(),
                "kind": piece.content.kind.name(),
                "title": piece.content.title,
                "body": piece.content.body,
                "links": piece.content.links.join(" "),
                "occurredOn": piece.content.occurred_on,
                "claims": claims.collect::<Vec<_>>().join("; "),
                "state": piece.state.name(),
                "author": self.role_of(piece.author),
                "reviewer": piece.reviewer.map(|reviewer| self.role_of(reviewer)),
                "recordedAt": piece.recorded_at,
            }))
        };
        let rows = select.all(self.store.pool()).await?;
        self.store.vault.open(self.store.pool(), rows).await?.into_iter().map(row).collect()
    }

    async fn levels(&self) -> Result<Vec<Value>> {
        let records = self.store.skill_records(self.tenant, self.person.id).await?;
        let row = |view: SkillRecordView| {
            let standing = view.standing(&Policy::default(), self.at);
            json!({
                "skill": self.title(view.skill),
                "effectiveLevel": standing.effective.get(),
                "attestedLevel": standing.attested.map(|level| level.get()),
                "attestedAt": standing.attested_at,
                "attestedBy": standing.attested_by.map(|by| self.role_of(by)),
                "estimate": standing.estimate.as_ref().map(|estimate| estimate.score),
                "confidence": standing.estimate.as_ref().map(|estimate| estimate.confidence),
                "restsOn": view.items.len(),
            })
        };
        Ok(records.into_iter().map(|record| row(record.into())).collect())
    }

    async fn roles(&self) -> Result<Vec<Value>> {
        let subject = [self.person.profile.external_id.as_str()];
        let subject = self.store.vault.external_ids(self.store.pool(), self.tenant, &subject).await?;
        let select = grant::Entity::find()
            .filter(grant::Column::TenantId.eq(self.tenant.uuid()))
            .filter(grant::Column::Subject.is_in(subject));
        let row = |row: grant::Model| {
            json!({
                "role": row.role,
                "scope": row.scope,
                "from": row.valid_from,
                "until": row.valid_until,
                "revokedAt": row.revoked_at,
            })
        };
        Ok(select.all(self.store.pool()).await?.into_iter().map(row).collect())
    }

    async fn consents(&self) -> Result<Vec<Value>> {
        let select = consent::Entity::find()
            .filter(consent::Column::TenantId.eq(self.tenant.uuid()))
            .filter(consent::Column::PersonId.eq(self.person.id.uuid()))
            .order_by_asc(consent::Column::GivenAt);
        let row = |row: consent::Model| {
            json!({
                "purpose": row.purpose,
                "version": row.version,
                "givenAt": row.given_at,
                "withdrawnAt": row.withdrawn_at,
            })
        };
        Ok(select.all(self.store.pool()).await?.into_iter().map(row).collect())
    }

    async fn requests(&self) -> Result<Vec<Value>> {
        let select = erasure::Entity::find()
            .filter(erasure::Column::TenantId.eq(self.tenant.uuid()))
            .filter(erasure::Column::PersonId.eq(self.person.id.uuid()));
        let row = |row: erasure::Model| {
            json!({
                "state": row.state,
                "requestedBy": self.role_of(row.requested_by.into()),
                "requestedAt": row.requested_at,
                "decidedAt": row.decided_at,
                "reason": row.reason,
            })
        };
        let rows = select.all(self.store.pool()).await?;
        Ok(self.store.vault.open(self.store.pool(), rows).await?.into_iter().map(row).collect())
    }
}

/// Titles of the skills of every published framework.
async fn skills(store: &Persistence, tenant: TenantId) -> Result<HashMap<SkillId, String>> {
    let catalogues = store.catalogues(tenant).await?;
    let titles = |catalogue: &Catalogue| {
        catalogue.skills().map(|(id, skill)| (id, skill.title.clone())).collect::<Vec<_>>()
    };
    Ok(catalogues.iter().flat_map(|catalogue| titles(catalogue)).collect())
}
