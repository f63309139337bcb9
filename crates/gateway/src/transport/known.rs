//! Documents that were read before: clients send the same few again and again, and parsing them is most of what a
//! small operation costs.
//!
//! Kept is what does not depend on who asks or with which variables: the parsed document, and that it is within the
//! limits on bytes and tree. What is refused is not kept.

use super::limits::{self, Bounds};
use super::respond::set_code;
use crate::error::Code;
use async_graphql::ServerError;
use async_graphql::parser::types::ExecutableDocument;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Bytes of parsed documents that are kept, about.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Bytes of a parsed document for each byte of its text, about: a field of two letters becomes a node of the tree.
const TREE_BYTES: u64 = 64;

/// Documents that were read before.
pub(super) struct Known {
    introspection: bool,
    documents: Cache<Box<str>, Read, Bytes>,
}

/// A document that is within the limits.
#[derive(Clone)]
struct Read {
    /// Those by which it was judged: a text from the operator's list may be longer than the same text from a caller.
    bounds: Bounds,
    document: Arc<ExecutableDocument>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Read> for Bytes {
    fn weight(&self, text: &Box<str>, _read: &Read) -> u64 {
        u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_mul(TREE_BYTES).saturating_add(500)
    }
}

impl Known {
    /// Nothing is known yet. `introspection` says whether documents may ask for the schema.
    pub fn new(introspection: bool) -> Self {
        Self { introspection, documents: Cache::with_weighter(1_000, MOST_BYTES, Bytes) }
    }

    /// The parsed document, if it is within the limits.
    pub fn read(&self, text: &str, bounds: Bounds) -> Result<Arc<ExecutableDocument>, ServerError> {
        if let Some(read) = self.documents.get(text).filter(|read| read.bounds == bounds) {
            return Ok(read.document);
        }
        let document = Arc::new(read(text, bounds, self.introspection)?);
        self.documents.insert(text.into(), Read { bounds, document: document.clone() });
        Ok(document)
    }
}

fn read(text: &str, bounds: Bounds, introspection: bool) -> Result<ExecutableDocument, ServerError> {
    limits::before_parsing(text, bounds)?;
    let parsed = async_graphql::parser::parse_query(text).map_err(|error| {
        let mut error = ServerError::from(error);
        error.message = limits::one_line(&error.message);
        set_code(&mut error, Code::ParseFailed);
        error
    })?;
    limits::after_parsing(&parsed, introspection)?;
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_not_read_again() {
        let known = Known::new(false);
        let first = known.read("{a}", Bounds::FREE).unwrap();
        let again = known.read("{a}", Bounds::FREE).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
    }

    #[test]
    fn what_the_operator_may_write_callers_may_not() {
        let known = Known::new(false);
        let long = format!("{{a}} #{}", "x".repeat(20 * 1024));
        assert!(known.read(&long, Bounds::TRUSTED).is_ok());
        assert!(known.read(&long, Bounds::FREE).is_err(), "known from the operator's list");
        assert!(known.read(&long, Bounds::TRUSTED).is_ok());
    }

    #[test]
    fn what_is_refused_is_refused_again() {
        let known = Known::new(false);
        for text in ["{", "{__schema{types{name}}}", "{...A} fragment A on Query {...A}"] {
            assert!(known.read(text, Bounds::FREE).is_err(), "{text}");
            assert!(known.read(text, Bounds::FREE).is_err(), "{text}");
        }
        assert!(Known::new(true).read("{__schema{types{name}}}", Bounds::FREE).is_ok());
    }

    #[test]
    fn however_many_documents_come_what_is_kept_has_a_bound() {
        let known = Known::new(false);
        for number in 0..100 {
            let text = format!("{{a{number}}} #{}", "x".repeat(15_000));
            assert!(known.read(&text, Bounds::FREE).is_ok());
        }
        assert!(known.documents.weight() <= MOST_BYTES, "{}", known.documents.weight());
    }
}
