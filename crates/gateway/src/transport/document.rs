//! What a client sends as one request, and the checks before the engine sees it.

use super::limits;
use crate::error::{Code, coded};
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::{Name, Pos, Request, ServerError, Variables};
use serde::Deserialize;
use serde_json::Value;

/// Deepest nesting of JSON in variables.
const MAX_JSON_DEPTH: usize = 32;

/// The members of a request. Unknown ones are ignored, as the specification of GraphQL over HTTP says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Option<serde_json::Map<String, Value>>,
    pub extensions: Option<serde_json::Map<String, Value>>,
}

/// A request that may go to the engine, and what its operation is.
pub(super) struct Prepared {
    pub request: Request,
    pub operation: OperationType,
}

/// A request error: nothing is executed.
pub(super) fn request_error(code: Code, message: impl Into<String>) -> ServerError {
    let mut error = coded(code, message).into_server_error(Pos::default());
    error.locations.clear();
    error
}

/// Parses a request's body or parameters.
pub(super) fn params(json: &[u8]) -> Result<Params, ServerError> {
    let bad = |message: &str| request_error(Code::BadRequest, message);
    let value: Value = serde_json::from_slice(json).map_err(|_| bad("The body is not readable JSON."))?;
    match value {
        Value::Array(_) => {
            Err(request_error(Code::BatchingDisabled, "One operation a request: arrays are not executed."))
        }
        Value::Object(_) => serde_json::from_value(value).map_err(|_| {
            bad("`query` and `operationName` are texts; `variables` and `extensions` are objects.")
        }),
        _ => Err(bad("The body is not a JSON object.")),
    }
}

/// Checks the request and parses its document, once.
pub(super) fn prepare(params: Params) -> Result<Prepared, ServerError> {
    let query = params.query.filter(|query| !query.is_empty());
    let persisted = params.extensions.is_some_and(|extensions| extensions.contains_key("persistedQuery"));
    if query.is_none() && persisted {
        // The words by which Apollo's link knows to send the document itself from now on.
        return Err(request_error(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported"));
    }
    let query = query.ok_or_else(|| request_error(Code::BadRequest, "The document (`query`) is missing."))?;
    let variables = params.variables.map(Value::Object).unwrap_or_default();
    if deeper_than(&variables, MAX_JSON_DEPTH) {
        return Err(request_error(Code::BadUserInput, "The variables are nested too deep."));
    }
    if has_nul(&variables) || query.contains('\0') {
        return Err(request_error(Code::BadUserInput, "The character U+0000 is not allowed."));
    }
    limits::before_parsing(&query)?;
    let document = async_graphql::parser::parse_query(&query).map_err(|error| {
        let mut error = ServerError::from(error);
        crate::transport::respond::set_code(&mut error, Code::ParseFailed);
        error
    })?;
    let name = params.operation_name.filter(|name| !name.is_empty());
    let operation = operation_type(&document, name.as_deref())?;
    limits::after_parsing(&document)?;
    let mut request = Request::new(query).variables(Variables::from_json(variables));
    request.operation_name = name;
    request.set_parsed_query(document);
    Ok(Prepared { request, operation })
}

fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Result<OperationType, ServerError> {
    let refused = |message: String| request_error(Code::OperationResolutionFailure, message);
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(operation.node.ty),
        (DocumentOperations::Single(_), Some(_)) => {
            Err(refused("The document has one operation, without a name.".to_owned()))
        }
        (DocumentOperations::Multiple(operations), Some(name)) => {
            let operation = operations.get(&Name::new(name));
            let operation =
                operation.ok_or_else(|| refused("There is no operation of that name.".to_owned()))?;
            Ok(operation.node.ty)
        }
        (DocumentOperations::Multiple(operations), None) => match operations.values().next() {
            Some(operation) if operations.len() == 1 => Ok(operation.node.ty),
            _ => Err(refused("The document has several operations: name one (`operationName`).".to_owned())),
        },
    }
}

fn deeper_than(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth == 0 || items.iter().any(|item| deeper_than(item, depth - 1)),
        Value::Object(fields) => depth == 0 || fields.values().any(|field| deeper_than(field, depth - 1)),
        _ => false,
    }
}

/// PostgreSQL stores no NUL; the rest of the world rarely means it well.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, field)| name.contains('\0') || has_nul(field)),
        _ => false,
    }
}
