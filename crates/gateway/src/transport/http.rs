//! GraphQL over HTTP: POST, and GET for queries; one answer, or a stream of them.

use super::accept::{Accepted, MediaType, Streaming};
use super::document::{Params, Prepared, RequestError, params, prepare, request_error};
use super::keyed::Outcome;
use super::operation::{self, Deadline};
use super::respond::{
    FAULT, Mapped, log_panic, refuse, refuse_with, respond, respond_again, respond_invalid, respond_refused,
    respond_to_get,
};
use super::serve::MAX_HEAD;
use super::{Gateway, RequestInfo, keyed, streams};
use crate::auth::{AuthError, Caller};
use crate::engine::{Charge, rate_limited};
use crate::error::Code;
use crate::relay::GlobalId;
use async_graphql::Value;
use async_graphql::parser::types::OperationType;
use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use futures_util::{FutureExt, StreamExt};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use waymark_domain::kernel::ObjectRef;

/// Largest body, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Most bytes of a refused body that are still taken, and for how long.
const READ_ON: usize = 8 * MAX_BODY;
const READ_ON_TIME: Duration = Duration::from_secs(2);

/// One request to `/graphql`.
pub(super) async fn graphql(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let info = RequestInfo::of(&gateway, &headers);
    let Some(accepted) = Accepted::negotiate(&headers) else {
        let message = "Accept application/json or application/graphql-response+json.";
        return refuse(StatusCode::NOT_ACCEPTABLE, MediaType::Json, Code::BadRequest, message, &info);
    };
    if head_size(query.as_deref(), &headers) >= MAX_HEAD {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        let message = "The head of the request is too large.";
        return refuse(status, accepted.single_or_json(), Code::BadRequest, message, &info);
    }
    let exchange = Exchange { gateway, headers, accepted, info: info.clone() };
    let in_url = query.as_deref().is_some_and(has_token);
    let answer = async {
        match method {
            _ if in_url => exchange.unauthenticated("a token in the URL"),
            Method::POST => exchange.post(body).await,
            Method::GET => exchange.get(query.as_deref().unwrap_or_default()).await,
            _ => exchange.method_not_allowed("GET, POST", "Use GET or POST."),
        }
    };
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|cause| {
        log_panic(cause.as_ref());
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        refuse(status, accepted.single_or_json(), Code::Internal, FAULT, &info)
    })
}

/// Whether a URL's query has a token (RFC 6750, section 2.3). URLs end up in logs and histories, so it counts as given
/// away, even beside one in the header.
pub(super) fn has_token(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}

/// Bytes of the head, about as they were sent: the server's own bound is on what it has read, which may be more.
fn head_size(query: Option<&str>, headers: &HeaderMap) -> usize {
    let headers = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    query.map_or(0, str::len) + headers.sum::<usize>()
}

struct Exchange {
    gateway: Arc<Gateway>,
    headers: HeaderMap,
    accepted: Accepted,
    info: RequestInfo,
}

impl Exchange {
    async fn post(self, body: Body) -> Response {
        let content_type = self.header(header::CONTENT_TYPE.as_str());
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            self.read_on(body);
            let message = "Send the request as application/json.";
            return self.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message);
        }
        let declared = self.header(header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok());
        if declared.is_some_and(|length: usize| length > MAX_BODY) {
            self.read_on(body);
            return self.too_large();
        }
        let read = tokio::time::timeout(BODY_TIME, to_bytes(body, MAX_BODY));
        let body = match read.await.map(Result::ok) {
            Ok(Some(body)) => body,
            Ok(None) => return self.too_large(),
            Err(_) => {
                let message = "The body did not come in time.";
                return self.refuse(StatusCode::REQUEST_TIMEOUT, Code::BadRequest, message);
            }
        };
        match params(&body) {
            Ok(params) => self.admit(params, false).await,
            Err(error) => self.refused(error),
        }
    }

    async fn get(self, query: &str) -> Response {
        // A form or an image on somebody else's page can cause a plain GET, but none of these headers.
        let deliberate = ["authorization", "x-apollo-operation-name", "apollo-require-preflight"];
        if !deliberate.iter().any(|name| self.headers.contains_key(*name)) {
            return self.unauthenticated("no token");
        }
        match get_params(query) {
            Ok(params) => self.admit(params, true).await,
            Err(error) => self.refused(error),
        }
    }

    /// Lets the caller in, and the operation if it may come this way.
    async fn admit(self, params: Params, get: bool) -> Response {
        if self.headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
            return self.unauthenticated("several tokens");
        }
        // Held until there is an answer, or a stream is open.
        let Some(_place) = self.gateway.places.take() else {
            let message = "The service has more to do than it can; try again.";
            return self.refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Overloaded, message);
        };
        let caller = match self.gateway.authenticator.authenticate(self.header("authorization")).await {
            Ok(caller) => caller,
            Err(AuthError::Unauthenticated(reason)) => return self.unauthenticated(reason),
            Err(error @ (AuthError::NoKeys | AuthError::Fault(_))) => {
                error.log();
                return self.unavailable();
            }
        };
        let purse = self.gateway.rates.purse(caller.actor.id);
        // What is refused before it is known what it costs is not for nothing.
        let mut response = match purse.charge(1) {
            Ok(()) => self.answer(params, &caller, get).await,
            Err(wait) => self.refused(rate_limited(wait).into()),
        };
        purse.tell(&mut response);
        response
    }

    /// The answer to an operation of somebody who was let in.
    async fn answer(self, params: Params, caller: &Caller, get: bool) -> Response {
        let prepared = match prepare(params, &self.gateway.persisted, &self.gateway.known) {
            Ok(prepared) => prepared,
            Err(error) => return self.refused(error),
        };
        if prepared.operation == OperationType::Mutation && !get {
            match keyed::key(&self.headers).map(|key| key.map(str::to_owned)) {
                Ok(Some(key)) => return self.once(prepared, caller, &key).await,
                Ok(None) => {}
                Err(message) => return self.refuse(StatusCode::BAD_REQUEST, Code::BadRequest, message),
            }
        }
        self.route(prepared, caller, get).await
    }

    /// Executes the operation in the way that fits its kind and what the client accepts.
    async fn route(self, prepared: Prepared, caller: &Caller, get: bool) -> Response {
        match (prepared.operation, self.accepted.streaming) {
            (OperationType::Mutation, _) if get => {
                self.method_not_allowed("POST", "By GET nothing is changed.")
            }
            (OperationType::Subscription, None) if get => {
                self.method_not_allowed("POST", "By GET only queries are executed, and event streams.")
            }
            (OperationType::Subscription, None) => {
                let message =
                    "Subscriptions go over a WebSocket at /graphql/ws, or accept text/event-stream.";
                self.refuse(StatusCode::BAD_REQUEST, Code::BadRequest, message)
            }
            (OperationType::Subscription, Some(streaming)) => self.open(prepared, caller, streaming).await,
            // Who would rather have one answer as JSON, or as gladly, gets it so.
            (_, Some(streaming)) if self.accepted.prefers_stream => {
                self.open(prepared, caller, streaming).await
            }
            _ => self.execute(prepared, caller, get).await,
        }
    }

    async fn execute(self, prepared: Prepared, caller: &Caller, get: bool) -> Response {
        match operation::run(&self.gateway, prepared, caller, &self.info, None).await {
            Ok(mapped) if get => respond_to_get(&mapped, self.accepted.single_or_json(), &self.info),
            executed => self.executed(&executed),
        }
    }

    fn executed(&self, executed: &Result<Mapped, Deadline>) -> Response {
        match executed {
            Ok(mapped) => respond(mapped, self.accepted.single_or_json(), &self.info),
            Err(Deadline) => {
                self.refuse(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, "The operation took too long.")
            }
        }
    }

    /// Executes a mutation that bears a key, unless that was done before.
    async fn once(self, prepared: Prepared, caller: &Caller, key: &str) -> Response {
        if !prepared.single_field {
            let message =
                "A key stands for one mutation: send one field at the root of each request with a key.";
            return self.refuse(StatusCode::BAD_REQUEST, Code::BadRequest, message);
        }
        if self.accepted.prefers_stream {
            let message = "A mutation with a key has one answer: accept application/json.";
            return self.refuse(StatusCode::BAD_REQUEST, Code::BadRequest, message);
        }
        let outcome = match keyed::run(&self.gateway, prepared, caller, &self.info, key).await {
            Ok(outcome) => outcome,
            Err(error) => {
                crate::error::fault_of(&error);
                return self.unavailable();
            }
        };
        match outcome {
            Outcome::Executed(executed) => self.executed(&executed),
            Outcome::Replayed(kept) => respond_again(&kept, self.accepted.single_or_json(), &self.info),
            Outcome::Lost(objects) => self.lost(&objects),
            Outcome::Reused => {
                let message = "This key was used for another mutation: take a new one.";
                self.refuse(StatusCode::UNPROCESSABLE_ENTITY, Code::KeyReused, message)
            }
            Outcome::UnderWay => {
                let message = "This mutation is being executed: repeat the request for its answer.";
                let mut response = self.refuse(StatusCode::CONFLICT, Code::InProgress, message);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
                response
            }
        }
    }

    /// The effect is there and the answer is not: the caller is told what to look at.
    fn lost(&self, objects: &[ObjectRef]) -> Response {
        let message =
            "This mutation was executed, and its answer is lost: look at the objects that it changed.";
        let mut error = request_error(Code::ResultLost, message);
        let ids = objects.iter().map(|object| Value::from(GlobalId::of_object(*object).0)).collect();
        error.extensions.get_or_insert_default().set("objects", Value::List(ids));
        refuse_with(StatusCode::CONFLICT, self.accepted.single_or_json(), error, &self.info)
    }

    async fn open(self, prepared: Prepared, caller: &Caller, streaming: Streaming) -> Response {
        if let Err(invalid) = operation::validate(&self.gateway, &prepared, &self.info).await {
            return respond_invalid(&invalid, self.accepted.single_or_json(), &self.info);
        }
        let answers = operation::stream(&self.gateway, prepared, caller, self.info.clone());
        streams::response(answers, streaming, self.info)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn refuse(&self, status: StatusCode, code: Code, message: &str) -> Response {
        refuse(status, self.accepted.single_or_json(), code, message, &self.info)
    }

    /// A port does not answer, or is at fault.
    fn read_on(&self, body: Body) {
        // Who asked whether to send it at all is told not to.
        if !self.headers.contains_key(header::EXPECT) {
            read_on(body);
        }
    }

    fn too_large(&self) -> Response {
        let message = format!("The body has more than {MAX_BODY} bytes, or broke off.");
        self.refuse(StatusCode::PAYLOAD_TOO_LARGE, Code::BadRequest, &message)
    }

    fn unavailable(&self) -> Response {
        let message = "The service is not available at the moment; try again.";
        self.refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
    }

    fn refused(&self, error: RequestError) -> Response {
        // Who accepts nothing but a stream still learns from the status that there is none.
        respond_refused(error, self.accepted.single.unwrap_or(MediaType::GraphqlResponse), &self.info)
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

/// Goes on reading a body that nobody needs while its refusal is on the way: to close with something unread would reset
/// the connection, and a client that is still sending would never see why. What goes beyond the bounds is cut off.
fn read_on(body: Body) {
    tokio::spawn(async move {
        let mut rest = body.into_data_stream();
        let read = async {
            let mut bytes = 0;
            while let Some(Ok(chunk)) = rest.next().await {
                bytes += chunk.len();
                if bytes > READ_ON {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(READ_ON_TIME, read).await;
    });
}

/// Parameters of a GET; empty ones count as absent.
fn get_params(query: &str) -> Result<Params, RequestError> {
    let mut members = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() {
            continue;
        }
        let value = match &*name {
            "query" | "operationName" | "documentId" => value.into_owned().into(),
            "variables" | "extensions" => {
                serde_json::from_str(&value).unwrap_or(serde_json::Value::Bool(false))
            }
            _ => continue,
        };
        members.insert(name.into_owned(), value);
    }
    params(serde_json::Value::Object(members).to_string().as_bytes())
}
