//! Messages and close codes of `graphql-transport-ws`.

use crate::transport::document::Params;
use crate::transport::respond::Wire;
use async_graphql::ServerError;
use axum::extract::ws::{CloseFrame, Utf8Bytes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Name of the sub-protocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    ConnectionInit { payload: Option<Value> },
    Ping { payload: Option<Value> },
    Pong,
    Subscribe { id: String, payload: Params },
    Complete { id: String },
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'m> {
    ConnectionAck,
    Ping,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'m str,
        payload: Wire<'m>,
    },
    Error {
        id: &'m str,
        payload: &'m [ServerError],
    },
    Complete {
        id: &'m str,
    },
}

impl ServerMessage<'_> {
    /// The message as it is sent. Values keep the order of the query: nothing here sorts keys.
    pub fn text(&self) -> Utf8Bytes {
        // The engine's values can always be written.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// Why a socket is closed: a code of the protocol or of WebSocket itself, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Closing {
    code: u16,
    reason: &'static str,
}

impl Closing {
    pub const GOING_AWAY: Self = Self { code: 1001, reason: "Going away" };
    pub const NOT_TEXT: Self = Self { code: 1007, reason: "Not UTF-8" };
    pub const TOO_LARGE: Self = Self { code: 1009, reason: "Message too large" };
    pub const TRY_AGAIN: Self = Self { code: 1013, reason: "Try again" };
    pub const TOO_SLOW: Self = Self { code: 1013, reason: "Too slow" };
    pub const BAD_REQUEST: Self = Self { code: 4400, reason: "Invalid message" };
    pub const TOO_MANY_OPERATIONS: Self = Self { code: 4400, reason: "Too many operations on one socket" };
    pub const UNAUTHORIZED: Self = Self { code: 4401, reason: "Unauthorized" };
    pub const FORBIDDEN: Self = Self { code: 4403, reason: "Forbidden" };
    pub const BAD_PROTOCOL: Self = Self { code: 4406, reason: "Subprotocol not acceptable" };
    pub const INIT_TIMEOUT: Self = Self { code: 4408, reason: "Connection initialisation timeout" };
    pub const DUPLICATE: Self = Self { code: 4409, reason: "Subscriber for this id already exists" };
    pub const TOO_MANY_INITS: Self = Self { code: 4429, reason: "Too many initialisation requests" };
}

impl From<Closing> for CloseFrame {
    fn from(closing: Closing) -> Self {
        Self { code: closing.code, reason: Utf8Bytes::from_static(closing.reason) }
    }
}
