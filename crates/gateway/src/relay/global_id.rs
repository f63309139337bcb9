//! Global ids: opaque, canonical, typed.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use waymark_domain::kernel::{DomainId, ObjectKind, ObjectRef, Refusal};

/// Version of the form: one byte of version, one of type, sixteen of the UUID, in base64url.
const VERSION: u8 = 1;

/// What an id is the id of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NodeType {
    /// A framework.
    Framework = 1,
    /// A framework version.
    FrameworkVersion = 2,
    /// A skill.
    Skill = 3,
    /// A position.
    Position = 4,
    /// A person.
    Person = 5,
    /// A team.
    Team = 6,
    /// Evidence.
    Evidence = 7,
    /// A skill record.
    SkillRecord = 8,
    /// A grant.
    Grant = 9,
    /// A request for erasure.
    ErasureRequest = 10,
    /// An export of a person's data.
    DataExport = 11,
    /// What a person agreed to.
    Consent = 12,
    /// An entry of the audit log.
    AuditEntry = 20,
}

impl NodeType {
    const ALL: [Self; 13] = [
        Self::Framework,
        Self::FrameworkVersion,
        Self::Skill,
        Self::Position,
        Self::Person,
        Self::Team,
        Self::Evidence,
        Self::SkillRecord,
        Self::Grant,
        Self::ErasureRequest,
        Self::DataExport,
        Self::Consent,
        Self::AuditEntry,
    ];
}

/// A decoded id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// What it is the id of.
    pub node: NodeType,
    /// Its UUID.
    pub uuid: Uuid,
}

impl GlobalId {
    /// The id on the wire.
    #[must_use]
    pub fn encode(node: NodeType, id: impl DomainId) -> ID {
        Self { node, uuid: id.uuid() }.text()
    }

    /// The id on the wire of something that a command changed.
    #[must_use]
    pub fn of_object(object: ObjectRef) -> ID {
        let node = match object.kind {
            ObjectKind::FrameworkVersion => NodeType::FrameworkVersion,
            ObjectKind::Team => NodeType::Team,
            ObjectKind::Person => NodeType::Person,
            ObjectKind::Evidence => NodeType::Evidence,
            ObjectKind::SkillRecord => NodeType::SkillRecord,
            ObjectKind::Grant => NodeType::Grant,
            ObjectKind::ErasureRequest => NodeType::ErasureRequest,
            ObjectKind::DataExport => NodeType::DataExport,
            ObjectKind::Consent => NodeType::Consent,
        };
        Self { node, uuid: object.id }.text()
    }

    /// What it is to a command and to the audit log; nothing for what no command changes by itself.
    #[must_use]
    pub fn object(self) -> Option<ObjectRef> {
        let kind = match self.node {
            NodeType::FrameworkVersion => ObjectKind::FrameworkVersion,
            NodeType::Team => ObjectKind::Team,
            NodeType::Person => ObjectKind::Person,
            NodeType::Evidence => ObjectKind::Evidence,
            NodeType::SkillRecord => ObjectKind::SkillRecord,
            NodeType::Grant => ObjectKind::Grant,
            NodeType::ErasureRequest => ObjectKind::ErasureRequest,
            NodeType::DataExport => ObjectKind::DataExport,
            NodeType::Consent => ObjectKind::Consent,
            NodeType::Framework | NodeType::Skill | NodeType::Position | NodeType::AuditEntry => return None,
        };
        Some(ObjectRef { kind, id: self.uuid })
    }

    fn text(self) -> ID {
        let mut bytes = [0; 18];
        bytes[0] = VERSION;
        bytes[1] = self.node as u8;
        bytes[2..].copy_from_slice(self.uuid.as_bytes());
        ID(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The id behind this text; `None` for anything that was not made by [`GlobalId::encode`].
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        // The engine refuses padding and stray bits, so there is one text for each id.
        let bytes: [u8; 18] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let node = NodeType::ALL.into_iter().find(|node| *node as u8 == bytes[1])?;
        let uuid = Uuid::from_slice(&bytes[2..]).ok()?;
        (bytes[0] == VERSION).then_some(Self { node, uuid })
    }

    /// The id of this type behind this text.
    #[must_use]
    pub fn of<T: DomainId>(node: NodeType, text: &str) -> Option<T> {
        Self::decode(text).filter(|id| id.node == node).map(|id| T::from(id.uuid))
    }

    /// The id of this type in a field of an input.
    ///
    /// # Errors
    /// `NotFound`, as for an id that nothing has: callers learn nothing from the difference.
    pub fn input<T: DomainId>(node: NodeType, text: &str, field: &str, what: &str) -> Result<T, Refusal> {
        Self::of(node, text).ok_or_else(|| Refusal::not_found(field, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waymark_domain::kernel::PersonId;

    #[test]
    fn an_id_is_canonical_and_typed() {
        let person = PersonId::from(Uuid::from_u128(7));
        let id = GlobalId::encode(NodeType::Person, person);
        assert_eq!(GlobalId::of::<PersonId>(NodeType::Person, &id), Some(person));
        assert_eq!(GlobalId::of::<PersonId>(NodeType::Team, &id), None);
        for other in ["", "x", "AQU", &format!("{}=", &*id), &format!(" {}", &*id), &"A".repeat(10_000)] {
            assert_eq!(GlobalId::decode(other), None, "{other:?}");
        }
    }

    #[test]
    fn other_versions_and_types_are_refused() {
        for bytes in [[2, 5], [1, 0], [1, 250]] {
            let mut all = [0; 18];
            all[..2].copy_from_slice(&bytes);
            assert_eq!(GlobalId::decode(&URL_SAFE_NO_PAD.encode(all)), None);
        }
    }
}
