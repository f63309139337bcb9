//! Payloads: one type per event and version.
//!
//! A compatible change adds or removes an optional field; anything else is a new version with a new type.
//! Levels are whole numbers from 0 to 5, times are RFC 3339 in UTC, scores and confidences lie in 0..=5 and
//! 0..=1.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }
    )+};
}

/// A skill and the level that evidence claims for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The skill.
    pub skill_id: Uuid,
    /// The claimed level.
    #[schemars(range(min = 0, max = 5))]
    pub level: u8,
}

/// Where a person stands in a skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkillState {
    /// The skill.
    pub skill_id: Uuid,
    /// The attested level, if there is one.
    #[schemars(range(min = 0, max = 5))]
    pub attested_level: Option<u8>,
    /// The estimate when its items last changed; none when nothing counts.
    #[schemars(range(min = 0, max = 5))]
    pub score: Option<f64>,
    /// The confidence of the estimate.
    #[schemars(range(min = 0, max = 1))]
    pub confidence: Option<f64>,
}

payloads! {
    /// A draft version of a framework was imported.
    FrameworkDraftedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version.
        version_id: Uuid,
        /// Number of the version, from 1.
        #[schemars(range(min = 1))]
        version: u32,
        /// Key of the framework within its tenant.
        key: String,
        /// How many skills it has.
        skills: u32,
        /// How many positions it has.
        positions: u32,
    }

    /// A framework version was published: it never changes again.
    FrameworkPublishedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version.
        version_id: Uuid,
        /// Number of the version, from 1.
        #[schemars(range(min = 1))]
        version: u32,
        /// Key of the framework within its tenant.
        key: String,
    }

    /// A published version has a skill that no earlier published version had.
    SkillDefinedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version that brought it.
        version_id: Uuid,
        /// The skill; the same over all versions.
        skill_id: Uuid,
        /// Key of the skill within the framework.
        key: String,
        /// COMPETENCY, TECHNOLOGY, PRACTICE or COLLABORATION.
        kind: String,
    }

    /// A published version no longer has a skill, or marks it as retired. Its history stays.
    SkillRetiredV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version that retired it.
        version_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// Key of the skill within the framework.
        key: String,
    }

    /// A published version has this position.
    PositionDefinedV1 {
        /// The framework.
        framework_id: Uuid,
        /// The version to which the position belongs.
        version_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// Key of the position within the framework.
        key: String,
        /// Key of its track.
        track: String,
        /// Its place on the track, from 1.
        #[schemars(range(min = 1))]
        rank: u32,
        /// How many requirements it has.
        requirements: u32,
    }

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

    /// A person's whole progress record as it is now: each replaces the one before. A person who was erased has none, but
    /// a tombstone.
    ProgressStateV1 {
        /// The person.
        person_id: Uuid,
        /// The `ce_sequence` of the last event of `career.progress.events.v1` that is contained.
        #[schemars(range(min = 1))]
        version: i64,
        /// The position held, if there is one.
        position_id: Option<Uuid>,
        /// The first day on which it is held.
        position_since: Option<NaiveDate>,
        /// Skills with a record, by id.
        skills: Vec<SkillState>,
    }

    /// A person was erased. Kept for good, so that a consumer that begins later learns it too.
    SubjectErasedV1 {
        /// The person.
        subject_id: Uuid,
        /// When.
        erased_at: DateTime<Utc>,
    }

    /// Evidence was recorded and awaits its subject's word.
    EvidenceProposedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
        /// Kind of evidence.
        kind: String,
        /// Day on which it happened.
        occurred_on: NaiveDate,
        /// What it claims.
        claims: Vec<Claim>,
    }

    /// The subject accepted the evidence as theirs.
    EvidenceAcceptedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
    }

    /// The subject rejected the evidence.
    EvidenceRejectedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
    }

    /// Another human confirmed the evidence.
    EvidenceVerifiedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
        /// Pseudonymous id of whoever verified it.
        verified_by: Uuid,
    }

    /// Another human disputed the evidence.
    EvidenceDisputedV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
        /// Pseudonymous id of whoever disputed it.
        disputed_by: Uuid,
    }

    /// The evidence no longer counts.
    EvidenceWithdrawnV1 {
        /// The evidence.
        evidence_id: Uuid,
        /// Whom it is about.
        person_id: Uuid,
    }

    /// A human with authority vouched for a level, as the second pair of eyes that levels 4 and 5 need.
    SkillLevelEndorsedV1 {
        /// The person.
        person_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// The endorsed level.
        #[schemars(range(min = 0, max = 5))]
        level: u8,
        /// Pseudonymous id of whoever endorsed it.
        endorsed_by: Uuid,
    }

    /// A human with authority attested a level.
    SkillLevelAttestedV1 {
        /// The person.
        person_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// The attested level.
        #[schemars(range(min = 0, max = 5))]
        level: u8,
        /// The level attested before; null for none.
        #[schemars(range(min = 0, max = 5))]
        previous_level: Option<u8>,
        /// Pseudonymous ids of those who vouch for it, the one who attested first.
        attested_by: Vec<Uuid>,
    }

    /// The computed estimate of a skill changed.
    SkillEstimateChangedV1 {
        /// The person.
        person_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// Weighted mean level of what is known, 0 to 5.
        #[schemars(range(min = 0.0, max = 5.0))]
        score: f64,
        /// How much is known, 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        confidence: f64,
        /// Version of the rule that computed it.
        rule_version: String,
        /// When it was computed.
        computed_at: DateTime<Utc>,
    }

    /// A person's readiness for a position changed.
    ReadinessChangedV1 {
        /// The person.
        person_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// Readiness before, 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        previous_score: f64,
        /// Readiness now, 0 to 1.
        #[schemars(range(min = 0.0, max = 1.0))]
        score: f64,
        /// Whether every mandatory requirement is met.
        mandatory_met: bool,
        /// Version of the rule that computed it.
        rule_version: String,
    }

    /// A person reached what a position requires of a skill.
    GapClosedV1 {
        /// The person.
        person_id: Uuid,
        /// The position.
        position_id: Uuid,
        /// The skill.
        skill_id: Uuid,
        /// The level that the position requires.
        #[schemars(range(min = 1, max = 5))]
        required_level: u8,
    }
}
