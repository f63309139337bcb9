//! Rows of grants.

use crate::error::{Result, broken};
use uuid::Uuid;
use waymark_domain::access::Grant;
use waymark_domain::kernel::{DomainId, GrantScope, HeldRole, Permission, Role, TenantId};

/// Grants.
pub(crate) mod grant {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_grant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub subject: String,
        pub role: String,
        pub scope: String,
        pub scope_id: Option<Uuid>,
        pub permissions: String,
        pub valid_from: DateTimeUtc,
        pub valid_until: Option<DateTimeUtc>,
        pub requested_by: Uuid,
        pub approved_by: Option<Uuid>,
        pub revoked_at: Option<DateTimeUtc>,
        pub revision: i64,
        #[sea_orm(column_type = "Blob", nullable)]
        pub sealed: Option<Vec<u8>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl grant::Model {
    /// The row of a grant, at its next revision.
    pub fn of(tenant: TenantId, grant: &Grant) -> Self {
        let held = &grant.held;
        let (scope, scope_id) = match held.scope {
            GrantScope::Tenant => ("TENANT", None),
            GrantScope::Unit(team) => ("UNIT", Some(team.uuid())),
            GrantScope::Line(person) => ("LINE", Some(person.uuid())),
            GrantScope::Case(person) => ("CASE", Some(person.uuid())),
        };
        let permissions: Vec<_> = held.permissions.iter().map(|permission| permission.name()).collect();
        Self {
            id: grant.id.uuid(),
            tenant_id: tenant.uuid(),
            subject: grant.subject.clone(),
            role: held.role.name().to_owned(),
            scope: scope.to_owned(),
            scope_id,
            permissions: permissions.join(" "),
            valid_from: grant.from,
            valid_until: held.until,
            requested_by: grant.requested_by.uuid(),
            approved_by: grant.approved_by.map(DomainId::uuid),
            revoked_at: grant.revoked_at,
            revision: grant.revision + 1,
            sealed: None,
        }
    }

    /// The grant of this row.
    pub fn into_grant(self) -> Result<Grant> {
        let id = self.id;
        let wrong = |column, value: &str| broken("access_grant", column, id, value);
        let scope_id = |id: Option<Uuid>| id.ok_or_else(|| wrong("scope_id", "null"));
        let scope = match self.scope.as_str() {
            "TENANT" => GrantScope::Tenant,
            "UNIT" => GrantScope::Unit(scope_id(self.scope_id)?.into()),
            "LINE" => GrantScope::Line(scope_id(self.scope_id)?.into()),
            "CASE" => GrantScope::Case(scope_id(self.scope_id)?.into()),
            other => return Err(wrong("scope", other)),
        };
        let permissions = self.permissions.split_whitespace().map(Permission::named);
        let permissions =
            permissions.collect::<Option<_>>().ok_or_else(|| wrong("permissions", &self.permissions))?;
        let role = Role::named(&self.role).ok_or_else(|| wrong("role", &self.role))?;
        Ok(Grant {
            id: self.id.into(),
            subject: self.subject,
            held: HeldRole { role, scope, permissions, until: self.valid_until },
            from: self.valid_from,
            requested_by: self.requested_by.into(),
            approved_by: self.approved_by.map(Into::into),
            revoked_at: self.revoked_at,
            revision: self.revision,
            changed: false,
        })
    }
}
