//! Limits on a document, decided before the engine validates it: validation expands fragments, and a few
//! hundred bytes can keep it busy for seconds.

use super::document::request_error;
use crate::error::Code;
use async_graphql::ServerError;
use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};
use std::collections::HashMap;

/// Longest document, in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Most tokens.
const MAX_TOKENS: usize = 1_000;
/// Deepest nesting of brackets, so that the parser's own stack is safe.
const MAX_NESTING: usize = 64;
/// Most selections once all fragments are spread.
const MAX_SELECTIONS: usize = 10_000;
/// Deepest nesting of fields; introspection is bounded by the other limits alone.
const MAX_DEPTH: usize = 10;
/// Most fields of a query's root, fragments spread.
const MAX_ROOT_FIELDS: usize = 20;
/// Most fields of a mutation's root.
const MAX_ROOT_MUTATIONS: usize = 5;
/// Most aliases of one field of a selection.
const MAX_ALIASES_OF_A_FIELD: usize = 15;
/// Most aliases in all.
const MAX_ALIASES: usize = 50;

/// What the bytes alone tell.
pub(super) fn before_parsing(document: &str) -> Result<(), ServerError> {
    if document.len() > MAX_BYTES {
        let message = format!("The document has {} bytes; at most {MAX_BYTES} are read.", document.len());
        return Err(request_error(Code::TooManyTokens, message));
    }
    let (tokens, nesting) = measure(document);
    if tokens > MAX_TOKENS {
        let message = format!("The document has {tokens} tokens; at most {MAX_TOKENS} are read.");
        return Err(request_error(Code::TooManyTokens, message));
    }
    if nesting > MAX_NESTING {
        let message = format!("The document is nested {nesting} deep; at most {MAX_NESTING} is read.");
        return Err(request_error(Code::QueryTooDeep, message));
    }
    Ok(())
}

/// Counts tokens and the deepest nesting of brackets, skipping strings and comments.
fn measure(document: &str) -> (usize, usize) {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut open, mut deepest) = (0, 0, 0_usize, 0);
    while let Some(byte) = bytes.get(at).copied() {
        let start = at;
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => continue,
            b'#' => {
                at += bytes[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
                continue;
            }
            b'"' => at = end_of_string(bytes, start),
            b'{' | b'[' | b'(' => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            byte if is_word(byte) => at += bytes[at..].iter().take_while(|byte| is_word(**byte)).count(),
            b'.' => at += bytes[at..].iter().take(2).take_while(|byte| **byte == b'.').count(),
            _ => {}
        }
        tokens += 1;
    }
    (tokens, deepest)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let block = bytes[start..].starts_with(b"\"\"\"");
    let mut at = start + if block { 3 } else { 1 };
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => 4,
            b'\\' if !block => 2,
            b'"' if block && rest.starts_with(b"\"\"\"") => return at + 3,
            b'"' if !block => return at + 1,
            b'\n' | b'\r' if !block => return at,
            _ => 1,
        };
    }
    bytes.len()
}

/// What a selection set comes to once its fragments are spread.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    selections: usize,
    depth: usize,
    fields: usize,
    aliases: usize,
}

/// What the parsed document tells. Each fragment is weighed once, however often it is spread.
pub(super) fn after_parsing(document: &ExecutableDocument) -> Result<(), ServerError> {
    let mut scale = Scale { document, known: HashMap::new() };
    for (_, operation) in document.operations.iter() {
        let weight = scale.weigh(&operation.node.selection_set.node)?;
        let most =
            if operation.node.ty == OperationType::Mutation { MAX_ROOT_MUTATIONS } else { MAX_ROOT_FIELDS };
        let refused = |code, what: &str, is: usize, most: usize| {
            Err(request_error(code, format!("The operation has {is} {what}; at most {most} are allowed.")))
        };
        if weight.selections > MAX_SELECTIONS {
            return refused(
                Code::QueryTooComplex,
                "selections once its fragments are spread",
                weight.selections,
                MAX_SELECTIONS,
            );
        }
        if weight.depth > MAX_DEPTH {
            return refused(Code::QueryTooDeep, "levels of fields", weight.depth, MAX_DEPTH);
        }
        if weight.fields > most {
            return refused(Code::TooManyRootFields, "fields at its root", weight.fields, most);
        }
        if weight.aliases > MAX_ALIASES {
            return refused(Code::TooManyAliases, "aliases", weight.aliases, MAX_ALIASES);
        }
    }
    Ok(())
}

struct Scale<'d> {
    document: &'d ExecutableDocument,
    /// Weights of fragments; `None` while one is being weighed.
    known: HashMap<&'d str, Option<Weight>>,
}

impl<'d> Scale<'d> {
    fn weigh(&mut self, set: &'d SelectionSet) -> Result<Weight, ServerError> {
        let mut total = Weight::default();
        let mut aliases: HashMap<&str, usize> = HashMap::new();
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    if field.alias.is_some() {
                        let count = aliases.entry(name).or_default();
                        *count += 1;
                        if *count > MAX_ALIASES_OF_A_FIELD {
                            let message =
                                format!("At most {MAX_ALIASES_OF_A_FIELD} aliases of one field are allowed.");
                            return Err(request_error(Code::TooManyAliases, message));
                        }
                    }
                    let inner = self.weigh(&field.selection_set.node)?;
                    // Introspection nests deep by nature.
                    let depth = if name.starts_with("__") { 0 } else { inner.depth.saturating_add(1) };
                    Weight {
                        selections: inner.selections.saturating_add(1),
                        depth,
                        fields: 1,
                        aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
                    }
                }
                Selection::InlineFragment(fragment) => self.weigh(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str())?
                }
            };
            total.selections = total.selections.saturating_add(part.selections);
            total.depth = total.depth.max(part.depth);
            total.fields = total.fields.saturating_add(part.fields);
            total.aliases = total.aliases.saturating_add(part.aliases);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &'d str) -> Result<Weight, ServerError> {
        match self.known.get(name) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(request_error(Code::ValidationFailed, "A fragment spreads itself."));
            }
            None => {}
        }
        // An unknown fragment weighs nothing; validation will name it.
        let Some((_, fragment)) = self.document.fragments.iter().find(|(known, _)| known.as_str() == name)
        else {
            return Ok(Weight::default());
        };
        self.known.insert(name, None);
        let weight = self.weigh(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(weight));
        Ok(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;
    use std::time::Instant;

    fn code_of(document: &str) -> Option<String> {
        let check = || {
            before_parsing(document)?;
            let parsed = async_graphql::parser::parse_query(document).expect("the documents here parse");
            after_parsing(&parsed)
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
        assert!(start.elapsed().as_millis() < 50, "{:?}", start.elapsed());
    }
}
