//! Evidence in GraphQL.

mod mutation;
mod object;
mod query;

pub(crate) use mutation::EvidenceMutation;
pub(crate) use object::{Evidence, EvidenceState};
pub(crate) use query::{EvidenceQuery, evidence_list};
