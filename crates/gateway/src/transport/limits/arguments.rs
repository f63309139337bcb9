//! Arguments that are judged before anything is executed: sizes of pages (`first` or `last`, each 1 to 100),
//! numbers of entities, texts.

use super::super::document::request_error;
use crate::engine::Entities;
use crate::error::Code;
use crate::relay::MOST_ENTRIES;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{ServerError, Value, Variables};
use async_graphql_value::Value as Argument;

/// Most entities of one operation.
const MOST_ENTITIES: usize = 100;

/// Refuses pages that cannot be.
pub(super) fn check(
    fields: &[&Field],
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), ServerError> {
    required(operation, variables)?;
    if entities(fields, operation, variables).is_some_and(|Entities(count)| count > MOST_ENTITIES) {
        let message = format!("At most {MOST_ENTITIES} entities are asked for at once.");
        return Err(request_error(Code::BadUserInput, message));
    }
    let given = Given { operation, variables };
    for field in fields {
        let [first, last] = ["first", "last"].map(|name| given.number(field, name));
        if first.is_some() && last.is_some() {
            return Err(refused(field, "ask for `first` or for `last`, not for both."));
        }
        if first.or(last).is_some_and(|size| !(1..=i64::from(MOST_ENTRIES)).contains(&size)) {
            let name = if first.is_some() { "first" } else { "last" };
            let message = format!("`{name}` is a number from 1 to {MOST_ENTRIES}.");
            return Err(refused(field, &message));
        }
    }
    Ok(())
}

/// Variables that must have a value have one (specification, section 6.1.2); the engine finds out late.
fn required(operation: &OperationDefinition, variables: &Variables) -> Result<(), ServerError> {
    let missing = operation.variable_definitions.iter().find(|definition| {
        let definition = &definition.node;
        let value = variables.get(&definition.name.node);
        let left_out = value.is_none() && definition.default_value.is_none();
        !definition.var_type.node.nullable && (left_out || value == Some(&Value::Null))
    });
    let Some(definition) = missing else { return Ok(()) };
    let (name, kind) = (&definition.node.name.node, &definition.node.var_type.node);
    let message = format!("The variable ${name} of the type {kind} must have a value.");
    let mut error = request_error(Code::BadUserInput, message);
    error.locations.push(definition.pos);
    Err(error)
}

/// A NUL may also hide in a literal, behind an escape; and a number may be larger than any Int.
pub(super) fn literals(document: &ExecutableDocument, fields: &[&Field]) -> Result<(), ServerError> {
    let large = fields.iter().find(|field| field.arguments.iter().any(|(_, value)| beyond_int(&value.node)));
    if let Some(field) = large {
        return Err(refused(field, "a number does not fit into 32 bits."));
    }
    let mut arguments = fields.iter().flat_map(|field| &field.arguments).map(|(_, value)| &value.node);
    let defaults = document.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
    let mut defaults = defaults.filter_map(|definition| definition.node.default_value.as_ref());
    if arguments.any(hides_nul) || defaults.any(|value| has_nul(&value.node)) {
        return Err(request_error(Code::BadUserInput, "The character U+0000 is not allowed."));
    }
    Ok(())
}

/// Whole numbers are of the type Int, which has 32 bits; the engine would find out only while it executes.
fn beyond_int(value: &Argument) -> bool {
    match value {
        Argument::Number(number) if number.is_f64() => false,
        Argument::Number(number) => number.as_i64().is_none_or(|number| i32::try_from(number).is_err()),
        Argument::List(items) => items.iter().any(beyond_int),
        Argument::Object(fields) => fields.values().any(beyond_int),
        _ => false,
    }
}

fn hides_nul(value: &Argument) -> bool {
    match value {
        Argument::String(text) => text.contains('\0'),
        Argument::List(items) => items.iter().any(hides_nul),
        Argument::Object(fields) => fields.values().any(hides_nul),
        _ => false,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::List(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

/// How many entities the operation asks for at once, by the field that asks for the most; `None` for none.
pub(crate) fn entities(
    fields: &[&Field],
    operation: &OperationDefinition,
    variables: &Variables,
) -> Option<Entities> {
    let given = Given { operation, variables };
    let asking = fields.iter().filter(|field| field.name.node == "_entities");
    asking.map(|field| given.length(field, "representations")).max().map(Entities)
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
            Argument::Variable(variable) => match self.variable(variable) {
                Some(Value::Number(number)) => number.as_i64(),
                // Anything else is for validation.
                _ => None,
            },
            _ => None,
        }
    }

    fn length(&self, field: &Field, name: &str) -> usize {
        match field.get_argument(name).map(|argument| &argument.node) {
            Some(Argument::List(items)) => items.len(),
            Some(Argument::Variable(variable)) => match self.variable(variable) {
                Some(Value::List(items)) => items.len(),
                _ => 1,
            },
            _ => 1,
        }
    }

    /// The value of a variable: what was given, or its default.
    fn variable(&self, name: &str) -> Option<&Value> {
        let default = || {
            let all = self.operation.variable_definitions.iter();
            let mut defined = all.filter(|definition| definition.node.name.node == name);
            defined.next().and_then(|definition| definition.node.default_value.as_ref())
        };
        self.variables.get(name).or_else(|| default().map(|value| &value.node))
    }
}

/// Every field that the document writes, each once, wherever it is spread.
pub(crate) fn fields(document: &ExecutableDocument) -> Vec<&Field> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut open: Vec<&SelectionSet> = operations.chain(fragments).collect();
    let mut found = Vec::new();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    found.push(&field.node);
                    open.push(&field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => open.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    found
}
