//! Rows of consents.

use crate::error::{Result, broken};
use waymark_domain::kernel::{DomainId, Key, TenantId};
use waymark_domain::privacy::Consent;

/// What people agreed to.
pub(crate) mod consent {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub person_id: Uuid,
        pub purpose: String,
        pub version: i64,
        pub given_at: DateTimeUtc,
        pub withdrawn_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl consent::Model {
    /// The row of a consent.
    pub fn of(tenant: TenantId, consent: &Consent) -> Self {
        Self {
            id: consent.id.uuid(),
            tenant_id: tenant.uuid(),
            person_id: consent.person.uuid(),
            purpose: consent.purpose.to_string(),
            version: consent.version.into(),
            given_at: consent.given_at,
            withdrawn_at: consent.withdrawn_at,
        }
    }

    /// The consent of this row.
    pub fn into_consent(self) -> Result<Consent> {
        const TABLE: &str = "consent";
        Ok(Consent {
            id: self.id.into(),
            person: self.person_id.into(),
            purpose: Key::new(&self.purpose)
                .map_err(|_| broken(TABLE, "purpose", self.id, format!("{:?}", self.purpose)))?,
            version: u32::try_from(self.version)
                .map_err(|_| broken(TABLE, "version", self.id, self.version.to_string()))?,
            given_at: self.given_at,
            withdrawn_at: self.withdrawn_at,
            events: Vec::new(),
        })
    }
}
