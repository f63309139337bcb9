//! Bytes on the wire: HTTP, WebSocket, health, playground.
//!
//! A request passes, in this order: shape (method, media types, body), authentication, limits on the
//! document, the engine, and one mapper that writes the answer. async-graphql-axum's ready-made services are
//! not used: `docs/adr/0002-own-transport.md` says why.

mod accept;
mod contract;
mod document;
mod export;
mod health;
mod http;
mod keyed;
mod known;
mod limits;
mod metrics;
mod operation;
mod payload;
mod persisted;
mod places;
mod playground;
mod rates;
mod request_info;
mod respond;
mod serve;
mod streams;
mod subscription_root;
mod trusted;
mod variables;
mod ws;

pub use contract::Contract;
pub(crate) use export::Link;
pub use metrics::Metrics;
pub use persisted::{Manifest, ManifestError, OperationsMode, TrustedDocument};
pub use request_info::RequestInfo;
pub use serve::serve;
pub use trusted::{Invalid, check_operations};

use crate::WaymarkSchema;
use crate::auth::{Authenticator, Caller};
use crate::services::{RequestScope, Services};
use async_graphql::Request;
use async_trait::async_trait;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::{any, get};
use known::Known;
use persisted::Persisted;
use places::Places;
use rates::Rates;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::util::MapResponseLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Says whether the service can work.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// An error when it cannot; its cause goes to the log.
    async fn ready(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// How the gateway appears to the outside.
#[derive(Debug, Clone, Default)]
pub struct TransportConfig {
    /// Whether the playground is served.
    pub playground: bool,
    /// Whether the schema is told to whoever asks.
    pub introspection: bool,
    /// Origins of pages that may call the API and open sockets, beside the gateway's own.
    pub allowed_origins: Vec<String>,
    /// What trusted documents are for.
    pub operations: OperationsMode,
    /// The trusted documents.
    pub manifest: Manifest,
    /// Most queries and mutations that are executed at once; 0 for no bound.
    pub operations_in_flight: usize,
    /// What is told of the events, if anything.
    pub contract: Option<Contract>,
    /// What one caller may use up in a minute, in points of cost; 0 for no bound.
    pub points_per_minute: u32,
    /// Where operations are counted.
    pub metrics: Metrics,
}

/// What handlers share.
pub(crate) struct Gateway {
    schema: WaymarkSchema,
    services: Services,
    authenticator: Authenticator,
    config: TransportConfig,
    persisted: Persisted,
    known: Known,
    places: Places,
    rates: Rates,
    readiness: Arc<dyn Readiness>,
    shutdown: CancellationToken,
}

impl Gateway {
    /// A request of this caller, with everything that resolvers need.
    fn equip(&self, request: Request, caller: &Caller, info: RequestInfo) -> Request {
        let scope = RequestScope::new(caller.actor.clone(), info, self.services.readers.clone());
        let request = request.data(scope.entered(self.authenticator.clone(), caller.clone()));
        match self.rates.purse(caller.actor.id).payer() {
            Some(payer) => request.data(payer),
            None => request,
        }
    }
}

/// All routes of the gateway. When `shutdown` is cancelled, it reports itself as not ready and closes its
/// sockets.
pub fn router(
    services: Services,
    authenticator: Authenticator,
    readiness: Arc<dyn Readiness>,
    config: TransportConfig,
    shutdown: CancellationToken,
) -> Router {
    let schema = crate::schema(services.clone());
    let playground = config.playground;
    let contract = config.contract.clone();
    let cors = cors(&config.allowed_origins);
    let persisted = Persisted::new(config.operations, &config.manifest);
    let known = Known::new(config.introspection);
    let places = Places::new(config.operations_in_flight);
    let rates = Rates::new(config.points_per_minute);
    let gateway = Arc::new(Gateway {
        schema,
        services,
        authenticator,
        config,
        persisted,
        known,
        places,
        rates,
        readiness,
        shutdown,
    });
    let mut pages = Router::new()
        .route("/graphql/ws", get(ws::upgrade))
        .route("/exports/{secret}/{name}", get(export::file))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready));
    if playground {
        pages = pages
            .route("/", get(playground::to_playground))
            .route("/playground", get(playground::index))
            .route("/playground/", get(playground::index))
            .route("/playground/{*path}", get(playground::asset));
    }
    if let Some(contract) = contract {
        pages = pages.merge(contract.routes());
    }
    let pages = pages.layer(CatchPanicLayer::custom(respond::panicked));
    // The API catches panics itself, so that the answer bears the id of its request.
    let mut router = pages.route("/graphql", any(http::graphql)).fallback(respond::not_found);
    if let Some(cors) = cors {
        router = router.layer(cors);
    }
    router.layer(MapResponseLayer::new(secure)).with_state(gateway)
}

/// Sets headers of security where the handler did not set its own.
fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let policy = headers.entry(header::CONTENT_SECURITY_POLICY);
    policy.or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// Which pages of other origins may call the API, if any may. Tokens travel in a header, so no credentials are allowed:
/// no browser sends anything by itself.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let headers = [
        "content-type",
        "authorization",
        "idempotency-key",
        "x-request-id",
        "traceparent",
        "tracestate",
        "apollographql-client-name",
        "apollographql-client-version",
        "apollo-require-preflight",
        "x-apollo-operation-name",
    ];
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers.map(HeaderName::from_static))
        .expose_headers([
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static(respond::REPLAYED),
            header::RETRY_AFTER,
            HeaderName::from_static("ratelimit-limit"),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
        ]);
    Some(layer.max_age(Duration::from_secs(600)))
}
