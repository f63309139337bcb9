//! GraphQL over HTTP: POST for everything but subscriptions, GET for queries.

use super::document::{Params, Prepared, params, prepare};
use super::respond::{Mapped, MediaType, map, refuse, respond};
use super::{Gateway, RequestInfo};
use crate::auth::AuthError;
use crate::error::Code;
use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Answer, ServerError};
use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use std::time::Duration;
use uuid::Uuid;
use waymark_domain::kernel::TraceContext;

/// Largest body, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// How long an operation may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// One request to `/graphql`.
pub(super) async fn graphql(
    State(gateway): State<Gateway>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let info = info(&gateway, &headers);
    let Some(media_type) = MediaType::negotiate(&headers) else {
        let message = "Accept application/json or application/graphql-response+json.";
        return refuse(StatusCode::NOT_ACCEPTABLE, MediaType::Json, Code::BadRequest, message, &info);
    };
    let exchange = Exchange { gateway, headers, media_type, info };
    match method {
        Method::POST => exchange.post(body).await,
        Method::GET => exchange.get(query.as_deref().unwrap_or_default()).await,
        _ => exchange.method_not_allowed("GET, POST", "Use GET or POST."),
    }
}

/// What a request says about itself, beside its document.
pub(super) fn info(gateway: &Gateway, headers: &HeaderMap) -> RequestInfo {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A caller's own id is taken if it is a UUID; anything else would let callers write into the log.
    let id = text("x-request-id").and_then(|id| Uuid::parse_str(id).ok());
    let parent = text("traceparent").filter(|value| is_traceparent(value)).map(str::to_owned);
    let state = parent.as_ref().and_then(|_| text("tracestate")).filter(|state| state.len() <= 512);
    RequestInfo {
        id: id.unwrap_or_else(|| gateway.services.ids.next()),
        trace: TraceContext { state: state.map(str::to_owned), parent },
    }
}

/// W3C Trace Context, version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
fn is_traceparent(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    match parts.as_slice() {
        ["00", trace, span, flags] => {
            hex(trace, 32) && hex(span, 16) && hex(flags, 2) && !zero(trace) && !zero(span)
        }
        _ => false,
    }
}

struct Exchange {
    gateway: Gateway,
    headers: HeaderMap,
    media_type: MediaType,
    info: RequestInfo,
}

impl Exchange {
    async fn post(self, body: Body) -> Response {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let message = "Send the request as application/json.";
            return self.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message);
        }
        let declared = self.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let too_large =
            declared.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > MAX_BODY);
        let body = if too_large { None } else { to_bytes(body, MAX_BODY).await.ok() };
        let Some(body) = body else {
            let message = format!("The body has more than {MAX_BODY} bytes, or broke off.");
            return self.refuse(StatusCode::PAYLOAD_TOO_LARGE, Code::BadRequest, &message);
        };
        match params(&body) {
            Ok(params) => self.execute(params, false).await,
            Err(error) => self.refused(StatusCode::BAD_REQUEST, error),
        }
    }

    async fn get(self, query: &str) -> Response {
        // A form or an image on somebody else's page can cause a plain GET, but none of these headers.
        let deliberate = ["authorization", "x-apollo-operation-name", "apollo-require-preflight"];
        if !deliberate.iter().any(|name| self.headers.contains_key(*name)) {
            return self.unauthenticated("no token");
        }
        match get_params(query) {
            Ok(params) => self.execute(params, true).await,
            Err(error) => self.refused(StatusCode::BAD_REQUEST, error),
        }
    }

    async fn execute(self, params: Params, get: bool) -> Response {
        let authorization = self.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let caller = match self.gateway.authenticator.authenticate(authorization).await {
            Ok(caller) => caller,
            Err(AuthError::Unauthenticated(reason)) => return self.unauthenticated(reason),
            Err(AuthError::Fault(error)) => {
                crate::error::fault_of(&error);
                let message = "The service is not available at the moment; try again.";
                return self.refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message);
            }
        };
        let shape_error = params.query.as_ref().is_none_or(String::is_empty) && params.extensions.is_none();
        let Prepared { request, operation } = match prepare(params) {
            Ok(prepared) => prepared,
            // A request without a document is malformed whatever the media type.
            Err(error) if shape_error => return self.refused(StatusCode::BAD_REQUEST, error),
            Err(error) => return self.answer(Answer::from_errors(vec![error])),
        };
        if get && operation != OperationType::Query {
            return self.method_not_allowed("POST", "By GET only queries are executed.");
        }
        if operation == OperationType::Subscription {
            let message = "Subscriptions go over a WebSocket at /graphql/ws.";
            return self.refuse(StatusCode::BAD_REQUEST, Code::BadRequest, message);
        }
        let request = self.gateway.equip(request, &caller, self.info.clone());
        match tokio::time::timeout(DEADLINE, self.gateway.schema.execute(request)).await {
            Ok(answer) => self.answer(answer),
            Err(_) => {
                tracing::warn!(request = %self.info.id, "an operation took too long and was stopped");
                let message = "The operation took too long.";
                self.refuse(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, message)
            }
        }
    }

    fn answer(&self, answer: Answer) -> Response {
        respond(&map(answer, &self.info), self.media_type, &self.info)
    }

    fn refuse(&self, status: StatusCode, code: Code, message: &str) -> Response {
        refuse(status, self.media_type, code, message, &self.info)
    }

    fn refused(&self, status: StatusCode, error: ServerError) -> Response {
        let mapped = Mapped { answer: Answer::from_errors(vec![error]), request_error: true };
        let mut response = respond(&mapped, self.media_type, &self.info);
        *response.status_mut() = status;
        response
    }

    /// One answer for every cause, byte for byte but the request's id.
    fn unauthenticated(&self, reason: &str) -> Response {
        tracing::info!(request = %self.info.id, reason, "not authenticated");
        let message = "A valid access token is needed.";
        let mut response = self.refuse(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        response
    }

    fn method_not_allowed(&self, allowed: &'static str, message: &str) -> Response {
        let mut response = self.refuse(StatusCode::METHOD_NOT_ALLOWED, Code::BadRequest, message);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
        response
    }
}

/// Parameters of a GET; empty ones count as absent.
fn get_params(query: &str) -> Result<Params, ServerError> {
    let mut members = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() {
            continue;
        }
        let value = match &*name {
            "query" | "operationName" => value.into_owned().into(),
            "variables" | "extensions" => {
                serde_json::from_str(&value).unwrap_or(serde_json::Value::Bool(false))
            }
            _ => continue,
        };
        members.insert(name.into_owned(), value);
    }
    params(serde_json::Value::Object(members).to_string().as_bytes())
}
