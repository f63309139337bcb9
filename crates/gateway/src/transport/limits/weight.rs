//! What an operation comes to once its fragments are spread. Each fragment is weighed once, however often it
//! is spread.

use crate::error::Code;
use crate::transport::document::request_error;
use async_graphql::ServerError;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use std::collections::HashMap;

/// Most selections once all fragments are spread.
const MAX_SELECTIONS: usize = 10_000;
/// Deepest nesting of fields; introspection has a bound of its own.
const MAX_DEPTH: usize = 10;
/// Most fields of a query's root, fragments spread.
const MAX_ROOT_FIELDS: usize = 20;
/// Most fields of a mutation's root.
const MAX_ROOT_MUTATIONS: usize = 5;
/// Most aliases of one field.
const MAX_ALIASES_OF_A_FIELD: usize = 15;
/// Most aliases in all.
const MAX_ALIASES: usize = 50;
/// How often lists of introspection may nest: `types` of `fields` and back again multiply without an end.
const MAX_INTROSPECTED_LISTS: usize = 2;
/// Lists of introspection that lead from a type to others.
const INTROSPECTED_LISTS: [&str; 4] = ["fields", "inputFields", "possibleTypes", "interfaces"];

/// What a selection set comes to once its fragments are spread.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    selections: usize,
    depth: usize,
    fields: usize,
    aliases: usize,
    /// Lists of introspection, one within the other.
    introspected: usize,
}

/// Refuses what weighs too much.
pub(super) fn check(document: &ExecutableDocument, fields: &[&Field]) -> Result<(), ServerError> {
    aliases_of_a_field(fields)?;
    let mut scale = Scale { document, known: HashMap::new() };
    for (_, operation) in document.operations.iter() {
        let weight = scale.weigh(&operation.node.selection_set.node)?;
        within(weight, operation.node.ty)?;
    }
    Ok(())
}

fn within(weight: Weight, operation: OperationType) -> Result<(), ServerError> {
    if operation == OperationType::Subscription && weight.fields != 1 {
        // Specification, section 5.2.4.1; the engine does not check it.
        let message = "A subscription has exactly one field at its root.";
        return Err(request_error(Code::ValidationFailed, message));
    }
    let root = if operation == OperationType::Mutation { MAX_ROOT_MUTATIONS } else { MAX_ROOT_FIELDS };
    let bounds = [
        (
            weight.selections,
            MAX_SELECTIONS,
            Code::QueryTooComplex,
            "selections once its fragments are spread",
        ),
        (weight.depth, MAX_DEPTH, Code::QueryTooDeep, "levels of fields"),
        (weight.introspected, MAX_INTROSPECTED_LISTS, Code::QueryTooDeep, "nested lists of introspection"),
        (weight.fields, root, Code::TooManyRootFields, "fields at its root"),
        (weight.aliases, MAX_ALIASES, Code::TooManyAliases, "aliases"),
    ];
    match bounds.into_iter().find(|(is, most, ..)| is > most) {
        None => Ok(()),
        Some((is, most, code, what)) => {
            Err(request_error(code, format!("The operation has {is} {what}; at most {most} are allowed.")))
        }
    }
}

/// Counted over the document as it is written: an alias that is spread again is the same one again.
fn aliases_of_a_field(fields: &[&Field]) -> Result<(), ServerError> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for field in fields.iter().filter(|field| field.alias.is_some()) {
        let count = counts.entry(field.name.node.as_str()).or_default();
        *count += 1;
        if *count > MAX_ALIASES_OF_A_FIELD {
            let message = format!("At most {MAX_ALIASES_OF_A_FIELD} aliases of one field are allowed.");
            return Err(request_error(Code::TooManyAliases, message));
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
        for selection in &set.items {
            let part = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.name.node.as_str();
                    let inner = self.weigh(&field.selection_set.node)?;
                    // Introspection nests deep by nature.
                    let depth = if name.starts_with("__") { 0 } else { inner.depth.saturating_add(1) };
                    Weight {
                        selections: inner.selections.saturating_add(1),
                        depth,
                        fields: 1,
                        aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
                        introspected: inner
                            .introspected
                            .saturating_add(usize::from(INTROSPECTED_LISTS.contains(&name))),
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
            total.introspected = total.introspected.max(part.introspected);
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
