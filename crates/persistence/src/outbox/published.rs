//! From the domain's events to the published ones. One exhaustive match each, without `_`: a new event of
//! the domain forces the question how it is published.

use uuid::Uuid;
use waymark_domain::evidence::EvidenceEvent;
use waymark_domain::framework::FrameworkEvent;
use waymark_domain::kernel::{DomainId, EventBody, SkillRecordId};
use waymark_domain::people::PeopleEvent;
use waymark_domain::progress::{Estimate, ProgressEvent, Readiness};
use waymark_events::PublishedEvent;
use waymark_events::payload::{
    AssignmentEndedV1, Claim, ConsentGivenV1, ConsentWithdrawnV1, EvidenceAcceptedV1, EvidenceDisputedV1,
    EvidenceProposedV1, EvidenceRejectedV1, EvidenceVerifiedV1, EvidenceWithdrawnV1, FrameworkDraftedV1,
    FrameworkPublishedV1, GapClosedV1, PersonAssignedV1, PersonErasedV1, PersonRegisteredV1, PersonUpdatedV1,
    PositionDefinedV1, ReadinessChangedV1, ReportingLineChangedV1, SkillDefinedV1, SkillEstimateChangedV1,
    SkillLevelAttestedV1, SkillLevelEndorsedV1, SkillRetiredV1, TeamChangedV1, TeamDefinedV1,
};

/// An event as it is published: its payload, whose stream it belongs to, what it is about.
pub(super) struct Published {
    pub event: PublishedEvent,
    pub key: Uuid,
    pub subject: String,
}

impl Published {
    fn new(event: PublishedEvent, key: impl DomainId, what: &str, about: impl DomainId) -> Self {
        Self { event, key: key.uuid(), subject: format!("{what}/{about}") }
    }
}

/// How this event is published.
pub(super) fn published(event: &EventBody) -> Published {
    match event {
        EventBody::Framework(event) => framework(event),
        EventBody::People(event) => people(event),
        EventBody::Evidence(event) => evidence(event),
        EventBody::Progress(event) => progress(event),
    }
}

fn framework(event: &FrameworkEvent) -> Published {
    let of = event.framework();
    match event.clone() {
        FrameworkEvent::Drafted { framework, version, number, key, skills, positions } => {
            let payload = FrameworkDraftedV1 {
                framework_id: framework.uuid(),
                version_id: version.uuid(),
                version: number,
                key: key.to_string(),
                skills,
                positions,
            };
            Published::new(PublishedEvent::FrameworkDrafted(payload), of, "framework-version", version)
        }
        FrameworkEvent::Published { framework, version, number, key } => {
            let payload = FrameworkPublishedV1 {
                framework_id: framework.uuid(),
                version_id: version.uuid(),
                version: number,
                key: key.to_string(),
            };
            Published::new(PublishedEvent::FrameworkPublished(payload), of, "framework-version", version)
        }
        FrameworkEvent::SkillDefined { framework, version, skill, key, kind } => {
            let payload = SkillDefinedV1 {
                framework_id: framework.uuid(),
                version_id: version.uuid(),
                skill_id: skill.uuid(),
                key: key.to_string(),
                kind: kind.name().to_owned(),
            };
            Published::new(PublishedEvent::SkillDefined(payload), of, "skill", skill)
        }
        FrameworkEvent::SkillRetired { framework, version, skill, key } => {
            let payload = SkillRetiredV1 {
                framework_id: framework.uuid(),
                version_id: version.uuid(),
                skill_id: skill.uuid(),
                key: key.to_string(),
            };
            Published::new(PublishedEvent::SkillRetired(payload), of, "skill", skill)
        }
        FrameworkEvent::PositionDefined { framework, version, position, key, track, rank, requirements } => {
            let payload = PositionDefinedV1 {
                framework_id: framework.uuid(),
                version_id: version.uuid(),
                position_id: position.uuid(),
                key: key.to_string(),
                track: track.to_string(),
                rank,
                requirements,
            };
            Published::new(PublishedEvent::PositionDefined(payload), of, "position", position)
        }
    }
}

fn people(event: &PeopleEvent) -> Published {
    match event.clone() {
        PeopleEvent::TeamDefined { team, key } => {
            let payload = TeamDefinedV1 { team_id: team.uuid(), key: key.to_string() };
            Published::new(PublishedEvent::TeamDefined(payload), team, "team", team)
        }
        PeopleEvent::Registered { person, team, manager } => {
            let payload = PersonRegisteredV1 {
                person_id: person.uuid(),
                team_id: team.map(DomainId::uuid),
                manager_id: manager.map(DomainId::uuid),
            };
            Published::new(PublishedEvent::PersonRegistered(payload), person, "person", person)
        }
        PeopleEvent::Updated { person, fields } => {
            let fields = fields.into_iter().map(str::to_owned).collect();
            let payload = PersonUpdatedV1 { person_id: person.uuid(), fields };
            Published::new(PublishedEvent::PersonUpdated(payload), person, "person", person)
        }
        PeopleEvent::ConsentGiven { person, purpose, version } => {
            let payload = ConsentGivenV1 { person_id: person.uuid(), purpose: purpose.to_string(), version };
            Published::new(PublishedEvent::ConsentGiven(payload), person, "person", person)
        }
        PeopleEvent::ConsentWithdrawn { person, purpose, version } => {
            let payload =
                ConsentWithdrawnV1 { person_id: person.uuid(), purpose: purpose.to_string(), version };
            Published::new(PublishedEvent::ConsentWithdrawn(payload), person, "person", person)
        }
        PeopleEvent::Erased { person } => {
            let payload = PersonErasedV1 { person_id: person.uuid() };
            Published::new(PublishedEvent::PersonErased(payload), person, "person", person)
        }
        PeopleEvent::TeamChanged { person, team } => {
            let payload = TeamChangedV1 { person_id: person.uuid(), team_id: team.map(DomainId::uuid) };
            Published::new(PublishedEvent::TeamChanged(payload), person, "person", person)
        }
        PeopleEvent::ReportingLineChanged { person, manager } => {
            let manager_id = manager.map(DomainId::uuid);
            let payload = ReportingLineChangedV1 { person_id: person.uuid(), manager_id };
            Published::new(PublishedEvent::ReportingLineChanged(payload), person, "person", person)
        }
        PeopleEvent::Assigned { person, position, from } => {
            let payload = PersonAssignedV1 { person_id: person.uuid(), position_id: position.uuid(), from };
            Published::new(PublishedEvent::PersonAssigned(payload), person, "person", person)
        }
        PeopleEvent::AssignmentEnded { person, position, to } => {
            let payload = AssignmentEndedV1 { person_id: person.uuid(), position_id: position.uuid(), to };
            Published::new(PublishedEvent::AssignmentEnded(payload), person, "person", person)
        }
    }
}

fn evidence(event: &EvidenceEvent) -> Published {
    let (about, of) = event.about();
    let (evidence_id, person_id) = (about.uuid(), of.uuid());
    let event = match event.clone() {
        EvidenceEvent::Proposed { kind, occurred_on, claims, .. } => {
            let claims = claims.iter();
            PublishedEvent::EvidenceProposed(EvidenceProposedV1 {
                evidence_id,
                person_id,
                kind: kind.name().to_owned(),
                occurred_on,
                claims: claims.map(|c| Claim { skill_id: c.skill.uuid(), level: c.level.get() }).collect(),
            })
        }
        EvidenceEvent::Accepted { .. } => {
            PublishedEvent::EvidenceAccepted(EvidenceAcceptedV1 { evidence_id, person_id })
        }
        EvidenceEvent::Rejected { .. } => {
            PublishedEvent::EvidenceRejected(EvidenceRejectedV1 { evidence_id, person_id })
        }
        EvidenceEvent::Verified { by, .. } => {
            let verified_by = by.uuid();
            PublishedEvent::EvidenceVerified(EvidenceVerifiedV1 { evidence_id, person_id, verified_by })
        }
        EvidenceEvent::Disputed { by, .. } => {
            let disputed_by = by.uuid();
            PublishedEvent::EvidenceDisputed(EvidenceDisputedV1 { evidence_id, person_id, disputed_by })
        }
        EvidenceEvent::Withdrawn { .. } => {
            PublishedEvent::EvidenceWithdrawn(EvidenceWithdrawnV1 { evidence_id, person_id })
        }
    };
    Published::new(event, of, "evidence", about)
}

fn progress(event: &ProgressEvent) -> Published {
    let of = event.person();
    let person_id = of.uuid();
    match event.clone() {
        ProgressEvent::LevelEndorsed { skill, level, by, .. } => {
            let (skill_id, level, endorsed_by) = (skill.uuid(), level.get(), by.uuid());
            let payload = SkillLevelEndorsedV1 { person_id, skill_id, level, endorsed_by };
            let about = SkillRecordId::of(of, skill);
            Published::new(PublishedEvent::SkillLevelEndorsed(payload), of, "skill-record", about)
        }
        ProgressEvent::LevelAttested { skill, level, previous, by, .. } => {
            let payload = SkillLevelAttestedV1 {
                person_id,
                skill_id: skill.uuid(),
                level: level.get(),
                previous_level: previous.map(|level| level.get()),
                attested_by: by.into_iter().map(DomainId::uuid).collect(),
            };
            let about = SkillRecordId::of(of, skill);
            Published::new(PublishedEvent::SkillLevelAttested(payload), of, "skill-record", about)
        }
        ProgressEvent::EstimateChanged { skill, score, confidence, at, .. } => {
            let payload = SkillEstimateChangedV1 {
                person_id,
                skill_id: skill.uuid(),
                score,
                confidence,
                rule_version: Estimate::RULE.to_owned(),
                computed_at: at,
            };
            let about = SkillRecordId::of(of, skill);
            Published::new(PublishedEvent::SkillEstimateChanged(payload), of, "skill-record", about)
        }
        ProgressEvent::ReadinessChanged { position, previous, score, mandatory_met, .. } => {
            let payload = ReadinessChangedV1 {
                person_id,
                position_id: position.uuid(),
                previous_score: previous,
                score,
                mandatory_met,
                rule_version: Readiness::RULE.to_owned(),
            };
            Published::new(PublishedEvent::ReadinessChanged(payload), of, "position", position)
        }
        ProgressEvent::GapClosed { position, skill, required, .. } => {
            let payload = GapClosedV1 {
                person_id,
                position_id: position.uuid(),
                skill_id: skill.uuid(),
                required_level: required.get(),
            };
            Published::new(PublishedEvent::GapClosed(payload), of, "position", position)
        }
    }
}
