//! What can be done, as far as it depends on who does it.

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// See that a person exists: name, discipline, team, manager, position held.
    ReadProfile,
    /// See a person's e-mail address and the positions that they held.
    ReadPrivateProfile,
    /// Change a person's name, e-mail address and discipline.
    EditProfile,
    /// Change a person's team, manager and position.
    PlacePerson,
    /// Import people from the organisation's directory.
    ImportPeople,
    /// Read a piece of evidence. Its author always may.
    ReadEvidence,
    /// Record evidence about somebody; about others it is a proposal that they accept.
    CreateEvidence,
    /// Verify or dispute evidence.
    VerifyEvidence,
    /// Read a person's levels and readiness.
    ReadProgress,
    /// Follow what happens to a person.
    FollowEvents,
    /// Attest or endorse a level.
    AttestLevel,
    /// Import a draft of a framework, and read drafts.
    DraftFramework,
    /// Publish a version of a framework.
    PublishFramework,
    /// Grant roles and take them back.
    ManageGrants,
    /// Read the audit log: the entries of what somebody did or was denied. Verifying it takes all of it.
    ReadAudit,
    /// Ask for the erasure of a person.
    RequestErasure,
    /// Approve or refuse an erasure.
    DecideErasure,
    /// Ask for everything that is known of a person, and take it along.
    RequestExport,
    /// Agree to a purpose, and take that back.
    GiveConsent,
}

impl Action {
    /// Every action, in the order of the table's rows.
    pub const ALL: [Self; 19] = [
        Self::ReadProfile,
        Self::ReadPrivateProfile,
        Self::EditProfile,
        Self::PlacePerson,
        Self::ImportPeople,
        Self::ReadEvidence,
        Self::CreateEvidence,
        Self::VerifyEvidence,
        Self::ReadProgress,
        Self::FollowEvents,
        Self::AttestLevel,
        Self::DraftFramework,
        Self::PublishFramework,
        Self::ManageGrants,
        Self::ReadAudit,
        Self::RequestErasure,
        Self::DecideErasure,
        Self::RequestExport,
        Self::GiveConsent,
    ];

    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadProfile => "read-profile",
            Self::ReadPrivateProfile => "read-private-profile",
            Self::EditProfile => "edit-profile",
            Self::PlacePerson => "place-person",
            Self::ImportPeople => "import-people",
            Self::ReadEvidence => "read-evidence",
            Self::CreateEvidence => "create-evidence",
            Self::VerifyEvidence => "verify-evidence",
            Self::ReadProgress => "read-progress",
            Self::FollowEvents => "follow-events",
            Self::AttestLevel => "attest-level",
            Self::DraftFramework => "draft-framework",
            Self::PublishFramework => "publish-framework",
            Self::ManageGrants => "manage-grants",
            Self::ReadAudit => "read-audit",
            Self::RequestErasure => "request-erasure",
            Self::DecideErasure => "decide-erasure",
            Self::RequestExport => "request-export",
            Self::GiveConsent => "give-consent",
        }
    }

    /// What it is, so that "You may not ..." is a sentence.
    pub(super) const fn phrase(self) -> &'static str {
        match self {
            Self::ReadProfile => "see this person",
            Self::ReadPrivateProfile => "see the private part of this profile",
            Self::EditProfile => "change this profile",
            Self::PlacePerson => "change this person's team, manager or position",
            Self::ImportPeople => "import people",
            Self::ReadEvidence => "read this evidence",
            Self::CreateEvidence => "record evidence",
            Self::VerifyEvidence => "verify or dispute evidence about this person",
            Self::ReadProgress => "see this person's levels",
            Self::FollowEvents => "follow this person's events",
            Self::AttestLevel => "attest levels of this person",
            Self::DraftFramework => "import frameworks",
            Self::PublishFramework => "publish frameworks",
            Self::ManageGrants => "grant roles",
            Self::ReadAudit => "read the audit log",
            Self::RequestErasure => "ask for the erasure of this person",
            Self::DecideErasure => "decide erasures",
            Self::RequestExport => "ask for an export of this person's data",
            Self::GiveConsent => "agree to anything for this person",
        }
    }

    /// Whether it judges a person: only humans do, and nobody does it to themselves.
    #[must_use]
    pub const fn is_judgement(self) -> bool {
        matches!(self, Self::VerifyEvidence | Self::AttestLevel)
    }
}
