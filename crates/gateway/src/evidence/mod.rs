//! Evidence in GraphQL.

mod filter;
mod mutation;
mod object;
mod query;

pub(crate) use filter::{EvidenceOrderBy, EvidenceWhere, evidence_filter};
pub(crate) use mutation::EvidenceMutation;
pub(crate) use object::{Evidence, EvidenceKind, EvidenceState};
pub(crate) use query::{EvidenceQuery, evidence_list};
