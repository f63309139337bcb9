//! Progress: where somebody stands, what is missing for a position, and what to learn next.
//!
//! A [`SkillRecord`] holds the items that are known of one person and skill. Everything else is computed
//! from them, purely and for any moment: the attested level, the estimate, the freshness
//! ([`Standing`]), readiness for a position ([`Readiness`]) and the next best skills ([`NextSkill`]). Each
//! result carries its reasons and the version of its rule.

mod attest;
mod estimate;
mod event;
mod item;
mod levels;
mod next_skills;
mod policy;
mod readiness;
mod reconcile;
mod record;
mod standing;
mod view;

pub use attest::{AttestSkill, attest_skill, endorse_skill};
pub use estimate::{Contribution, Estimate};
pub use event::ProgressEvent;
pub use item::{Item, ItemSource};
pub use levels::Levels;
pub use next_skills::{NextSkill, next_skills};
pub use policy::Policy;
pub use readiness::{Blocker, Gap, Readiness, RequirementStanding, Score, readiness, score};
pub use reconcile::reconcile;
pub use record::{SkillRecord, Snapshot};
pub use standing::Standing;
pub use view::SkillRecordView;
