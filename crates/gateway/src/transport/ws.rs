//! GraphQL over WebSocket: the sub-protocol `graphql-transport-ws`, with every close code of its own.

use super::document::{Params, prepare};
use super::http::info;
use super::respond::map;
use super::{Gateway, RequestInfo};
use crate::auth::{AuthError, Caller};
use async_graphql::{Response as Answer, ServerError};
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to introduce itself.
const INIT: Duration = Duration::from_secs(5);
/// How often the server asks whether the client is still there.
const PING: Duration = Duration::from_secs(30);
/// Most operations at once on one socket.
const MAX_OPERATIONS: usize = 100;
/// Largest message, in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;
/// Messages that wait for a slow client before it is let go.
const QUEUE: usize = 256;

/// Close codes of the protocol, and of WebSocket itself.
mod close {
    pub const GOING_AWAY: u16 = 1001;
    pub const TRY_AGAIN: u16 = 1013;
    pub const BAD_REQUEST: u16 = 4400;
    pub const UNAUTHORIZED: u16 = 4401;
    pub const FORBIDDEN: u16 = 4403;
    pub const BAD_PROTOCOL: u16 = 4406;
    pub const INIT_TIMEOUT: u16 = 4408;
    pub const DUPLICATE: u16 = 4409;
    pub const TOO_MANY_INITS: u16 = 4429;
}

/// Why a socket is closed.
type Closing = (u16, String);

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ClientMessage {
    ConnectionInit { payload: Option<Value> },
    Ping { payload: Option<Value> },
    Pong,
    Subscribe { id: String, payload: Params },
    Complete { id: String },
}

/// Opens a socket, if the page that asks may have one.
pub(super) async fn upgrade(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !origin_allowed(&gateway, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let info = info(&gateway, &headers);
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let spoken = offered.unwrap_or_default().split(',').any(|protocol| protocol.trim() == PROTOCOL);
    upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE).protocols([PROTOCOL]).on_upgrade(
        move |socket| async move {
            if spoken {
                Session::run(gateway, info, socket).await;
            } else {
                close_with(socket, (close::BAD_PROTOCOL, "Subprotocol not acceptable".to_owned())).await;
            }
        },
    )
}

/// Browsers say where a page comes from; other clients say nothing and need a token anyway.
fn origin_allowed(gateway: &Gateway, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = origin.split_once("://").map(|(_, authority)| authority);
    (own.is_some() && own == host) || gateway.config.allowed_origins.iter().any(|allowed| allowed == origin)
}

async fn close_with(mut socket: WebSocket, (code, reason): Closing) {
    // The client may be gone already.
    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
}

struct Session {
    gateway: Gateway,
    info: RequestInfo,
    caller: Option<Caller>,
    operations: HashMap<String, DropGuard>,
    outgoing: mpsc::Sender<Value>,
    /// Ids of operations that ended by themselves.
    ended: mpsc::UnboundedSender<String>,
}

impl Session {
    async fn run(gateway: Gateway, info: RequestInfo, socket: WebSocket) {
        let (outgoing, mut to_send) = mpsc::channel(QUEUE);
        let (ended, mut endings) = mpsc::unbounded_channel();
        let shutdown = gateway.shutdown.clone();
        let mut session = Self { gateway, info, caller: None, operations: HashMap::new(), outgoing, ended };
        let (mut sink, mut stream) = socket.split();
        let opened = Instant::now();
        let mut pings = tokio::time::interval(PING);
        pings.reset();
        let mut checks = tokio::time::interval(Duration::from_secs(1));
        let closing: Option<Closing> = loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break Some((close::GOING_AWAY, "Going away".to_owned())),
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => match session.receive(&text).await {
                        Ok(()) => {}
                        Err(closing) => break Some(closing),
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => break Some(bad_request()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break None,
                },
                Some(message) = to_send.recv() => {
                    let sent = sink.send(Message::Text(message.to_string().into()));
                    // A client that does not read for so long is let go; it may come back and resume.
                    if !matches!(tokio::time::timeout(PING, sent).await, Ok(Ok(()))) {
                        break Some((close::TRY_AGAIN, "Too slow".to_owned()));
                    }
                },
                Some(id) = endings.recv() => drop(session.operations.remove(&id)),
                _ = pings.tick() => session.queue(json!({"type": "ping"})).await,
                _ = checks.tick() => if let Some(closing) = session.expired(opened) { break Some(closing) },
            }
        };
        if let Some((code, reason)) = closing {
            let _ = sink.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
        }
    }

    fn expired(&self, opened: Instant) -> Option<Closing> {
        match &self.caller {
            None if opened.elapsed() >= INIT => {
                Some((close::INIT_TIMEOUT, "Connection initialisation timeout".to_owned()))
            }
            Some(caller) if caller.expires_at <= self.gateway.authenticator.now() => Some(unauthorized()),
            _ => None,
        }
    }

    async fn queue(&self, message: Value) {
        // The receiver lives as long as the session.
        let _ = self.outgoing.try_send(message);
    }

    async fn receive(&mut self, text: &str) -> Result<(), Closing> {
        let message: ClientMessage = serde_json::from_str(text).map_err(|_| bad_request())?;
        match message {
            ClientMessage::ConnectionInit { payload } => self.init(payload).await,
            ClientMessage::Ping { payload } => {
                let pong = payload.map_or(json!({"type": "pong"}), |p| json!({"type": "pong", "payload": p}));
                self.queue(pong).await;
                Ok(())
            }
            ClientMessage::Pong => Ok(()),
            ClientMessage::Subscribe { id, payload } => self.subscribe(id, payload).await,
            ClientMessage::Complete { id } => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    async fn init(&mut self, payload: Option<Value>) -> Result<(), Closing> {
        if self.caller.is_some() {
            return Err((close::TOO_MANY_INITS, "Too many initialisation requests".to_owned()));
        }
        let header = payload.as_ref().and_then(|payload| {
            ["authorization", "Authorization"].iter().find_map(|name| payload.get(name)?.as_str())
        });
        match self.gateway.authenticator.authenticate(header).await {
            Ok(caller) => self.caller = Some(caller),
            Err(AuthError::Unauthenticated(reason)) => {
                tracing::info!(request = %self.info.id, reason, "not authenticated");
                return Err((close::FORBIDDEN, "Forbidden".to_owned()));
            }
            Err(AuthError::Fault(error)) => {
                crate::error::fault_of(&error);
                return Err((close::TRY_AGAIN, "Try again".to_owned()));
            }
        }
        self.queue(json!({"type": "connection_ack"})).await;
        Ok(())
    }

    async fn subscribe(&mut self, id: String, params: Params) -> Result<(), Closing> {
        let Some(caller) = &self.caller else { return Err(unauthorized()) };
        if id.is_empty() || id.len() > 256 {
            return Err(bad_request());
        }
        if self.operations.contains_key(&id) {
            return Err((close::DUPLICATE, format!("Subscriber for {id} already exists")));
        }
        if self.operations.len() >= MAX_OPERATIONS {
            return Err((close::BAD_REQUEST, format!("At most {MAX_OPERATIONS} operations a socket")));
        }
        let info = RequestInfo { id: self.gateway.services.ids.next(), trace: self.info.trace.clone() };
        let prepared = match prepare(params) {
            Ok(prepared) => prepared,
            Err(error) => {
                self.queue(error_frame(&id, &[error])).await;
                return Ok(());
            }
        };
        let request = self.gateway.equip(prepared.request, caller, info.clone());
        let answers = self.gateway.schema.execute_stream(request);
        let token = CancellationToken::new();
        let (outgoing, ended) = (self.outgoing.clone(), self.ended.clone());
        tokio::spawn(token.clone().run_until_cancelled_owned(drive(
            id.clone(),
            info,
            answers,
            outgoing,
            ended,
        )));
        self.operations.insert(id, token.drop_guard());
        Ok(())
    }
}

/// Sends the answers of one operation, then that it is complete.
async fn drive(
    id: String,
    info: RequestInfo,
    mut answers: futures_util::stream::BoxStream<'static, Answer>,
    outgoing: mpsc::Sender<Value>,
    ended: mpsc::UnboundedSender<String>,
) {
    let mut first = true;
    while let Some(answer) = answers.next().await {
        let mapped = map(answer, &info);
        if first && mapped.request_error {
            let _ = outgoing.send(error_frame(&id, &mapped.answer.errors)).await;
            let _ = ended.send(id);
            return;
        }
        first = false;
        let mut payload = json!({"data": mapped.answer.data});
        if !mapped.answer.errors.is_empty() {
            payload["errors"] = json!(mapped.answer.errors);
        }
        if outgoing.send(json!({"id": id, "type": "next", "payload": payload})).await.is_err() {
            return;
        }
    }
    // Ended first: a client may use the id again as soon as it hears of the completion.
    let _ = ended.send(id.clone());
    let _ = outgoing.send(json!({"id": id, "type": "complete"})).await;
}

fn error_frame(id: &str, errors: &[ServerError]) -> Value {
    json!({"id": id, "type": "error", "payload": errors})
}

fn bad_request() -> Closing {
    (close::BAD_REQUEST, "Invalid message".to_owned())
}

fn unauthorized() -> Closing {
    (close::UNAUTHORIZED, "Unauthorized".to_owned())
}
