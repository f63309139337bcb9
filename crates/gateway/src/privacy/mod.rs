//! Requests of people about their data.

mod mutation;
mod object;
mod query;

pub(crate) use mutation::PrivacyMutation;
pub(crate) use query::PrivacyQuery;
