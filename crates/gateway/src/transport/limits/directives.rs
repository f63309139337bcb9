//! Directives of fields: few, known, each once. The engine does not look at `__typename` at all: neither at its
//! directives nor at fields that it cannot have.

use crate::error::Code;
use crate::transport::document::request_error;
use async_graphql::ServerError;
use async_graphql::parser::types::{Directive, Field};
use async_graphql_value::Value;

/// Most directives of one field.
const MOST: usize = 10;
/// Directives that a field may have.
const KNOWN: [&str; 2] = ["skip", "include"];

/// Refuses directives that cannot be.
pub(super) fn check(fields: &[&Field]) -> Result<(), ServerError> {
    let broken = fields.iter().find(|field| {
        let leaf = field.selection_set.node.items.is_empty() && field.arguments.is_empty();
        field.name.node == "__typename" && !leaf
    });
    if let Some(field) = broken {
        return Err(refused(field, "`__typename` has neither fields nor arguments.".to_owned()));
    }
    for field in fields.iter().filter(|field| !field.directives.is_empty()) {
        if field.directives.len() > MOST {
            return Err(refused(field, format!("At most {MOST} directives are allowed at one field.")));
        }
        for (index, directive) in field.directives.iter().enumerate() {
            let name = directive.node.name.node.as_str();
            if !KNOWN.contains(&name) {
                return Err(refused(field, format!("Unknown directive `@{name}`.")));
            }
            if field.directives[..index].iter().any(|earlier| earlier.node.name.node == name) {
                return Err(refused(field, format!("The directive `@{name}` stands twice at one field.")));
            }
            if field.name.node == "__typename" && !has_condition(&directive.node) {
                return Err(refused(
                    field,
                    format!("`@{name}` takes one argument: `if`, which is true or false."),
                ));
            }
        }
    }
    Ok(())
}

fn has_condition(directive: &Directive) -> bool {
    match directive.arguments.as_slice() {
        [(name, value)] => name.node == "if" && matches!(value.node, Value::Boolean(_) | Value::Variable(_)),
        _ => false,
    }
}

fn refused(field: &Field, message: String) -> ServerError {
    let mut error = request_error(Code::ValidationFailed, message);
    error.locations.push(field.name.pos);
    error
}
