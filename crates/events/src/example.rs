//! One example of every payload, for the document of the contract. Compiled like everything else, so that no field is
//! forgotten.

use crate::payload::{
    AssignmentEndedV1, Claim, ConsentGivenV1, ConsentWithdrawnV1, EvidenceAcceptedV1, EvidenceDisputedV1,
    EvidenceProposedV1, EvidenceRejectedV1, EvidenceVerifiedV1, EvidenceWithdrawnV1, FrameworkDraftedV1,
    FrameworkPublishedV1, GapClosedV1, PersonAssignedV1, PersonErasedV1, PersonRegisteredV1, PersonUpdatedV1,
    PositionDefinedV1, ProgressStateV1, ReadinessChangedV1, ReportingLineChangedV1, SkillDefinedV1,
    SkillEstimateChangedV1, SkillLevelAttestedV1, SkillLevelEndorsedV1, SkillRetiredV1, SkillState,
    SubjectErasedV1, TeamChangedV1, TeamDefinedV1,
};
use crate::{EventType, PublishedEvent, Record, TraceHeaders};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

const FRAMEWORK: Uuid = Uuid::from_u128(0x15b2_8954_aa60_5036_b23c_c307_ac01_cf05);
const VERSION: Uuid = Uuid::from_u128(0x18ed_d793_72fa_55b7_b00d_731b_8391_0ae3);
const SKILL: Uuid = Uuid::from_u128(0x0f20_a229_d804_521a_ad46_ff0b_fc6f_61db);
const POSITION: Uuid = Uuid::from_u128(0x5c1d_5e0a_7f3e_5b55_9d1c_2c1e_7a30_4411);
const TEAM: Uuid = Uuid::from_u128(0x01a2_10b7_d808_70a2_958c_0275_43d7_1d01);
const PERSON: Uuid = Uuid::from_u128(0x01a2_10b7_d808_70a2_958c_0275_43d7_1d19);
const MANAGER: Uuid = Uuid::from_u128(0x01a2_10b7_d808_70a2_958c_0275_43d7_1d20);
const EVIDENCE: Uuid = Uuid::from_u128(0x01a2_10b8_1c50_7b10_8a4e_6d9b_90c2_3e5f);
const RECORD: Uuid = Uuid::from_u128(0x01a2_10b8_1c51_7c22_9b1d_4f2a_7788_1a2b);
const EVENT: Uuid = Uuid::from_u128(0x01a2_10b8_1c52_75a4_a2a0_e260_7ee6_8ddc);
const REQUEST: Uuid = Uuid::from_u128(0x01a2_10b8_1c4f_710a_ba18_0451_be9e_6530);

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A payload that has an example.
pub(crate) trait Example {
    /// Key of its message.
    const KEY: Uuid;

    /// What it is about: the kind and the id of a `ce_subject`.
    const SUBJECT: (&'static str, Uuid);

    /// The example.
    fn example() -> Self;
}

/// When everything in the examples happens.
fn time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_777_888_800, 123_456_000).unwrap_or_default()
}

fn day() -> NaiveDate {
    time().date_naive()
}

/// The whole example of a type, as it lies in the log.
///
/// # Errors
/// When the payload cannot be written as JSON.
pub(crate) fn record(event_type: &EventType) -> serde_json::Result<Record> {
    let (event, key, (kind, about)): (PublishedEvent, Uuid, (&str, Uuid)) = (event_type.example)();
    Ok(Record {
        seq: 1,
        id: EVENT,
        tenant: "default".to_owned(),
        event_type: event_type.name.to_owned(),
        topic: event_type.topic.name().to_owned(),
        key: key.to_string(),
        subject: format!("{kind}/{about}"),
        sequence: 7,
        time: time(),
        trace: TraceHeaders {
            traceparent: Some(TRACE.to_owned()),
            tracestate: Some("vendor=value".to_owned()),
            correlationid: Some(REQUEST.to_string()),
            causationid: None,
            actorid: Some(MANAGER.to_string()),
        },
        data: event.data()?,
    })
}

macro_rules! examples {
    ($($payload:ident of $key:ident, $kind:literal $about:ident { $($fields:tt)* })+) => {$(
        impl Example for $payload {
            const KEY: Uuid = $key;
            const SUBJECT: (&'static str, Uuid) = ($kind, $about);
            fn example() -> Self {
                Self { $($fields)* }
            }
        }
    )+};
}

examples! {
    FrameworkDraftedV1 of FRAMEWORK, "framework-version" VERSION {
        framework_id: FRAMEWORK, version_id: VERSION, version: 1, key: "backend-developer".to_owned(),
        skills: 98, positions: 9
    }
    FrameworkPublishedV1 of FRAMEWORK, "framework-version" VERSION {
        framework_id: FRAMEWORK, version_id: VERSION, version: 1, key: "backend-developer".to_owned()
    }
    SkillDefinedV1 of FRAMEWORK, "skill" SKILL {
        framework_id: FRAMEWORK, version_id: VERSION, skill_id: SKILL, key: "sql".to_owned(),
        kind: "COMPETENCY".to_owned()
    }
    SkillRetiredV1 of FRAMEWORK, "skill" SKILL {
        framework_id: FRAMEWORK, version_id: VERSION, skill_id: SKILL, key: "sql".to_owned()
    }
    PositionDefinedV1 of FRAMEWORK, "position" POSITION {
        framework_id: FRAMEWORK, version_id: VERSION, position_id: POSITION, key: "senior".to_owned(),
        track: "individual-contributor".to_owned(), rank: 3, requirements: 24
    }
    TeamDefinedV1 of TEAM, "team" TEAM { team_id: TEAM, key: "payments".to_owned() }
    PersonRegisteredV1 of PERSON, "person" PERSON {
        person_id: PERSON, team_id: Some(TEAM), manager_id: Some(MANAGER)
    }
    PersonUpdatedV1 of PERSON, "person" PERSON { person_id: PERSON, fields: vec!["displayName".to_owned()] }
    TeamChangedV1 of PERSON, "person" PERSON { person_id: PERSON, team_id: Some(TEAM) }
    ReportingLineChangedV1 of PERSON, "person" PERSON { person_id: PERSON, manager_id: Some(MANAGER) }
    PersonAssignedV1 of PERSON, "person" PERSON { person_id: PERSON, position_id: POSITION, from: day() }
    AssignmentEndedV1 of PERSON, "person" PERSON { person_id: PERSON, position_id: POSITION, to: day() }
    PersonErasedV1 of PERSON, "person" PERSON { person_id: PERSON }
    EvidenceProposedV1 of PERSON, "evidence" EVIDENCE {
        evidence_id: EVIDENCE, person_id: PERSON, kind: "WORK_ARTEFACT".to_owned(), occurred_on: day(),
        claims: vec![Claim { skill_id: SKILL, level: 3 }]
    }
    EvidenceAcceptedV1 of PERSON, "evidence" EVIDENCE { evidence_id: EVIDENCE, person_id: PERSON }
    EvidenceRejectedV1 of PERSON, "evidence" EVIDENCE { evidence_id: EVIDENCE, person_id: PERSON }
    EvidenceVerifiedV1 of PERSON, "evidence" EVIDENCE {
        evidence_id: EVIDENCE, person_id: PERSON, verified_by: MANAGER
    }
    EvidenceDisputedV1 of PERSON, "evidence" EVIDENCE {
        evidence_id: EVIDENCE, person_id: PERSON, disputed_by: MANAGER
    }
    EvidenceWithdrawnV1 of PERSON, "evidence" EVIDENCE { evidence_id: EVIDENCE, person_id: PERSON }
    SkillLevelEndorsedV1 of PERSON, "skill-record" RECORD {
        person_id: PERSON, skill_id: SKILL, level: 4, endorsed_by: MANAGER
    }
    SkillLevelAttestedV1 of PERSON, "skill-record" RECORD {
        person_id: PERSON, skill_id: SKILL, level: 3, previous_level: Some(2), attested_by: vec![MANAGER]
    }
    SkillEstimateChangedV1 of PERSON, "skill-record" RECORD {
        person_id: PERSON, skill_id: SKILL, score: 2.75, confidence: 0.5, rule_version: "1".to_owned(),
        computed_at: time()
    }
    ReadinessChangedV1 of PERSON, "position" POSITION {
        person_id: PERSON, position_id: POSITION, previous_score: 0.5, score: 0.625, mandatory_met: false,
        rule_version: "1".to_owned()
    }
    GapClosedV1 of PERSON, "position" POSITION {
        person_id: PERSON, position_id: POSITION, skill_id: SKILL, required_level: 3
    }
    ProgressStateV1 of PERSON, "person" PERSON {
        person_id: PERSON, version: 17, position_id: Some(POSITION), position_since: Some(day()),
        skills: vec![SkillState { skill_id: SKILL, attested_level: Some(3), score: Some(2.75), confidence: Some(0.5) }]
    }
    SubjectErasedV1 of PERSON, "person" PERSON { subject_id: PERSON, erased_at: time() }
    ConsentGivenV1 of PERSON, "person" PERSON { person_id: PERSON, purpose: "newsletter".to_owned(), version: 1 }
    ConsentWithdrawnV1 of PERSON, "person" PERSON { person_id: PERSON, purpose: "newsletter".to_owned(), version: 1 }
}
