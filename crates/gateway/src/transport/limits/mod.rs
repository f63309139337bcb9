//! Limits on a document, decided before the engine validates it: validation expands fragments, and a few
//! hundred bytes can keep it busy for seconds.
//!
//! The same two functions guard HTTP, sockets, event streams and the registration of persisted documents.

mod arguments;
mod directives;
mod introspection;
mod tokens;
mod weight;

pub(crate) use arguments::{entities, fields};

use super::document::request_error;
use crate::error::Code;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition};
use async_graphql::{ServerError, Variables};

/// What a document may be like, by who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Longest document, in bytes.
    bytes: usize,
    /// Most tokens.
    tokens: usize,
}

impl Bounds {
    /// A document that came with the request.
    pub const FREE: Self = Self { bytes: 16 * 1024, tokens: 1_000 };
    /// A document from the operator's own list.
    pub const TRUSTED: Self = Self { bytes: 64 * 1024, tokens: 10_000 };
}

/// Deepest nesting of brackets, so that the parser's own stack is safe.
const MAX_NESTING: usize = 64;

/// What the bytes alone tell.
pub(crate) fn before_parsing(document: &str, bounds: Bounds) -> Result<(), ServerError> {
    if document.len() > bounds.bytes {
        let message =
            format!("The document has {} bytes; at most {} are read.", document.len(), bounds.bytes);
        return Err(request_error(Code::TooManyTokens, message));
    }
    let (tokens, nesting) = tokens::measure(document);
    if tokens > bounds.tokens {
        let message = format!("The document has {tokens} tokens; at most {} are read.", bounds.tokens);
        return Err(request_error(Code::TooManyTokens, message));
    }
    if nesting > MAX_NESTING {
        let message = format!("The document is nested {nesting} deep; at most {MAX_NESTING} is read.");
        return Err(request_error(Code::QueryTooDeep, message));
    }
    Ok(())
}

/// What the parsed document tells, whatever its variables.
pub(crate) fn after_parsing(document: &ExecutableDocument, introspection: bool) -> Result<(), ServerError> {
    let fields = fields(document);
    if !introspection {
        introspection::refuse(&fields)?;
    }
    arguments::literals(document, &fields)?;
    directives::check(&fields)?;
    weight::check(document, &fields)
}

/// The first thing that the parser says, without its picture of the source.
pub(crate) fn one_line(message: &str) -> String {
    let last = message.lines().rev().find_map(|line| line.trim().strip_prefix("= "));
    format!(
        "The document cannot be parsed: {}.",
        last.unwrap_or_else(|| message.lines().next().unwrap_or(""))
    )
}

/// What the document and its variables tell.
pub(crate) fn with_variables(
    fields: &[&Field],
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), ServerError> {
    arguments::check(fields, operation, variables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;
    use std::time::Instant;

    fn code_of(document: &str) -> Option<String> {
        let check = || {
            before_parsing(document, Bounds::FREE)?;
            let parsed = async_graphql::parser::parse_query(document).expect("the documents here parse");
            after_parsing(&parsed, true)
        };
        let error = check().err()?;
        match error.extensions.as_ref()?.get("code")? {
            async_graphql::Value::String(code) => Some(code.clone()),
            other => panic!("{other}"),
        }
    }

    fn nested(depth: usize) -> String {
        format!("{}a{}", "{a".repeat(depth - 1) + "{", "}".repeat(depth))
    }

    #[test]
    fn what_is_within_the_limits_passes() {
        for document in ["{a}", "query($a: [Int!] = [1, 2]) { a(b: \"{{{{\") # {{{{\n b }", &nested(10)] {
            assert_eq!(code_of(document), None, "{document}");
        }
    }

    #[test]
    fn each_limit_has_its_code() {
        let many = |count: usize, one: &str| format!("{{ {} }}", one.repeat(count));
        let aliases = |count: usize, field: &str| {
            let all = (0..count).fold(String::new(), |mut all, i| {
                let _ = write!(all, "a{i}: {field}{i} ");
                all
            });
            format!("{{ b {{ {all} }} }}")
        };
        let cases = [
            (nested(11), "QUERY_TOO_DEEP"),
            ("{a".repeat(65) + &"}".repeat(65), "QUERY_TOO_DEEP"),
            (many(999, "a "), "TOO_MANY_TOKENS"),
            (format!("{{a}} #{}", "x".repeat(16 * 1024)), "TOO_MANY_TOKENS"),
            (many(21, "a "), "TOO_MANY_ROOT_FIELDS"),
            (format!("mutation {}", many(6, "a ")), "TOO_MANY_ROOT_FIELDS"),
            (many(16, "a: b "), "TOO_MANY_ALIASES"),
            (aliases(51, "f"), "TOO_MANY_ALIASES"),
            (
                "{...A} fragment A on Query {...B} fragment B on Query {...A}".to_owned(),
                "GRAPHQL_VALIDATION_FAILED",
            ),
            ("{...A} fragment A on Query {...A}".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ];
        for (document, code) in cases {
            assert_eq!(code_of(&document).as_deref(), Some(code), "{}", &document[..document.len().min(60)]);
        }
    }

    #[test]
    fn a_fragment_bomb_is_decided_at_once() {
        let mut document = "{...F0}".to_owned();
        for level in 0..23 {
            let _ = write!(document, "fragment F{level} on Query{{...F{0} ...F{0}}}", level + 1);
        }
        document.push_str("fragment F23 on Query{__typename}");
        let start = Instant::now();
        assert_eq!(code_of(&document).as_deref(), Some("QUERY_TOO_COMPLEX"));
        // Spread one by one it would take minutes; counted once each, a fraction of a millisecond.
        assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    }
}
