//! One socket: who is behind it, and its operations.

use super::operations::{NotAdmitted, Operations};
use super::protocol::{ClientMessage, Closing, ServerMessage};
use crate::auth::{AuthError, Caller};
use crate::engine::{Charge, rate_limited};
use crate::transport::document::{Params, prepare};
use crate::transport::{Gateway, RequestInfo, operation, respond};
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::stream::BoxStream;
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use waymark_domain::kernel::Actor;

/// How long a client may take to introduce itself.
const INIT: Duration = Duration::from_secs(5);
/// How often the server asks whether the client is still there.
const PING: Duration = Duration::from_secs(30);
/// Messages that wait for a slow client; then its operations wait.
const QUEUE: usize = 64;
/// How long a client may leave a message unread before it is let go; it may come back and resume.
const UNREAD: Duration = Duration::from_secs(30);

/// How long a client has to hear why it is let go while it is still sending.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// Closes a socket; the client may be gone already.
pub(super) async fn close(mut socket: WebSocket, closing: Closing) {
    let _ = socket.send(Message::Close(Some(closing.into()))).await;
}

/// One socket.
pub(super) struct Session {
    gateway: Arc<Gateway>,
    info: RequestInfo,
    caller: Option<Caller>,
    operations: Operations,
    /// How many operations were asked for.
    asked: u64,
    outgoing: mpsc::Sender<Utf8Bytes>,
}

impl Session {
    /// Serves a socket until either side closes it.
    pub async fn run(gateway: Arc<Gateway>, info: RequestInfo, socket: WebSocket) {
        let (outgoing, mut to_send) = mpsc::channel(QUEUE);
        let shutdown = gateway.shutdown.clone();
        let operations = Operations::default();
        let mut session = Self { gateway, info, caller: None, operations, asked: 0, outgoing };
        let (mut sink, mut stream) = socket.split();
        let opened = Instant::now();
        let mut pings = tokio::time::interval(PING);
        pings.reset();
        let mut checks = tokio::time::interval(Duration::from_secs(1));
        // Unbiased: neither a client that talks without end nor one that is talked to starves the rest.
        let closing: Option<Closing> = loop {
            let message = tokio::select! {
                () = shutdown.cancelled() => break Some(Closing::GOING_AWAY),
                message = stream.next() => match session.take(message).await {
                    Ok(Some(answer)) => answer,
                    Ok(None) => continue,
                    Err(closing) => break closing,
                },
                Some(message) = to_send.recv() => message,
                _ = pings.tick() => ServerMessage::Ping.text(),
                _ = checks.tick() => match session.over(opened) {
                    Some(closing) => break Some(closing),
                    None => continue,
                },
            };
            match tokio::time::timeout(UNREAD, sink.send(Message::Text(message))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => break None,
                Err(_) => break Some(Closing::TOO_SLOW),
            }
        };
        session.operations.stop_all();
        let unread = closing == Some(Closing::TOO_LARGE);
        let last = async {
            match closing {
                Some(closing) => sink.send(Message::Close(Some(closing.into()))).await,
                // The client's own goodbye is answered by the protocol; it only has to leave.
                None => sink.close().await,
            }
        };
        // Who does not even take this is gone, or will be when the connection is dropped.
        let _ = tokio::time::timeout(Duration::from_secs(1), last).await;
        if unread {
            // Closing with something unread resets the connection, which overtakes the goodbye.
            tokio::time::sleep(LAST_WORDS).await;
        }
    }

    /// Takes what came from the client: an answer to send at once, or why the socket is closed.
    async fn take(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
    ) -> Result<Option<Utf8Bytes>, Option<Closing>> {
        match message {
            Some(Ok(Message::Text(text))) => self.receive(&text).await.map_err(Some),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Binary(_))) => Err(Some(Closing::BAD_REQUEST)),
            Some(Ok(Message::Close(_))) | None => Err(None),
            Some(Err(error)) => Err(closing_of(&error)),
        }
    }

    /// Whether the client took too long to introduce itself, or its token ended.
    fn over(&self, opened: Instant) -> Option<Closing> {
        match &self.caller {
            None if opened.elapsed() >= INIT => Some(Closing::INIT_TIMEOUT),
            Some(caller) if caller.expires_at <= self.gateway.authenticator.now() => {
                Some(Closing::UNAUTHORIZED)
            }
            _ => None,
        }
    }

    async fn receive(&mut self, text: &str) -> Result<Option<Utf8Bytes>, Closing> {
        match serde_json::from_str(text).map_err(|_| Closing::BAD_REQUEST)? {
            ClientMessage::ConnectionInit { payload } => self.init(payload).await.map(Some),
            ClientMessage::Ping { payload } => Ok(Some(ServerMessage::Pong { payload }.text())),
            ClientMessage::Pong => Ok(None),
            ClientMessage::Subscribe { id, payload } => self.subscribe(id, payload).await,
            ClientMessage::Complete { id } => {
                self.operations.stop(&id);
                Ok(None)
            }
        }
    }

    async fn init(&mut self, payload: Option<serde_json::Value>) -> Result<Utf8Bytes, Closing> {
        if self.caller.is_some() {
            return Err(Closing::TOO_MANY_INITS);
        }
        let header = payload.as_ref().and_then(|payload| {
            ["authorization", "Authorization"].iter().find_map(|name| payload.get(name)?.as_str())
        });
        match self.gateway.authenticator.authenticate(header).await {
            Ok(caller) => self.caller = Some(caller),
            Err(AuthError::Unauthenticated(reason)) => {
                tracing::info!(request = %self.info.id, reason, "not authenticated");
                return Err(Closing::FORBIDDEN);
            }
            Err(error @ (AuthError::NoKeys | AuthError::Fault(_))) => {
                error.log();
                return Err(Closing::TRY_AGAIN);
            }
        }
        Ok(ServerMessage::ConnectionAck.text())
    }

    async fn subscribe(&mut self, id: String, params: Params) -> Result<Option<Utf8Bytes>, Closing> {
        let Some(caller) = &mut self.caller else { return Err(Closing::UNAUTHORIZED) };
        if id.is_empty() || id.len() > 256 {
            return Err(Closing::BAD_REQUEST);
        }
        // A socket lives long: what its caller may do is asked for each operation, as it is for each request.
        caller.actor = renew(&self.gateway, caller).await?;
        let paid = self.gateway.rates.purse(caller.actor.id).charge(1);
        self.asked += 1;
        let number = self.asked;
        let token = self.operations.admit(&id, number).map_err(|refused| match refused {
            NotAdmitted::Duplicate => Closing::DUPLICATE,
            NotAdmitted::TooMany => Closing::TOO_MANY_OPERATIONS,
        })?;
        let gateway = &self.gateway;
        if let Err(wait) = paid {
            self.operations.ended(&id, number);
            return Ok(Some(ServerMessage::Error { id: &id, payload: &[rate_limited(wait)] }.text()));
        }
        let prepared = match prepare(params, &gateway.persisted, &gateway.known) {
            Ok(prepared) => prepared,
            Err(refused) => {
                self.operations.ended(&id, number);
                return Ok(Some(ServerMessage::Error { id: &id, payload: &[*refused.error] }.text()));
            }
        };
        let info = RequestInfo { id: gateway.services.ids.next(), trace: self.info.trace.clone() };
        let answers = operation::stream(gateway, prepared, caller, info.clone());
        let (operations, outgoing) = (self.operations.clone(), self.outgoing.clone());
        let operation = Operation { id, number, info, operations, outgoing };
        tokio::spawn(token.run_until_cancelled_owned(operation.drive(answers)));
        Ok(None)
    }
}

/// What the caller may do now.
async fn renew(gateway: &Gateway, caller: &Caller) -> Result<Arc<Actor>, Closing> {
    match gateway.authenticator.again(caller).await {
        Ok(Some(actor)) => Ok(actor),
        Ok(None) => Err(Closing::UNAUTHORIZED),
        Err(error) => {
            error.log();
            Err(Closing::TRY_AGAIN)
        }
    }
}

/// One operation on its way.
struct Operation {
    id: String,
    number: u64,
    info: RequestInfo,
    operations: Operations,
    outgoing: mpsc::Sender<Utf8Bytes>,
}

impl Operation {
    /// Sends the answers, then that the operation is complete. While the client's queue is full, it waits.
    async fn drive(self, mut answers: BoxStream<'static, respond::Mapped>) {
        let id = self.id.as_str();
        let mut first = true;
        while let Some(answer) = answers.next().await {
            if first && answer.refused() {
                return self.end(ServerMessage::Error { id, payload: answer.errors() }).await;
            }
            first = false;
            let next = ServerMessage::Next { id, payload: answer.wire(&self.info) }.text();
            if self.outgoing.send(next).await.is_err() {
                return;
            }
        }
        self.end(ServerMessage::Complete { id }).await;
    }

    /// Frees the id before the client hears of the end: it may use it again at once.
    async fn end(&self, last: ServerMessage<'_>) {
        self.operations.ended(&self.id, self.number);
        let _ = self.outgoing.send(last.text()).await;
    }
}

/// A message that is too large or no text has a close code of its own; of anything else the client is gone.
fn closing_of(error: &axum::Error) -> Option<Closing> {
    let text = error.to_string();
    match text {
        text if text.contains("too long") => Some(Closing::TOO_LARGE),
        text if text.contains("UTF-8") => Some(Closing::NOT_TEXT),
        _ => None,
    }
}
