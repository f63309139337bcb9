//! Roles: who holds which, granting and taking back; and what resolvers ask before they show something private.

mod guard;
mod mutation;
mod object;
mod query;

pub(crate) use guard::guard;
pub(crate) use mutation::AccessMutation;
pub(crate) use object::HeldRole;
pub(crate) use query::AccessQuery;
