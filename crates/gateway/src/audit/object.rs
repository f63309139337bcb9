//! Types of the audit log.

use crate::people::Person;
use crate::relay::{GlobalId, NodeType};
use crate::scalars::DateTime;
use crate::services::loaders;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use waymark_domain::audit::{
    Anchor, AuditEntry as DomainEntry, AuditFault as DomainFault, AuditFaultKind as DomainFaultKind,
    AuditOutcome as DomainOutcome, Verification,
};
use waymark_domain::kernel::{DomainId, ObjectKind, PersonId};

/// How what was tried ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainOutcome")]
pub enum AuditOutcome {
    /// It was done.
    Done,
    /// Denied: whoever tried lacks the authority.
    Forbidden,
    /// Denied: nobody judges or approves their own.
    SelfReview,
    /// Denied: there is no such thing, or whoever tried may not know of it.
    NotFound,
}

/// What kind of thing an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ObjectKind")]
pub enum AuditObjectKind {
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

/// Something that was done or denied. Names people, things and requests by id alone.
pub(crate) struct AuditEntry(DomainEntry);

impl From<DomainEntry> for AuditEntry {
    fn from(entry: DomainEntry) -> Self {
        Self(entry)
    }
}

/// Something that was done or denied. Names people, things and requests by id alone.
#[Object]
impl AuditEntry {
    /// Global id.
    async fn id(&self) -> ID {
        GlobalId::encode(NodeType::AuditEntry, self.0.id)
    }

    /// Its place in the tenant's chain, from 1, without gaps.
    async fn number(&self) -> i64 {
        self.0.number
    }

    /// When it was done or denied.
    async fn at(&self) -> DateTime {
        DateTime(self.0.note.at)
    }

    /// Pseudonymous id of whoever acted.
    async fn actor_id(&self) -> ID {
        ID(self.0.note.actor.uuid().to_string())
    }

    /// Whoever acted; null for those who are no person, and once they are erased.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Person>> {
        Ok(loaders(ctx)?.one(PersonId::from(self.0.note.actor.uuid())).await?.map(Person))
    }

    /// What was tried: the name of a mutation or of an operator's command; for what was read, the action of the
    /// table of roles.
    async fn action(&self) -> &str {
        &self.0.note.action
    }

    /// What kind of thing it was tried on; null where it was about many or none.
    async fn object_kind(&self) -> Option<AuditObjectKind> {
        self.0.note.object.map(|object| object.kind.into())
    }

    /// Global id of the thing; it may be one of another tenant, or none at all, if it was denied.
    async fn object_id(&self) -> Option<ID> {
        self.0.note.object.map(GlobalId::of_object)
    }

    /// Global id of the one person whom it concerns, if there is one.
    async fn person_id(&self) -> Option<ID> {
        self.0.note.person.map(|person| GlobalId::encode(NodeType::Person, person))
    }

    /// How it ended.
    async fn outcome(&self) -> AuditOutcome {
        self.0.note.outcome.into()
    }

    /// The request in which it was tried: the one that its answer named, and that its events bear.
    async fn correlation_id(&self) -> ID {
        ID(self.0.note.correlation.to_string())
    }

    /// SHA-256 over the hash of the entry before and this entry, in hexadecimal digits.
    async fn hash(&self) -> &str {
        &self.0.hash
    }
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DomainFaultKind")]
pub enum AuditFaultKind {
    /// It does not follow from the one before: one of the two was changed.
    Changed,
    /// It has another hash than `after` said.
    Unexpected,
    /// It is not there, and later ones are.
    Missing,
    /// It was never sealed here.
    Inserted,
    /// It was sealed at another place.
    Reordered,
    /// The chain ends before it, and was longer once.
    TailCut,
    /// It is the last one and does not fit the head of the chain: one of the two was changed.
    HeadChanged,
}

/// The first place at which a chain is broken.
#[derive(SimpleObject)]
pub(crate) struct AuditFault {
    /// The number of the entry.
    number: i64,
    /// Global id of the entry that stands there; null if none does.
    entry_id: Option<ID>,
    /// What is wrong with it.
    kind: AuditFaultKind,
    /// The same for people.
    message: String,
}

impl From<DomainFault> for AuditFault {
    fn from(fault: DomainFault) -> Self {
        Self {
            number: fault.number,
            entry_id: fault.entry.map(|id| GlobalId::encode(NodeType::AuditEntry, id)),
            kind: fault.kind.into(),
            message: format!("Entry {} {}.", fault.number, fault.kind.phrase()),
        }
    }
}

/// What a look at a part of the chain found.
#[derive(SimpleObject)]
pub(crate) struct AuditVerification {
    /// Whether everything that was looked at fits together.
    intact: bool,
    /// How many entries fit together.
    checked: u64,
    /// The last of them, as its number, a colon and its hash: hand it to `after` to go on.
    reached: String,
    /// Whether the look came to the end of the chain.
    complete: bool,
    /// The end of the chain, in the same form: note it elsewhere, and hand it to `after` later. Null if nothing was
    /// ever sealed.
    head: Option<String>,
    /// The first place at which the chain is broken.
    fault: Option<AuditFault>,
}

impl From<Verification> for AuditVerification {
    fn from(found: Verification) -> Self {
        Self {
            intact: found.fault.is_none(),
            checked: found.checked,
            reached: found.reached.to_string(),
            complete: found.complete,
            head: found.head.as_ref().map(Anchor::to_string),
            fault: found.fault.map(Into::into),
        }
    }
}
