//! Rows of skill records.

use crate::error::{Result, broken, named};
use waymark_domain::evidence::EvidenceKind;
use waymark_domain::framework::SkillKind;
use waymark_domain::kernel::{DomainId, Level, TenantId};
use waymark_domain::progress::{Item, ItemSource, SkillRecord};

/// Records with their figures now.
pub(crate) mod record {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "skill_record")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub person_id: Uuid,
        pub skill_id: Uuid,
        pub kind: String,
        pub attested_level: Option<i16>,
        pub score: Option<f64>,
        pub confidence: Option<f64>,
        pub last_item_on: Option<Date>,
        pub revision: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Items.
pub(crate) mod item {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "skill_record_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub record_id: Uuid,
        pub source: String,
        pub level: i16,
        pub independence: f64,
        pub occurred_on: Date,
        pub by_id: Uuid,
        pub evidence_id: Option<Uuid>,
        pub recorded_at: ChronoDateTimeUtc,
        pub ended_at: Option<ChronoDateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Figures over both times.
pub(crate) mod history {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "skill_record_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub record_id: Uuid,
        pub attested_level: Option<i16>,
        pub score: Option<f64>,
        pub confidence: Option<f64>,
        pub last_item_on: Option<Date>,
        pub valid_from: ChronoDateTimeUtc,
        pub valid_to: Option<ChronoDateTimeUtc>,
        pub recorded_at: ChronoDateTimeUtc,
        pub superseded_at: Option<ChronoDateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const TABLE: &str = "skill_record_item";

impl record::Model {
    /// The record of this row, with its items.
    pub fn into_record(self, items: Vec<Item>) -> Result<SkillRecord> {
        Ok(SkillRecord {
            id: self.id.into(),
            person: self.person_id.into(),
            skill: self.skill_id.into(),
            kind: named(&SkillKind::NAMES, "skill_record", "kind", self.id, &self.kind)?,
            items,
            revision: self.revision,
            events: Vec::new(),
        })
    }
}

impl item::Model {
    /// The item of this row.
    pub fn into_item(self) -> Result<Item> {
        Ok(Item {
            id: self.id.into(),
            source: source(&self)?,
            level: Level::new(i64::from(self.level))
                .map_err(|error| broken(TABLE, "level", self.id, error))?,
            independence: self.independence,
            occurred_on: self.occurred_on,
            by: self.by_id.into(),
            evidence: self.evidence_id.map(Into::into),
            recorded_at: self.recorded_at,
            ended_at: self.ended_at,
        })
    }

    /// The row of this item.
    pub fn of(tenant: TenantId, record: &SkillRecord, item: &Item) -> Self {
        Self {
            id: item.id.uuid(),
            tenant_id: tenant.uuid(),
            record_id: record.id.uuid(),
            source: source_name(item.source),
            level: i16::from(item.level.get()),
            independence: item.independence,
            occurred_on: item.occurred_on,
            by_id: item.by.uuid(),
            evidence_id: item.evidence.map(DomainId::uuid),
            recorded_at: item.recorded_at,
            ended_at: item.ended_at,
        }
    }
}

/// `ATTESTATION`, `ENDORSEMENT`, or how evidence counts and its kind: `VERIFIED:WORK_ARTEFACT`.
fn source_name(source: ItemSource) -> String {
    match source {
        ItemSource::Attestation => "ATTESTATION".to_owned(),
        ItemSource::Endorsement => "ENDORSEMENT".to_owned(),
        ItemSource::Verified(kind) => format!("VERIFIED:{}", kind.name()),
        ItemSource::Reported(kind) => format!("REPORTED:{}", kind.name()),
        ItemSource::Claimed(kind) => format!("CLAIMED:{}", kind.name()),
    }
}

fn source(row: &item::Model) -> Result<ItemSource> {
    let kind = |name| named(&EvidenceKind::NAMES, TABLE, "source", row.id, name);
    match row.source.split_once(':') {
        None if row.source == "ATTESTATION" => Ok(ItemSource::Attestation),
        None if row.source == "ENDORSEMENT" => Ok(ItemSource::Endorsement),
        Some(("VERIFIED", name)) => Ok(ItemSource::Verified(kind(name)?)),
        Some(("REPORTED", name)) => Ok(ItemSource::Reported(kind(name)?)),
        Some(("CLAIMED", name)) => Ok(ItemSource::Claimed(kind(name)?)),
        _ => Err(broken(TABLE, "source", row.id, &row.source)),
    }
}
