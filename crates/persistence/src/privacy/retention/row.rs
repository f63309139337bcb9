//! Rows of runs.

use crate::error::{Result, named};
use waymark_domain::privacy::{Retained, RetentionRun, RetentionStart};

/// Runs of retention.
pub(crate) mod run {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_run")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub what: String,
        pub days: i32,
        pub started_by: String,
        pub day: Option<Date>,
        pub started_at: DateTimeUtc,
        pub ended_at: Option<DateTimeUtc>,
        pub removed: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl run::Model {
    /// The run of this row.
    pub fn into_run(self) -> Result<RetentionRun> {
        const TABLE: &str = "retention_run";
        Ok(RetentionRun {
            id: self.id,
            tenant: self.tenant_id.into(),
            what: named(&Retained::NAMES, TABLE, "what", self.id, &self.what)?,
            days: u32::try_from(self.days).unwrap_or_default(),
            started_by: named(&RetentionStart::NAMES, TABLE, "started_by", self.id, &self.started_by)?,
            started_at: self.started_at,
            ended_at: self.ended_at,
            removed: self.removed.map(|removed| u64::try_from(removed).unwrap_or_default()),
        })
    }
}
