//! Sizes of pages, before anything is executed: `first` or `last`, each 1 to 100.

use super::super::document::request_error;
use crate::error::Code;
use crate::relay::MOST_ENTRIES;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{ServerError, Value, Variables};
use async_graphql_value::Value as Argument;

/// Refuses pages that cannot be.
pub(super) fn check(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), ServerError> {
    let given = Given { operation, variables };
    for field in fields(document) {
        let [first, last] = ["first", "last"].map(|name| given.number(field, name));
        if first.is_some() && last.is_some() {
            return Err(refused(field, "Ask for `first` or for `last`, not for both."));
        }
        if let Some(size) = first.or(last).filter(|size| !(1..=i64::from(MOST_ENTRIES)).contains(size)) {
            let message = format!("A page has 1 to {MOST_ENTRIES} entries, not {size}.");
            return Err(refused(field, &message));
        }
    }
    Ok(())
}

fn refused(field: &Field, message: &str) -> ServerError {
    let mut error = request_error(Code::BadUserInput, format!("`{}`: {message}", field.name.node));
    error.locations.push(field.name.pos);
    error
}

/// The values of arguments.
struct Given<'d> {
    operation: &'d OperationDefinition,
    variables: &'d Variables,
}

impl Given<'_> {
    fn number(&self, field: &Field, name: &str) -> Option<i64> {
        match &field.get_argument(name)?.node {
            Argument::Number(number) => number.as_i64(),
            Argument::Variable(variable) => {
                let given = self.variables.get(variable);
                let default = || {
                    let all = self.operation.variable_definitions.iter();
                    let mut defined = all.filter(|definition| definition.node.name.node == *variable);
                    defined.next().and_then(|definition| definition.node.default_value.as_ref())
                };
                match given.or_else(|| default().map(|value| &value.node)) {
                    Some(Value::Number(number)) => number.as_i64(),
                    // Anything else is for validation.
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Every field that the document writes, each once, wherever it is spread.
pub(super) fn fields(document: &ExecutableDocument) -> impl Iterator<Item = &Field> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    Fields { open: operations.chain(fragments).collect(), found: Vec::new() }
}

struct Fields<'d> {
    open: Vec<&'d SelectionSet>,
    found: Vec<&'d Field>,
}

impl<'d> Iterator for Fields<'d> {
    type Item = &'d Field;

    fn next(&mut self) -> Option<&'d Field> {
        while self.found.is_empty() {
            let set = self.open.pop()?;
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        self.found.push(&field.node);
                        self.open.push(&field.node.selection_set.node);
                    }
                    Selection::InlineFragment(fragment) => self.open.push(&fragment.node.selection_set.node),
                    Selection::FragmentSpread(_) => {}
                }
            }
        }
        self.found.pop()
    }
}
