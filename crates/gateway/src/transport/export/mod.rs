//! Files of exports: fetched by a link that only the person was told, and with a token of the same person.

mod csv;
mod link;
mod resume;

pub(crate) use link::Link;

use super::http::has_token;
use super::respond::{self, common_headers};
use super::{Gateway, RequestInfo};
use crate::auth::AuthError;
use crate::engine::Charge;
use crate::error::Code;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;
use std::sync::Arc;

/// One file of an export. Whatever is wrong with the link, the answer is one and the same.
pub(super) async fn file(
    State(gateway): State<Arc<Gateway>>,
    Path((secret, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let info = RequestInfo::of(&gateway, &headers);
    let refuse = |status, code, message: &str| {
        respond::refuse(status, super::accept::MediaType::Json, code, message, &info)
    };
    let in_url = query.as_deref().is_some_and(has_token);
    if in_url || headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
        return unauthenticated(&refuse);
    }
    let Some(_place) = gateway.places.take() else {
        let message = "The service has more to do than it can; try again.";
        return refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Overloaded, message);
    };
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let caller = match gateway.authenticator.authenticate(token).await {
        Ok(caller) => caller,
        Err(AuthError::Unauthenticated(_)) => return unauthenticated(&refuse),
        Err(error) => {
            error.log();
            return refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, "Try again.");
        }
    };
    if gateway.rates.purse(caller.actor.id).charge(FILE).is_err() {
        let message = "You have used up your points for now; try again.";
        return refuse(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message);
    }
    let hash = Link::hash_of(&secret);
    let content = gateway.services.readers.export_content(&caller.actor, &hash).await;
    let content = match content {
        Ok(content) => content,
        Err(error) => {
            crate::error::fault_of(&error);
            return refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, "Try again.");
        }
    };
    let content = content.and_then(|text| serde_json::from_str(&text).ok());
    match content.and_then(|content: Value| body(&content, &name)) {
        Some((media_type, body)) => attachment(media_type, &name, body, &info),
        None => refuse(StatusCode::NOT_FOUND, Code::NotFound, "There is no such file."),
    }
}

/// What a file takes of its caller's points.
const FILE: usize = 10;

fn unauthenticated(refuse: &impl Fn(StatusCode, Code, &str) -> Response) -> Response {
    let message = "A valid access token is needed.";
    let mut response = refuse(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// The file with this name, and its media type.
fn body(content: &Value, name: &str) -> Option<(&'static str, Vec<u8>)> {
    match name {
        "data.json" => Some(("application/json", serde_json::to_vec_pretty(content).ok()?)),
        "resume.json" => Some(("application/json", serde_json::to_vec_pretty(&resume::of(content)).ok()?)),
        _ => {
            let table = name.strip_suffix(".csv").filter(|table| link::TABLES.contains(table))?;
            Some(("text/csv; charset=utf-8", csv::of(&content["tables"][table])?))
        }
    }
}

/// A file that browsers store and never show.
fn attachment(media_type: &'static str, name: &str, body: Vec<u8>, info: &RequestInfo) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // The name is one of the few that are known: there is nothing to escape in it.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    common_headers(&mut response, info);
    response
}
