//! From the members of a request to something that the engine may execute.

use super::known::Known;
use super::payload::payload;
use super::persisted::Persisted;
use super::{limits, subscription_root, variables};
use crate::engine::{Entities, OnlyValidate, WhenValid};
use crate::error::{Code, coded};
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Name, Pos, Request, ServerError, Value as ConstValue, Variables};
use serde::Deserialize;
use serde_json::Value;

/// Most values of one body.
const MAX_MEMBERS: usize = 5_000;

/// The members of a request. Unknown ones are ignored, as the specification of GraphQL over HTTP says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Option<serde_json::Map<String, Value>>,
    pub extensions: Option<serde_json::Map<String, Value>>,
    pub document_id: Option<String>,
}

/// An operation that may go to the engine.
pub(super) struct Prepared {
    text: String,
    document: ExecutableDocument,
    variables: Variables,
    name: Option<String>,
    /// What kind of operation it is.
    pub operation: OperationType,
    /// How many entities are asked for at once, if any are.
    entities: Option<Entities>,
    /// Registers the document, if it is new.
    when_valid: Option<WhenValid>,
    /// Whether it has but one field at its root: if that one fails for its arguments, nothing was executed.
    pub single_field: bool,
    /// Whether the answer is to say what it cost.
    pub tell_cost: bool,
}

impl Prepared {
    /// All that decides what it does, as bytes.
    pub fn payload(&self) -> Vec<u8> {
        payload(&self.text, self.name.as_deref(), &self.variables)
    }

    /// The operation as the engine takes it.
    pub fn into_request(self) -> Request {
        let mut request = Request::new(self.text).variables(self.variables);
        if let Some(entities) = self.entities {
            request = request.data(entities);
        }
        if let Some(when_valid) = self.when_valid {
            request = request.data(when_valid);
        }
        request.operation_name = self.name;
        request.set_parsed_query(self.document);
        request
    }

    /// The same, to be validated alone.
    pub fn validation(&self) -> Request {
        let mut request = Request::new(&self.text).variables(self.variables.clone()).data(OnlyValidate);
        if let Some(entities) = self.entities {
            request = request.data(entities);
        }
        request.operation_name = self.name.clone();
        request.set_parsed_query(self.document.clone());
        request
    }
}

/// Why nothing is executed.
#[derive(Debug)]
pub(super) struct RequestError {
    pub error: Box<ServerError>,
    pub kind: RequestErrorKind,
}

/// How a request error is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestErrorKind {
    /// 400 whatever the media type: it is not even a request.
    Malformed,
    /// As the media type says.
    Refused,
    /// 200 whatever the media type: the client is to send the document.
    Missed,
}

impl RequestError {
    pub fn malformed(message: &str) -> Self {
        let error = Box::new(request_error(Code::BadRequest, message));
        Self { error, kind: RequestErrorKind::Malformed }
    }

    pub fn refused(code: Code, message: &str) -> Self {
        request_error(code, message).into()
    }

    /// The words by which Apollo's link knows to send the document along.
    pub fn missed() -> Self {
        let error = request_error(Code::PersistedQueryNotFound, "PersistedQueryNotFound");
        Self { error: Box::new(error), kind: RequestErrorKind::Missed }
    }
}

impl From<ServerError> for RequestError {
    fn from(error: ServerError) -> Self {
        Self { error: Box::new(error), kind: RequestErrorKind::Refused }
    }
}

/// A request error: nothing is executed.
pub(crate) fn request_error(code: Code, message: impl Into<String>) -> ServerError {
    let mut error = coded(code, message).into_server_error(Pos::default());
    error.locations.clear();
    error
}

/// Parses a request's body or parameters.
pub(super) fn params(json: &[u8]) -> Result<Params, RequestError> {
    if members(json) > MAX_MEMBERS {
        let message = format!("The body has more than {MAX_MEMBERS} values.");
        return Err(RequestError::malformed(&message));
    }
    // A struct is also read from an array of its members; a request is not.
    let is_object = json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    match serde_json::from_slice(json) {
        Ok(params) if is_object => Ok(params),
        _ => Err(shape_error(json)),
    }
}

/// How many values the JSON has, about, without reading it: each takes far more memory than bytes.
fn members(json: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b',' => count += 1,
            b'"' => {
                at += 1;
                while json.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if json[at] == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
    count
}

/// What is wrong with a body that is no request.
fn shape_error(json: &[u8]) -> RequestError {
    match serde_json::from_slice::<Value>(json) {
        Err(_) => RequestError::malformed("The body is not readable JSON."),
        Ok(Value::Array(_)) => {
            let message = "One operation a request: arrays are not executed.";
            let error = Box::new(request_error(Code::BatchingDisabled, message));
            RequestError { error, kind: RequestErrorKind::Malformed }
        }
        Ok(Value::Object(_)) => RequestError::malformed(
            "`query`, `operationName` and `documentId` are texts; `variables` and `extensions` are objects.",
        ),
        Ok(_) => RequestError::malformed("The body is not a JSON object."),
    }
}

/// Checks the request and its document, which is parsed once, if it is not known.
pub(super) fn prepare(
    mut params: Params,
    persisted: &Persisted,
    known: &Known,
) -> Result<Prepared, RequestError> {
    let document = persisted.find(&mut params)?;
    let tell_cost = params.extensions.as_ref().is_some_and(|e| e.get("cost") == Some(&Value::Bool(true)));
    let variables = params.variables.map(Value::Object).unwrap_or_default();
    variables::check(&variables, document.text.contains('\0'))?;
    let parsed = known.read(&document.text, document.bounds)?;
    let fields = limits::fields(&parsed);
    let name = params.operation_name.filter(|name| !name.is_empty());
    let mut variables = Variables::from_json(variables);
    let operation = operation(&parsed, name.as_deref())?;
    limits::with_variables(&fields, operation, &variables)?;
    let entities = limits::entities(&fields, operation, &variables);
    sizes_left_out(operation, &mut variables);
    let single_field = matches!(
        operation.selection_set.node.items.as_slice(),
        [item] if matches!(item.node, Selection::Field(_))
    );
    let operation = operation.ty;
    // The engine wants a document of its own; a copy costs far less than to parse it.
    let mut parsed = ExecutableDocument::clone(&parsed);
    if operation == OperationType::Subscription {
        subscription_root::unwrap(&mut parsed);
    }
    let when_valid = persisted.when_valid(&document);
    let text = document.text;
    Ok(Prepared {
        text,
        document: parsed,
        variables,
        name,
        operation,
        entities,
        when_valid,
        single_field,
        tell_cost,
    })
}

/// A number that may be left out and is: the engine cannot tell what a page costs without any value, and for a
/// number none is the same as null.
fn sizes_left_out(operation: &OperationDefinition, variables: &mut Variables) {
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let is_number = matches!(&definition.var_type.node.base, BaseType::Named(name) if name == "Int");
        if is_number && definition.default_value.is_none() && !variables.contains_key(&definition.name.node) {
            variables.insert(definition.name.node.clone(), ConstValue::Null);
        }
    }
}

fn operation<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, ServerError> {
    let refused = |message: &str| request_error(Code::OperationResolutionFailure, message);
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => {
            Err(refused("The document has one operation, without a name."))
        }
        (DocumentOperations::Multiple(operations), Some(name)) => {
            let operation = operations.get(&Name::new(name));
            operation.map(|o| &o.node).ok_or_else(|| refused("There is no operation of that name."))
        }
        (DocumentOperations::Multiple(operations), None) => match operations.values().next() {
            Some(operation) if operations.len() == 1 => Ok(&operation.node),
            _ => Err(refused("The document has several operations: name one (`operationName`).")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_many_values_is_refused_before_it_is_read() {
        let body = format!(
            "{{\"query\":\"{{a}}\",\"variables\":{{\"{}\":[{}0]",
            "k".repeat(480_000),
            "0,".repeat(200_000)
        );
        // It breaks off: whoever read it would complain of that.
        let refused = params(body.as_bytes()).err().map(|refused| refused.error.message);
        assert_eq!(refused.as_deref(), Some("The body has more than 5000 values."));
        let text = format!("{{\"query\":\"{}\"}}", "a, \\\" ".repeat(10_000));
        assert!(params(text.as_bytes()).is_ok(), "commas within texts are no values");
        assert!(params(b"{\"query\":\"\\").is_err(), "a text that breaks off ends the count");
    }

    #[test]
    fn only_an_object_is_a_request() {
        for body in ["", "{", "null", "\"x\"", "[]", "[\"{a}\",null,null,null,null]", "{\"query\":1}"] {
            assert!(params(body.as_bytes()).is_err(), "{body}");
        }
        assert_eq!(params(b" {\"query\":\"{a}\",\"else\":1}").unwrap().query.as_deref(), Some("{a}"));
    }
}
