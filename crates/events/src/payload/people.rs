//! People and teams: who they are to each other, positions, consent, erasure.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

payloads! {
    /// A team exists.
    TeamDefinedV1 {
        /// The team.
        team_id: Uuid,
        /// Key of the team within its tenant.
        key: String,
    }

    /// A person is known.
    PersonRegisteredV1 {
        /// The person.
        person_id: Uuid,
        /// Their team, if any.
        team_id: Option<Uuid>,
        /// Their manager, if any.
        manager_id: Option<Uuid>,
    }

    /// What is known of a person changed. Which fields; never their values.
    PersonUpdatedV1 {
        /// The person.
        person_id: Uuid,
        /// Names of the changed fields.
        fields: Vec<String>,
    }

    /// A person moved to another team.
    TeamChangedV1 {
        /// The person.
        person_id: Uuid,
        /// The team from now on; null for none.
        team_id: Option<Uuid>,
    }

    /// A person reports to somebody else.
    ReportingLineChangedV1 {
        /// The person.
        person_id: Uuid,
        /// The manager from now on; null for none.
        manager_id: Option<Uuid>,
    }

    /// A person holds a position.
    PersonAssignedV1 {
        /// The person.
        person_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// First day in the position.
        from: NaiveDate,
    }

    /// A person's assignment ended.
    AssignmentEndedV1 {
        /// The person.
        person_id: Uuid,
        /// The position that they held.
        position_id: Uuid,
        /// The first day on which they no longer hold it.
        to: NaiveDate,
    }

    /// A person agreed to a purpose of the operator's.
    ConsentGivenV1 {
        /// The person.
        person_id: Uuid,
        /// Key of the purpose.
        purpose: String,
        /// Version of the text that they agreed to, from 1.
        #[schemars(range(min = 1))]
        version: u32,
    }

    /// A person took back what they had agreed to. Consumers stop what they do for that purpose.
    ConsentWithdrawnV1 {
        /// The person.
        person_id: Uuid,
        /// Key of the purpose.
        purpose: String,
        /// Version of the text that they had agreed to, from 1.
        #[schemars(range(min = 1))]
        version: u32,
    }

    /// Nothing that names a person is left, and what was recorded about them is gone. Consumers delete what they keep
    /// of them.
    PersonErasedV1 {
        /// The person.
        person_id: Uuid,
    }
}
