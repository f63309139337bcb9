//! Frameworks in GraphQL.

mod mutation;
mod object;
mod position;
mod query;
mod skill;

pub(crate) use mutation::FrameworkMutation;
pub(crate) use object::{Framework, FrameworkVersion};
pub(crate) use position::{Position, Requirement};
pub(crate) use query::FrameworkQuery;
pub(crate) use skill::Skill;
