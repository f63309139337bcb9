//! GraphQL over WebSocket: the sub-protocol `graphql-transport-ws`, with every close code of its own.

mod operations;
mod protocol;
mod session;

use super::http::has_token;
use super::{Gateway, RequestInfo};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::{Closing, PROTOCOL};
use session::Session;
use std::sync::Arc;

/// Largest message, in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;
/// Bytes with which a socket begins to read: most of them are silent for most of the time.
const READ_BUFFER: usize = 4 * 1024;

/// Opens a socket, if the page that asks may have one.
pub(super) async fn upgrade(
    State(gateway): State<Arc<Gateway>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !origin_allowed(&gateway, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let info = RequestInfo::of(&gateway, &headers);
    if query.as_deref().is_some_and(has_token) {
        tracing::info!(request = %info.id, reason = "a token in the URL", "not authenticated");
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let spoken = offered.unwrap_or_default().split(',').any(|protocol| protocol.trim() == PROTOCOL);
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE);
    upgrade.protocols([PROTOCOL]).on_upgrade(move |socket| async move {
        if spoken {
            Session::run(gateway, info, socket).await;
        } else {
            session::close(socket, Closing::BAD_PROTOCOL).await;
        }
    })
}

/// Browsers say where a page comes from; other clients say nothing and need a token anyway.
fn origin_allowed(gateway: &Gateway, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = origin.split_once("://").map(|(_, authority)| authority);
    (own.is_some() && own == host) || gateway.config.allowed_origins.iter().any(|allowed| allowed == origin)
}
