//! What a command is about, by kind and id alone.

use super::{DomainId, PersonId};
use uuid::Uuid;

/// The kinds of things that commands change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// One version of a framework.
    FrameworkVersion,
    /// A team.
    Team,
    /// A person.
    Person,
    /// A piece of evidence.
    Evidence,
    /// A person's record of one skill.
    SkillRecord,
    /// A role granted to somebody.
    Grant,
    /// A request to erase a person.
    ErasureRequest,
    /// An export of a person's data.
    DataExport,
    /// What a person agreed to.
    Consent,
}

impl ObjectKind {
    /// Every kind with its name in stored rows.
    pub const NAMES: [(Self, &'static str); 9] = [
        (Self::FrameworkVersion, "FRAMEWORK_VERSION"),
        (Self::Team, "TEAM"),
        (Self::Person, "PERSON"),
        (Self::Evidence, "EVIDENCE"),
        (Self::SkillRecord, "SKILL_RECORD"),
        (Self::Grant, "GRANT"),
        (Self::ErasureRequest, "ERASURE_REQUEST"),
        (Self::DataExport, "DATA_EXPORT"),
        (Self::Consent, "CONSENT"),
    ];

    /// The kind's name in stored rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        crate::framework::name_in(&Self::NAMES, self)
    }
}

/// One thing, without a word of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// What kind of thing it is.
    pub kind: ObjectKind,
    /// Its id.
    pub id: Uuid,
}

impl ObjectRef {
    /// A person.
    #[must_use]
    pub fn person(id: PersonId) -> Self {
        Self { kind: ObjectKind::Person, id: id.uuid() }
    }
}
