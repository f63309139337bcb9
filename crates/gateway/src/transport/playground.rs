//! The playground: GraphiQL, bundled, inside the binary. Nothing is loaded from anywhere else.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use rust_embed::Embed;

/// The bundle that `web/playground` builds. Without Node it is not there, and the page says so.
#[derive(Embed)]
#[folder = "../../web/playground/dist"]
#[allow_missing = true]
struct Bundle;

/// What the page may do: its own scripts, styles, workers and fonts, and calls to its own host. The editor
/// writes its styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Waymark playground</title>\
     <h1>The playground was not built</h1>\
     <p>It needs Node: install it, run <code>cargo xtask playground</code>, and start again.</p>\
     <p>The API itself works: it is at <code>/graphql</code>.</p></html>";

/// The root leads to the playground.
pub(super) async fn to_playground() -> Redirect {
    Redirect::temporary("/playground")
}

/// The page.
pub(super) async fn index() -> Response {
    match Bundle::get("index.html") {
        Some(_) => file("index.html"),
        None => (StatusCode::NOT_FOUND, policy(), Html(MISSING)).into_response(),
    }
}

/// A file of the bundle.
pub(super) async fn asset(Path(path): Path<String>) -> Response {
    file(&path)
}

fn policy() -> [(header::HeaderName, HeaderValue); 1] {
    [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))]
}

fn file(path: &str) -> Response {
    let Some(file) = Bundle::get(path) else { return StatusCode::NOT_FOUND.into_response() };
    let media_type = HeaderValue::from_str(file.metadata.mimetype());
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    // Names of assets carry a hash of their content; the page itself does not.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers =
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, HeaderValue::from_static(cache))];
    (policy(), headers, file.data).into_response()
}
