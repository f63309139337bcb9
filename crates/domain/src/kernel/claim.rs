//! The right to do something once.

use super::{ActorId, TenantId};
use uuid::Uuid;

/// The right to do once what a caller's key stands for. Whoever holds it saves the effect together with the note
/// that it was done; a holder whose time ran out, and whose key somebody else has claimed since, saves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Tells this claim from all others, earlier ones of the same key among them.
    pub token: Uuid,
    /// Whose key it is.
    pub tenant: TenantId,
    /// Who called.
    pub actor: ActorId,
}
