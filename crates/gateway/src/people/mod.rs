//! People in GraphQL.

mod filter;
mod mutation;
mod object;
mod query;

pub(crate) use mutation::PeopleMutation;
pub(crate) use object::{Person, Team};
pub(crate) use query::{PeopleQuery, people_list};
