//! Rows of the log.

use crate::error::{Result, broken};
use waymark_events::Record;

/// The log of all events.
pub(crate) mod event {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event_log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub event_id: Uuid,
        pub tenant_id: Uuid,
        pub tenant_key: String,
        pub shard: i16,
        pub topic: String,
        pub key: String,
        pub sequence: i64,
        #[sea_orm(column_name = "type")]
        pub event_type: String,
        pub subject: String,
        pub occurred_at: ChronoDateTimeUtc,
        pub trace: String,
        pub data: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Events that the broker has not acknowledged.
pub(crate) mod pending {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_pending")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub shard: i16,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// People of whom the compacted topics are to tell.
pub(crate) mod state {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "state_pending")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        pub tenant_id: Uuid,
        pub tenant_key: String,
        pub shard: i16,
        pub mark: Uuid,
        pub changed_at: ChronoDateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl event::Model {
    /// The event of this row, in its envelope.
    pub fn into_record(self) -> Result<Record> {
        Ok(Record {
            seq: self.seq,
            id: self.event_id,
            tenant: self.tenant_key,
            event_type: self.event_type,
            topic: self.topic,
            key: self.key,
            subject: self.subject,
            sequence: self.sequence,
            time: self.occurred_at,
            trace: serde_json::from_str(&self.trace)
                .map_err(|error| broken("event_log", "trace", self.seq, error))?,
            data: self.data,
        })
    }
}
