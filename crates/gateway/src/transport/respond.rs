//! The one mapper from the engine's answer to bytes.

use super::RequestInfo;
use super::document::request_error;
use crate::error::Code;
use async_graphql::{ErrorExtensionValues, PathSegment, Response as Answer, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;

/// Media types of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: request errors are 200, as old clients expect.
    Json,
    /// `application/graphql-response+json`: request errors have their own status.
    GraphqlResponse,
}

impl MediaType {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// What the client likes best; `None` when it takes neither.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accepted =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if accepted.peek().is_none() {
            return Some(Self::Json);
        }
        let (mut json, mut graphql) = (0.0_f32, 0.0_f32);
        for range in accepted.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            match name.as_str() {
                "application/json" | "application/*" | "*/*" => json = json.max(quality),
                "application/graphql-response+json" => graphql = graphql.max(quality),
                _ => {}
            }
        }
        match (graphql > json, json > 0.0) {
            (true, _) => Some(Self::GraphqlResponse),
            (false, true) => Some(Self::Json),
            (false, false) => None,
        }
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    extensions: WireExtensions<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireExtensions<'a> {
    request_id: &'a str,
}

/// What the engine answered, with every error classified and faults masked.
pub(super) struct Mapped {
    pub answer: Answer,
    /// Whether nothing was executed.
    pub request_error: bool,
}

/// Classifies the errors of an answer.
pub(super) fn map(mut answer: Answer, info: &RequestInfo) -> Mapped {
    // Errors at execution have the path of their field; only those before it have none.
    let request_error = answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty());
    for error in &mut answer.errors {
        classify(error, info);
    }
    answer.errors.truncate(20);
    Mapped { answer, request_error }
}

fn classify(error: &mut ServerError, info: &RequestInfo) {
    if code_of(error).is_some() {
        return;
    }
    if error.source.is_some() {
        mask(error, info);
    } else if error.path.is_empty() {
        set_code(error, validation_code(&error.message));
    } else if is_coercion(&error.message) {
        set_code(error, Code::BadUserInput);
    } else {
        mask(error, info);
    }
}

/// The engine has no codes; limits of its own validation are told apart by its fixed messages.
fn validation_code(message: &str) -> Code {
    match message {
        "Query is too complex." => Code::QueryTooComplex,
        "Query is nested too deep." => Code::QueryTooDeep,
        message if is_coercion(message) => Code::BadUserInput,
        _ => Code::ValidationFailed,
    }
}

/// Values of arguments and variables that do not fit their type, as the engine words it.
fn is_coercion(message: &str) -> bool {
    ["Failed to parse", "Invalid value for argument", "Expected input type", "Variable ", "Invalid input"]
        .iter()
        .any(|beginning| message.starts_with(beginning))
}

fn mask(error: &mut ServerError, info: &RequestInfo) {
    let path: Vec<String> = error.path.iter().map(segment).collect();
    tracing::error!(request = %info.id, path = path.join("."), message = error.message, "a resolver failed");
    "Something went wrong on our side.".clone_into(&mut error.message);
    set_code(error, Code::Internal);
}

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

/// Sets the error's code.
pub(super) fn set_code(error: &mut ServerError, code: Code) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.name());
}

/// The answer as a response.
pub(super) fn respond(mapped: &Mapped, media_type: MediaType, info: &RequestInfo) -> Response {
    let status = match (mapped.request_error, media_type) {
        (true, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let data = (!mapped.request_error).then_some(&mapped.answer.data);
    write(status, media_type, data, &mapped.answer.errors, info)
}

/// A response with one error and nothing else.
pub(super) fn refuse(
    status: StatusCode,
    media_type: MediaType,
    code: Code,
    message: &str,
    info: &RequestInfo,
) -> Response {
    write(status, media_type, None, &[request_error(code, message)], info)
}

fn write(
    status: StatusCode,
    media_type: MediaType,
    data: Option<&Value>,
    errors: &[ServerError],
    info: &RequestInfo,
) -> Response {
    let request_id = info.id.to_string();
    let wire = Wire { data, errors, extensions: WireExtensions { request_id: &request_id } };
    let Ok(body) = serde_json::to_vec(&wire) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type.name()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization, Origin"));
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", value);
    }
    response
}

/// No such route.
pub(super) async fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, Code::NotFound, "There is nothing here. The API is at /graphql.")
}

/// A handler panicked: the caller gets an answer, the log gets the cause, everybody else goes on.
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or(cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a handler panicked");
    plain(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, "Something went wrong on our side.")
}

fn plain(status: StatusCode, code: Code, message: &str) -> Response {
    let body = serde_json::json!({"errors": [{"message": message, "extensions": {"code": code.name()}}]});
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}
