//! What a command leaves behind: changed aggregates and the events that they recorded.

use crate::access::Grant;
use crate::evidence::{Evidence, EvidenceEvent};
use crate::framework::{FrameworkEvent, FrameworkVersion};
use crate::kernel::{DomainId, GrantScope, ObjectKind, ObjectRef, PersonId};
use crate::people::{PeopleEvent, Person, Team};
use crate::privacy::{Consent, DataExport, ErasureRequest};
use crate::progress::{ProgressEvent, SkillRecord};

/// A private event of the domain. Persistence maps it to a published one in one exhaustive match.
#[derive(Debug, Clone, PartialEq)]
pub enum EventBody {
    /// Of a framework.
    Framework(FrameworkEvent),
    /// Of a person or a team.
    People(PeopleEvent),
    /// Of a piece of evidence.
    Evidence(EvidenceEvent),
    /// Of a person's levels and readiness.
    Progress(ProgressEvent),
}

/// A changed aggregate, ready to be saved together with its events.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A framework version.
    Framework(Box<FrameworkVersion>),
    /// A team.
    Team(Team),
    /// A person.
    Person(Box<Person>),
    /// A piece of evidence.
    Evidence(Box<Evidence>),
    /// A person's record of a skill.
    SkillRecord(Box<SkillRecord>),
    /// A role granted to somebody.
    Grant(Box<Grant>),
    /// A request to erase a person.
    ErasureRequest(Box<ErasureRequest>),
    /// A new export of a person's data.
    DataExport(Box<DataExport>),
    /// What a person agreed to, or took back.
    Consent(Box<Consent>),
}

impl Change {
    /// What is changed.
    #[must_use]
    pub fn object(&self) -> ObjectRef {
        let (kind, id) = match self {
            Self::Framework(version) => (ObjectKind::FrameworkVersion, version.id.uuid()),
            Self::Team(team) => (ObjectKind::Team, team.id.uuid()),
            Self::Person(person) => (ObjectKind::Person, person.id.uuid()),
            Self::Evidence(evidence) => (ObjectKind::Evidence, evidence.id.uuid()),
            Self::SkillRecord(record) => (ObjectKind::SkillRecord, record.id.uuid()),
            Self::Grant(grant) => (ObjectKind::Grant, grant.id.uuid()),
            Self::ErasureRequest(request) => (ObjectKind::ErasureRequest, request.id.uuid()),
            Self::DataExport(export) => (ObjectKind::DataExport, export.view.id.uuid()),
            Self::Consent(consent) => (ObjectKind::Consent, consent.id.uuid()),
        };
        ObjectRef { kind, id }
    }

    /// The one person whom the change concerns, if there is one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Framework(_) | Self::Team(_) => None,
            Self::Person(person) => Some(person.id),
            Self::Evidence(evidence) => Some(evidence.subject),
            Self::SkillRecord(record) => Some(record.person),
            Self::Grant(grant) => match grant.held.scope {
                GrantScope::Case(person) | GrantScope::Line(person) => Some(person),
                GrantScope::Tenant | GrantScope::Unit(_) => None,
            },
            Self::ErasureRequest(request) => Some(request.person),
            Self::DataExport(export) => Some(export.view.person),
            Self::Consent(consent) => Some(consent.person),
        }
    }

    /// The events that the aggregate recorded since it was loaded, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<EventBody> {
        match self {
            Self::Framework(version) => version.events.iter().cloned().map(EventBody::Framework).collect(),
            Self::Team(team) => team.events.iter().cloned().map(EventBody::People).collect(),
            Self::Person(person) => person.events.iter().cloned().map(EventBody::People).collect(),
            Self::Consent(consent) => consent.events.iter().cloned().map(EventBody::People).collect(),
            Self::Evidence(evidence) => evidence.events.iter().cloned().map(EventBody::Evidence).collect(),
            // Neither rights nor requests are anything that consumers of events are told; what came of a request is.
            Self::Grant(_) | Self::ErasureRequest(_) | Self::DataExport(_) => Vec::new(),
            Self::SkillRecord(record) => record.events.iter().cloned().map(EventBody::Progress).collect(),
        }
    }
}
