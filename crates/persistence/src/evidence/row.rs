//! Rows of evidence.

use crate::error::{Result, broken, named};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use waymark_domain::evidence::{
    Evidence, EvidenceContent, EvidenceKind, EvidenceState, EvidenceView, SkillClaim,
};
use waymark_domain::kernel::{DomainId, Level, TenantId};

/// Evidence.
pub(crate) mod piece {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "evidence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub person_id: Uuid,
        pub author_id: Uuid,
        pub kind: String,
        pub title: String,
        pub body: String,
        pub links: String,
        pub occurred_on: Date,
        pub claims: String,
        pub state: String,
        pub reviewer_id: Option<Uuid>,
        pub recorded_at: ChronoDateTimeUtc,
        pub revision: i64,
        #[sea_orm(column_type = "Blob", nullable)]
        pub sealed: Option<Vec<u8>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const TABLE: &str = "evidence";

/// The value itself is nobody's business in a log.
const NOT_JSON: &str = "something else";

/// A claim as it lies in the row.
#[derive(Serialize, Deserialize)]
struct StoredClaim {
    skill: Uuid,
    level: Level,
}

impl piece::Model {
    /// The evidence of this row.
    pub fn into_evidence(self) -> Result<Evidence> {
        let EvidenceView { id, subject, author, content, state, reviewer, recorded_at, version } =
            self.into_view()?;
        Ok(Evidence {
            id,
            subject,
            author,
            content,
            state,
            reviewer,
            recorded_at,
            revision: version,
            events: Vec::new(),
        })
    }

    /// What readers say of this row.
    pub fn into_view(self) -> Result<EvidenceView> {
        let id = self.id;
        let claims: Vec<StoredClaim> =
            serde_json::from_str(&self.claims).map_err(|_| broken(TABLE, "claims", id, NOT_JSON))?;
        let claims =
            claims.into_iter().map(|claim| SkillClaim { skill: claim.skill.into(), level: claim.level });
        Ok(EvidenceView {
            id: id.into(),
            subject: self.person_id.into(),
            author: self.author_id.into(),
            content: EvidenceContent {
                kind: named(&EvidenceKind::NAMES, TABLE, "kind", id, &self.kind)?,
                title: self.title,
                body: self.body,
                links: serde_json::from_str(&self.links).map_err(|_| broken(TABLE, "links", id, NOT_JSON))?,
                occurred_on: self.occurred_on,
                claims: claims.collect(),
            },
            state: named(&EvidenceState::NAMES, TABLE, "state", id, &self.state)?,
            reviewer: self.reviewer_id.map(Into::into),
            recorded_at: self.recorded_at,
            version: self.revision,
        })
    }

    /// The row of this evidence at the next revision.
    pub fn of(tenant: TenantId, evidence: &Evidence) -> Result<Self> {
        let content = evidence.content.clone();
        let claims = content.claims.iter();
        let claims: Vec<_> =
            claims.map(|claim| StoredClaim { skill: claim.skill.uuid(), level: claim.level }).collect();
        Ok(Self {
            id: evidence.id.uuid(),
            tenant_id: tenant.uuid(),
            person_id: evidence.subject.uuid(),
            author_id: evidence.author.uuid(),
            kind: content.kind.name().to_owned(),
            title: content.title,
            body: content.body,
            links: serde_json::to_string(&content.links)?,
            occurred_on: content.occurred_on,
            claims: serde_json::to_string(&claims)?,
            state: evidence.state.name().to_owned(),
            reviewer_id: evidence.reviewer.map(DomainId::uuid),
            recorded_at: evidence.recorded_at,
            revision: evidence.revision + 1,
            sealed: None,
        })
    }
}
