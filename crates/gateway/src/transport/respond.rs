//! The one mapper from the engine's answer to bytes.

use super::RequestInfo;
use super::accept::MediaType;
use super::document::{RequestError, RequestErrorKind};
use crate::engine::{CostMeter, MAX_COST};
use crate::error::Code;
use async_graphql::{ErrorExtensionValues, PathSegment, Response as Answer, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::any::Any;
use uuid::Uuid;

/// Most errors of one answer.
const MAX_ERRORS: usize = 20;

/// Says that the answer is that of an earlier request with the same key.
pub(super) const REPLAYED: &str = "idempotent-replayed";

/// Seconds after which a client may try again when the service is not available.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// An answer as it is written. The engine's values keep the order of the query.
#[derive(Serialize)]
pub(super) struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    extensions: WireExtensions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireExtensions {
    request_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Cost>,
}

/// What the operation cost, of what it might.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Cost {
    requested: usize,
    limit: usize,
    remaining: usize,
}

impl Cost {
    pub fn of(meter: &CostMeter) -> Self {
        let requested = meter.read();
        Self { requested, limit: MAX_COST, remaining: MAX_COST.saturating_sub(requested) }
    }
}

/// What the engine answered, with every error classified and faults masked.
pub(super) struct Mapped {
    answer: Answer,
    /// Whether nothing was executed.
    pub request_error: bool,
    cost: Option<Cost>,
}

impl Mapped {
    /// The answer as it is written.
    pub fn wire(&self, info: &RequestInfo) -> Wire<'_> {
        Wire {
            data: (!self.request_error).then_some(&self.answer.data),
            errors: &self.answer.errors,
            extensions: WireExtensions { request_id: info.id, cost: self.cost },
        }
    }

    /// Whether nothing can come of the operation: it was not valid, or its root field was refused.
    pub fn refused(&self) -> bool {
        let at_root = |error: &ServerError| error.path.len() <= 1;
        self.request_error
            || (self.answer.data == Value::Null
                && !self.answer.errors.is_empty()
                && self.answer.errors.iter().all(at_root))
    }

    /// The answer as it is kept for whoever repeats the request.
    pub fn kept(&self, info: &RequestInfo) -> Option<String> {
        let (body, id) = (json(self, info), info.id.to_string());
        // Nothing comes after the request's id but numbers.
        let (before, after) = body.rsplit_once(&id)?;
        let kept =
            Kept { request_error: self.request_error, before: before.to_owned(), after: after.to_owned() };
        serde_json::to_string(&kept).ok()
    }

    /// The errors.
    pub fn errors(&self) -> &[ServerError] {
        &self.answer.errors
    }

    /// The same, with what it cost.
    pub fn with_cost(mut self, cost: Option<Cost>) -> Self {
        self.cost = cost;
        self
    }
}

/// An answer without the id of its request.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    request_error: bool,
    before: String,
    after: String,
}

/// Classifies the errors of an answer to several mutations: some may have changed something, so it never counts
/// as refused once it was executed.
pub(super) fn map_mutation(answer: Answer, info: &RequestInfo) -> Mapped {
    let executed = answer.errors.iter().any(|error| !error.path.is_empty());
    let paths: Vec<_> = answer.errors.iter().map(|error| error.path.clone()).collect();
    let mut mapped = map(answer, info);
    if executed && mapped.request_error {
        mapped.request_error = false;
        for (error, path) in mapped.answer.errors.iter_mut().zip(paths) {
            error.path = path;
        }
    }
    mapped
}

/// Classifies the errors of an answer.
pub(super) fn map(mut answer: Answer, info: &RequestInfo) -> Mapped {
    for error in &mut answer.errors {
        classify(error, info);
    }
    // Nothing was executed, or nothing came of it because of what the caller gave.
    let request_error =
        answer.data == Value::Null && !answer.errors.is_empty() && answer.errors.iter().all(is_callers);
    if request_error {
        answer.errors.iter_mut().for_each(|error| error.path.clear());
    }
    answer.errors.truncate(MAX_ERRORS);
    Mapped { answer, request_error, cost: None }
}

/// Errors at execution have the path of their field; those before it have none.
fn is_callers(error: &ServerError) -> bool {
    let input = [Code::BadUserInput.name(), Code::BadCursor.name()];
    error.path.is_empty() || code_of(error).is_some_and(|code| input.contains(&code))
}

fn classify(error: &mut ServerError, info: &RequestInfo) {
    if code_of(error).is_some() {
        return;
    }
    // What somebody gave is not repeated: it may be a secret in the wrong place.
    if is_coercion(&error.message) {
        for echo in [", found ", " does not contain the value"] {
            let end = error.message.find(echo);
            error.message.truncate(end.unwrap_or(error.message.len()));
        }
    }
    if error.source.is_some() {
        mask(error, info);
    } else if error.path.is_empty() {
        set_code(error, validation_code(&error.message));
    } else if is_coercion(&error.message) || is_representation(error) {
        set_code(error, Code::BadUserInput);
    } else {
        mask(error, info);
    }
}

/// The engine has no codes; what its validation says is told apart by its fixed messages.
fn validation_code(message: &str) -> Code {
    // What the rule on undefined variables says begins as missing values do.
    let undefined = message.starts_with("Variable \"$");
    if is_coercion(message) && !undefined { Code::BadUserInput } else { Code::ValidationFailed }
}

/// Values of arguments and variables that do not fit their type, as the engine words it.
fn is_coercion(message: &str) -> bool {
    ["Failed to parse", "Invalid value for argument", "Expected input type", "Variable ", "Invalid input"]
        .iter()
        .any(|beginning| message.starts_with(beginning))
}

/// What the engine says of representations that are none; what is wrong with ours has a source or a code. Under an
/// alias only its fixed messages tell.
fn is_representation(error: &ServerError) -> bool {
    let messages = ["\"__typename\" must be an existing string.", "Entity not found."];
    messages.contains(&error.message.as_str())
        || matches!(error.path.as_slice(), [PathSegment::Field(field)] if field == "_entities")
}

fn mask(error: &mut ServerError, info: &RequestInfo) {
    let path: Vec<String> = error.path.iter().map(segment).collect();
    tracing::error!(request = %info.id, path = path.join("."), message = error.message, "a resolver failed");
    FAULT.clone_into(&mut error.message);
    set_code(error, Code::Internal);
}

/// What callers are told of a fault.
pub(super) const FAULT: &str = "Something went wrong on our side.";

fn segment(segment: &PathSegment) -> String {
    match segment {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    }
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// After how many seconds a caller who asked for too much may come again.
fn retry_after(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

/// Sets the error's code.
pub(super) fn set_code(error: &mut ServerError, code: Code) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.name());
}

/// The answer to a GET: what the caller may keep, if asked again first.
pub(super) fn respond_to_get(mapped: &Mapped, media_type: MediaType, info: &RequestInfo) -> Response {
    let mut response = respond(mapped, media_type, info);
    if mapped.answer.errors.is_empty() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    response
}

/// The answer as a response.
pub(super) fn respond(mapped: &Mapped, media_type: MediaType, info: &RequestInfo) -> Response {
    let Some(seconds) = mapped.answer.errors.first().and_then(retry_after) else {
        return write(status_of(mapped.request_error, media_type), media_type, &mapped.wire(info), info);
    };
    let mut response = write(StatusCode::TOO_MANY_REQUESTS, media_type, &mapped.wire(info), info);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The answer to an earlier request with the same key, byte for byte but the request's id.
pub(super) fn respond_again(kept: &Kept, media_type: MediaType, info: &RequestInfo) -> Response {
    let body = format!("{}{}{}", kept.before, info.id, kept.after).into_bytes();
    let mut response = write_body(status_of(kept.request_error, media_type), media_type, body, info);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn status_of(request_error: bool, media_type: MediaType) -> StatusCode {
    match (request_error, media_type) {
        (true, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// The errors of an operation that was to become a stream, and is not valid.
pub(super) fn respond_invalid(mapped: &Mapped, media_type: MediaType, info: &RequestInfo) -> Response {
    write(StatusCode::BAD_REQUEST, media_type, &mapped.wire(info), info)
}

/// A request error as a response.
pub(super) fn respond_refused(refused: RequestError, media_type: MediaType, info: &RequestInfo) -> Response {
    let mapped = map(Answer::from_errors(vec![*refused.error]), info);
    match refused.kind {
        RequestErrorKind::Refused => respond(&mapped, media_type, info),
        RequestErrorKind::Malformed => write(StatusCode::BAD_REQUEST, media_type, &mapped.wire(info), info),
        RequestErrorKind::Missed => write(StatusCode::OK, media_type, &mapped.wire(info), info),
    }
}

/// A response with one error and nothing else.
pub(super) fn refuse(
    status: StatusCode,
    media_type: MediaType,
    code: Code,
    message: &str,
    info: &RequestInfo,
) -> Response {
    refuse_with(status, media_type, super::document::request_error(code, message), info)
}

/// A response with this error and nothing else.
pub(super) fn refuse_with(
    status: StatusCode,
    media_type: MediaType,
    error: ServerError,
    info: &RequestInfo,
) -> Response {
    let mapped = map(Answer::from_errors(vec![error]), info);
    write(status, media_type, &mapped.wire(info), info)
}

fn write(status: StatusCode, media_type: MediaType, wire: &Wire<'_>, info: &RequestInfo) -> Response {
    let Ok(body) = serde_json::to_vec(wire) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    write_body(status, media_type, body, info)
}

fn write_body(status: StatusCode, media_type: MediaType, body: Vec<u8>, info: &RequestInfo) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type.name()));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    common_headers(&mut response, info);
    response
}

/// The answer as JSON text, for streams.
pub(super) fn json(mapped: &Mapped, info: &RequestInfo) -> String {
    // The engine's values can always be written; an empty object is what is left if not.
    serde_json::to_string(&mapped.wire(info)).unwrap_or_else(|_| "{}".to_owned())
}

/// Headers of every answer of the API.
pub(super) fn common_headers(response: &mut Response, info: &RequestInfo) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("Accept, Authorization"));
    let mut text = Uuid::encode_buffer();
    if let Ok(value) = HeaderValue::from_str(info.id.hyphenated().encode_lower(&mut text)) {
        headers.insert("x-request-id", value);
    }
}

/// No such route.
pub(super) async fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, Code::NotFound, "There is nothing here. The API is at /graphql.")
}

/// A handler panicked: the caller gets an answer, the log gets the cause, everybody else goes on.
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    log_panic(cause.as_ref());
    plain(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, FAULT)
}

/// The cause of a panic, for the log.
pub(super) fn log_panic(cause: &(dyn Any + Send)) {
    let text = cause.downcast_ref::<String>().map(String::as_str).or(cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a handler panicked");
}

fn plain(status: StatusCode, code: Code, message: &str) -> Response {
    let body = serde_json::json!({"errors": [{"message": message, "extensions": {"code": code.name()}}]});
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}
