//! Words that every topic shares: ids, levels, people who act, refusals, two times.

mod actor;
mod change;
mod claim;
mod id;
mod level;
mod object;
mod patch;
mod refusal;
mod role;
mod temporal;
mod text;

pub use actor::{Actor, CommandContext, Standing, Tenant, TraceContext};
pub use change::{Change, EventBody};
pub use claim::Claim;
pub use id::{
    ActorId, AuditEntryId, ConsentId, DataExportId, DomainId, ErasureRequestId, EvidenceId, FrameworkId,
    FrameworkVersionId, GrantId, ItemId, PersonId, PositionId, SkillId, SkillRecordId, TeamId, TenantId,
    TrackId,
};
pub use level::{Level, LevelOutOfRange};
pub use object::{ObjectKind, ObjectRef};
pub use patch::Patch;
pub use refusal::{Refusal, RefusalCode, Refusals};
pub use role::{GrantScope, HeldRole, Permission, Role};
pub use temporal::Period;
pub use text::{Key, Text, excerpt, single_line};
