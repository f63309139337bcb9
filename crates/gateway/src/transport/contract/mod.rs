//! What is told of the events: the AsyncAPI document that the server hands over, as it is and as a page.

mod fields;
mod page;

use super::Gateway;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::Value;
use std::sync::Arc;

/// What the page may do: have one style sheet of its own host, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("style.css");

/// The contract of the events, as the gateway shows it.
#[derive(Debug, Clone)]
pub struct Contract {
    document: Arc<str>,
    page: Arc<str>,
}

impl Contract {
    /// The contract of this AsyncAPI 3.0 document.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn new(document: String) -> serde_json::Result<Self> {
        let parsed: Value = serde_json::from_str(&document)?;
        Ok(Self { page: page::render(&parsed).into(), document: document.into() })
    }

    /// The page, its style, and the document.
    pub(super) fn routes(self) -> Router<Arc<Gateway>> {
        let Self { document, page } = self;
        let policy = || [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
        let typed = |media_type| {
            let unchanged = HeaderValue::from_static("no-cache");
            [(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CACHE_CONTROL, unchanged)]
        };
        Router::new()
            .route("/events", get(move || async move { (policy(), Html(page.to_string())).into_response() }))
            .route("/events/style.css", get(move || async move { (typed("text/css; charset=utf-8"), STYLE) }))
            .route(
                "/events/asyncapi.json",
                get(move || async move { (typed("application/json"), document.to_string()) }),
            )
    }
}
