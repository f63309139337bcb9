//! Rows of requests.

use crate::error::{Result, broken, named};
use waymark_domain::kernel::{DomainId, TenantId};
use waymark_domain::privacy::{ErasureRequest, ErasureState};

const TABLE: &str = "erasure_request";

/// Requests for erasure.
pub(crate) mod erasure {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "erasure_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub person_id: Uuid,
        pub state: String,
        pub requested_by: Uuid,
        pub requested_at: DateTimeUtc,
        pub due_on: Date,
        pub decided_by: Option<Uuid>,
        pub decided_at: Option<DateTimeUtc>,
        pub reason: Option<String>,
        pub revision: i64,
        #[sea_orm(column_type = "Blob", nullable)]
        pub sealed: Option<Vec<u8>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The name of a state in rows.
pub(super) fn name(state: ErasureState) -> &'static str {
    ErasureState::NAMES.iter().find(|(known, _)| *known == state).map_or("", |(_, name)| name)
}

impl erasure::Model {
    /// The row of a request, at its next revision.
    pub fn of(tenant: TenantId, request: &ErasureRequest) -> Self {
        Self {
            id: request.id.uuid(),
            tenant_id: tenant.uuid(),
            person_id: request.person.uuid(),
            state: name(request.state).to_owned(),
            requested_by: request.requested_by.uuid(),
            requested_at: request.requested_at,
            due_on: request.due_on,
            decided_by: request.decided_by.map(DomainId::uuid),
            decided_at: request.decided_at,
            reason: request.reason.clone(),
            revision: request.revision + 1,
            sealed: None,
        }
    }

    /// The request of this row.
    pub fn into_request(self) -> Result<ErasureRequest> {
        let state = named(&ErasureState::NAMES, TABLE, "state", self.id, &self.state)?;
        if (state == ErasureState::Received) != self.decided_by.is_none() {
            return Err(broken(TABLE, "decided_by", self.id, format!("{:?}", self.decided_by)));
        }
        Ok(ErasureRequest {
            id: self.id.into(),
            person: self.person_id.into(),
            state,
            requested_by: self.requested_by.into(),
            requested_at: self.requested_at,
            due_on: self.due_on,
            decided_by: self.decided_by.map(Into::into),
            decided_at: self.decided_at,
            reason: self.reason,
            revision: self.revision,
            changed: false,
        })
    }
}
