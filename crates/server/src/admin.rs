//! What operators alone see, on an address of its own: the metrics of a process.

use crate::lifecycle::Lifecycle;
use crate::system::SystemClock;
use anyhow::{Context, Result};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::net::TcpListener;
use waymark_domain::ports::Clock;
use waymark_persistence::Outbox;

/// The text form of OpenMetrics, which Prometheus reads.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The metrics of a process, and where the outbox is looked at when they are read.
pub struct Admin {
    registry: Registry,
    gauges: OutboxGauges,
    outbox: Outbox,
}

/// How the outbox is doing, as of the last look.
#[derive(Default)]
struct OutboxGauges {
    pending: Gauge,
    oldest: Gauge<f64, AtomicU64>,
    blocked: Gauge,
    states: Gauge,
    up: Gauge,
}

impl OutboxGauges {
    fn register(&self, registry: &mut Registry) {
        let pending = "Events that the broker has not acknowledged";
        registry.register("waymark_outbox_pending", pending, self.pending.clone());
        let oldest = "Age of the oldest pending event, without those of blocked streams; 0 if there is none";
        registry.register("waymark_outbox_oldest_pending_seconds", oldest, self.oldest.clone());
        let blocked = "Streams whose next event the broker refused for good";
        registry.register("waymark_outbox_blocked_streams", blocked, self.blocked.clone());
        let states = "People whose present state was not told yet";
        registry.register("waymark_outbox_pending_states", states, self.states.clone());
        let up = "Whether the database answered when this was read; if not, the outbox is as it was before";
        registry.register("waymark_database_up", up, self.up.clone());
    }

    async fn look(&self, outbox: &Outbox) {
        match outbox.figures().await {
            Ok(figures) => {
                self.up.set(1);
                self.pending.set(figures.pending);
                self.blocked.set(figures.blocked);
                self.states.set(figures.states);
                let age = figures.oldest.map(|oldest| SystemClock.now() - oldest);
                self.oldest.set(age.map_or(0.0, |age| age.as_seconds_f64().max(0.0)));
            }
            Err(error) => {
                self.up.set(0);
                tracing::warn!(%error, "the outbox could not be looked at");
            }
        }
    }
}

impl Admin {
    /// The metrics that this function registers, beside those of the outbox.
    pub fn new(outbox: Outbox, register: impl FnOnce(&mut Registry)) -> Self {
        let (mut registry, gauges) = (Registry::default(), OutboxGauges::default());
        gauges.register(&mut registry);
        register(&mut registry);
        Self { registry, gauges, outbox }
    }

    /// Begins to tell them at `/metrics`.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(self, lifecycle: &mut Lifecycle, listen: SocketAddr) -> Result<()> {
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen} for metrics: set another address in [admin]")
        })?;
        tracing::info!("the metrics are at http://{}/metrics", listener.local_addr()?);
        let router = Router::new().route("/metrics", get(metrics)).with_state(Arc::new(self));
        let token = lifecycle.token();
        lifecycle.spawn("metrics", async move {
            let serving = axum::serve(listener, router).into_future();
            token.run_until_cancelled(serving).await.transpose()?;
            Ok(())
        });
        Ok(())
    }
}

async fn metrics(State(admin): State<Arc<Admin>>) -> Response {
    admin.gauges.look(&admin.outbox).await;
    let mut text = String::new();
    match encode(&mut text, &admin.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
