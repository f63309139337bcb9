//! Rows of the audit log.

use crate::error::{Result, broken, named};
use sea_orm::{NotSet, Set};
use uuid::Uuid;
use waymark_domain::audit::{AuditEntry, AuditNote, AuditOutcome};
use waymark_domain::kernel::{DomainId, ObjectKind, ObjectRef};

/// What is not sealed yet.
pub(crate) mod pending {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_pending")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub id: Uuid,
        pub tenant_id: Uuid,
        pub at: ChronoDateTimeUtc,
        pub actor_id: Uuid,
        pub action: String,
        pub object_kind: Option<String>,
        pub object_id: Option<Uuid>,
        pub person_id: Option<Uuid>,
        pub outcome: String,
        pub correlation: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is sealed.
pub(crate) mod entry {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub id: Uuid,
        pub at: ChronoDateTimeUtc,
        pub actor_id: Uuid,
        pub action: String,
        pub object_kind: Option<String>,
        pub object_id: Option<Uuid>,
        pub person_id: Option<Uuid>,
        pub outcome: String,
        pub correlation: Uuid,
        pub hash: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl pending::ActiveModel {
    /// The row of a note.
    pub fn of(id: Uuid, note: &AuditNote) -> Self {
        Self {
            seq: NotSet,
            id: Set(id),
            tenant_id: Set(note.tenant.uuid()),
            at: Set(note.at),
            actor_id: Set(note.actor.uuid()),
            action: Set(note.action.clone()),
            object_kind: Set(note.object.map(|object| object.kind.name().to_owned())),
            object_id: Set(note.object.map(|object| object.id)),
            person_id: Set(note.person.map(DomainId::uuid)),
            outcome: Set(note.outcome.name().to_owned()),
            correlation: Set(note.correlation),
        }
    }
}

impl pending::Model {
    /// The entry that it becomes at this place, without its hash.
    pub fn into_entry(self, number: i64) -> entry::Model {
        entry::Model {
            tenant_id: self.tenant_id,
            number,
            id: self.id,
            at: self.at,
            actor_id: self.actor_id,
            action: self.action,
            object_kind: self.object_kind,
            object_id: self.object_id,
            person_id: self.person_id,
            outcome: self.outcome,
            correlation: self.correlation,
            hash: String::new(),
        }
    }
}

impl entry::Model {
    /// The entry of this row.
    pub fn into_view(self) -> Result<AuditEntry> {
        const TABLE: &str = "audit_entry";
        let object = match (&self.object_kind, self.object_id) {
            (Some(kind), Some(id)) => {
                let kind = named(&ObjectKind::NAMES, TABLE, "object_kind", self.id, kind)?;
                Some(ObjectRef { kind, id })
            }
            (None, None) => None,
            (kind, _) => return Err(broken(TABLE, "object_kind", self.id, format!("{kind:?}"))),
        };
        let outcome = named(&AuditOutcome::NAMES, TABLE, "outcome", self.id, &self.outcome)?;
        Ok(AuditEntry {
            id: self.id.into(),
            number: self.number,
            note: AuditNote {
                tenant: self.tenant_id.into(),
                at: self.at,
                actor: self.actor_id.into(),
                action: self.action,
                object,
                person: self.person_id.map(Into::into),
                outcome,
                correlation: self.correlation,
            },
            hash: self.hash,
        })
    }
}
