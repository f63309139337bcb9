//! Frameworks in GraphQL.

mod mutation;
mod object;
mod query;

pub(crate) use mutation::FrameworkMutation;
pub(crate) use object::{Framework, FrameworkVersion, Position, Requirement, Skill};
pub(crate) use query::FrameworkQuery;
