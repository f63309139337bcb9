//! Health: alive means that the process answers, ready that it can work.

use super::Gateway;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// The process answers.
pub(super) async fn live() -> Response {
    Json(json!({"status": "live"})).into_response()
}

/// The service can work, and is not about to stop.
pub(super) async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    let unready = |status| (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": status}))).into_response();
    if gateway.shutdown.is_cancelled() {
        return unready("stopping");
    }
    // One issuer without keys is its own tenant's trouble; without any, nobody can be let in.
    if !gateway.authenticator.ready() {
        tracing::warn!("not ready: no keys of any issuer");
        return unready("unavailable");
    }
    match gateway.readiness.ready().await {
        Ok(()) => Json(json!({"status": "ready"})).into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            unready("unavailable")
        }
    }
}
