//! Rows of frameworks.

use crate::error::{Result, broken, named};
use std::sync::Arc;
use waymark_domain::framework::{FrameworkVersion, VersionState};
use waymark_domain::kernel::DomainId;

/// Versions.
pub(crate) mod version {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "framework_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub framework_id: Uuid,
        pub framework_key: String,
        pub number: i32,
        pub state: String,
        pub content: String,
        pub created_at: ChronoDateTimeUtc,
        pub published_at: Option<ChronoDateTimeUtc>,
        pub revision: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which published version a skill was last part of.
pub(crate) mod skill {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "skill")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub framework_id: Uuid,
        pub version_id: Uuid,
        pub key: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// To which version a position belongs.
pub(crate) mod position {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "position")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub version_id: Uuid,
        pub key: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const TABLE: &str = "framework_version";

impl version::Model {
    /// The version of this row.
    pub fn into_version(self) -> Result<FrameworkVersion> {
        let content =
            serde_json::from_str(&self.content).map_err(|e| broken(TABLE, "content", self.id, e))?;
        Ok(FrameworkVersion {
            id: self.id.into(),
            framework: self.framework_id.into(),
            number: u32::try_from(self.number).map_err(|_| broken(TABLE, "number", self.id, self.number))?,
            state: named(&VersionState::NAMES, TABLE, "state", self.id, &self.state)?,
            content: Arc::new(content),
            created_at: self.created_at,
            published_at: self.published_at,
            revision: self.revision,
            events: Vec::new(),
        })
    }

    /// The row of this version at its next revision.
    pub fn of(tenant: impl DomainId, version: &FrameworkVersion) -> Result<Self> {
        let state = VersionState::NAMES.iter().find(|(state, _)| *state == version.state);
        Ok(Self {
            id: version.id.uuid(),
            tenant_id: tenant.uuid(),
            framework_id: version.framework.uuid(),
            framework_key: version.content.key.to_string(),
            number: i32::try_from(version.number).unwrap_or(i32::MAX),
            state: state.map(|(_, name)| (*name).to_owned()).unwrap_or_default(),
            content: serde_json::to_string(&*version.content)?,
            created_at: version.created_at,
            published_at: version.published_at,
            revision: version.revision + 1,
        })
    }
}
