//! Serves the same schema by our transport or by async-graphql-axum's ready-made service, for a load generator
//! outside: `transport-bench ours PORT`, `transport-bench theirs PORT`. `cargo xtask bench` runs and compares both.
#![allow(clippy::unwrap_used, missing_docs)] // a benchmark that cannot start says so and ends

use async_graphql_axum::GraphQL;
use axum::Router;
use axum::routing::post_service;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use waymark_domain::kernel::{Actor, Tenant};
use waymark_domain::ports::{Clock, Ids};
use waymark_domain::progress::Policy;
use waymark_gateway::auth::Rights;
use waymark_gateway::relay::CursorKey;
use waymark_gateway::transport::{Readiness, TransportConfig, router};
use waymark_gateway::{Services, bench};
use waymark_persistence::{Administrators, Database, DatabaseConfig, Persistence};

struct Now;

impl Clock for Now {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        std::time::SystemTime::now().into()
    }
}

struct New;

impl Ids for New {
    #[allow(clippy::disallowed_methods)] // a process of its own
    fn next(&self) -> uuid::Uuid {
        uuid::Uuid::now_v7()
    }
}

struct Ready;

#[async_trait::async_trait]
impl Readiness for Ready {
    async fn ready(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let [whose, port] = arguments.as_slice() else {
        eprintln!("transport-bench ours|theirs PORT");
        return;
    };
    let config =
        DatabaseConfig { url: "sqlite::memory:".to_owned(), max_connections: 1, statement_timeout: None };
    let database = Database::connect(&config).await.unwrap();
    let persistence = Arc::new(Persistence::new(database, Arc::new(New), Administrators::default()));
    let actor = Actor::human(Tenant::named("bench"), "somebody", None, true);
    let (rights, _) = Rights::watch(persistence.clone());
    let services = Services {
        rights,
        store: persistence.clone(),
        keys: persistence.clone(),
        audit: persistence.clone(),
        readers: persistence.clone(),
        feed: persistence,
        ids: Arc::new(New),
        clock: Arc::new(Now),
        cursors: CursorKey::new(&[7; 32]),
        purposes: Arc::default(),
        policy: Policy::default(),
    };
    let stop = CancellationToken::new();
    let app = if whose == "ours" {
        let everybody = bench::everybody(actor, Arc::new(Now));
        router(services, everybody, Arc::new(Ready), TransportConfig::default(), stop.clone())
    } else {
        Router::new().route("/graphql", post_service(GraphQL::new(bench::schema(services, actor))))
    };
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await.unwrap();
    if whose == "ours" {
        waymark_gateway::transport::serve(listener, app, stop).await;
    } else {
        axum::serve(listener, app).await.unwrap();
    }
}
