//! Levels and readiness in GraphQL.

mod mutation;
mod object;
mod query;
mod readiness;
mod subscription;

pub(crate) use mutation::ProgressMutation;
pub(crate) use object::SkillRecord;
pub(crate) use query::{ProgressQuery, readiness_of};
pub(crate) use readiness::{NextSkill, Readiness};
pub(crate) use subscription::ProgressSubscription;
