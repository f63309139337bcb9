//! Evidence: what somebody did, what it says of their skills, and who vouches for it.

mod body;
mod decide;
mod event;
mod kind;
mod piece;
mod record;
mod state;
mod view;

pub use decide::{accept_evidence, dispute_evidence, reject_evidence, verify_evidence, withdraw_evidence};
pub use event::EvidenceEvent;
pub use kind::EvidenceKind;
pub use piece::{Evidence, EvidenceContent, SkillClaim};
pub use record::{RecordEvidence, record_evidence};
pub use state::EvidenceState;
pub use view::EvidenceView;
