//! `waymark dev`.

use super::serve::{GatewayParts, contract};
use super::{persistence, prepare};
use crate::adapters::OutboxAdapter;
use crate::cli::{DevArgs, Persona};
use crate::dev::{self, Issuer, Personas};
use crate::lifecycle::Lifecycle;
use crate::system::{SystemClock, SystemIds};
use anyhow::{Context, Result, bail};
use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Instant;
use waymark_domain::kernel::Tenant;
use waymark_domain::ports::{Clock, Ids};
use waymark_gateway::auth::{IssuerConfig, KeySource};
use waymark_gateway::transport::TransportConfig;
use waymark_messaging::{EmbeddedBroker, Relay, RelayConfig};
use waymark_persistence::{Administrators, Persistence};

/// Events with which a new embedded broker is filled.
const RESEEDED: u64 = 10_000;

/// Runs everything in one process until it is told to stop.
pub async fn run(args: DevArgs) -> Result<()> {
    let started = Instant::now();
    if !args.listen.ip().is_loopback() {
        bail!("`waymark dev` listens on loopback only, not on {}: anybody could get a token", args.listen);
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&args.data)
        .with_context(|| format!("{} cannot be made", args.data.display()))?;
    let _alone = dev::lock(&args.data)?;
    let issuer = Issuer::open_or_create(&args.data)?;
    let database = dev::open(&args.data).await?;
    while database.migrate_next().await? {}
    let mut administrators = Administrators::default();
    administrators.add(Tenant::named(dev::TENANT).id, [Personas::ADMINISTRATOR.to_owned()]);
    let persistence = persistence(&database, administrators).sealing_with(dev::master_keys(&args.data)?);
    seal(&persistence).await?;
    let seeded = !args.empty && dev::seed(&persistence).await?;
    Personas::grant(&persistence).await?;

    let mut lifecycle = Lifecycle::default();
    let broker = start_broker(&args, &persistence, &mut lifecycle).await?;
    let gateway = GatewayParts {
        persistence,
        issuers: [Some(issuer.config()?), provider(&args)].into_iter().flatten().collect(),
        cursor_secret: issuer.cursor_secret.clone(),
        transport: TransportConfig {
            playground: true,
            introspection: true,
            contract: Some(contract()?),
            ..TransportConfig::default()
        },
        purposes: Vec::new(),
    };
    let address = gateway.start(&mut lifecycle, args.listen).await?;
    greet(&args, &issuer, address, broker.listen(), seeded, started)?;
    let outcome = lifecycle.run().await;
    // Stopping the broker waits for its thread.
    tokio::task::spawn_blocking(move || drop(broker)).await?;
    database.close().await?;
    outcome
}

/// What an earlier version left in the clear is sealed at once: nobody else uses the folder.
async fn seal(store: &Persistence) -> Result<()> {
    let tenant = Tenant::named(dev::TENANT);
    if !prepare(store, &tenant).await? {
        store.seal_people(tenant.id, &|_| ()).await?;
    }
    while store.seal_more(tenant.id).await? > 0 {}
    Ok(())
}

/// The provider beside the issuer of the folder, for frontends that sign their people in.
fn provider(args: &DevArgs) -> Option<IssuerConfig> {
    let (issuer, audience) = args.issuer.clone().zip(args.audience.clone())?;
    Some(IssuerConfig {
        issuer,
        audience,
        tenant: Tenant::named(dev::TENANT),
        keys: KeySource::Discovery,
        token_type: "at+jwt".to_owned(),
        max_lifetime: chrono::Duration::hours(1),
    })
}

async fn start_broker(
    args: &DevArgs,
    persistence: &Persistence,
    lifecycle: &mut Lifecycle,
) -> Result<EmbeddedBroker> {
    let broker = EmbeddedBroker::start(args.kafka_listen).await?;
    let outbox = persistence.outbox();
    // What is still pending comes from the relay, after what was published before.
    broker.seed(&outbox.newest_published(RESEEDED).await?).await?;
    outbox.mark_everybody(SystemClock.now()).await?;
    let config = RelayConfig::new(broker.bootstrap().to_owned(), SystemIds.next());
    let relay = Relay::new(Arc::new(OutboxAdapter(outbox)), config);
    let token = lifecycle.token();
    lifecycle.spawn("relay", async move { Ok(relay.run(token).await?) });
    Ok(broker)
}

fn greet(
    args: &DevArgs,
    issuer: &Issuer,
    address: SocketAddr,
    kafka: SocketAddr,
    seeded: bool,
    started: Instant,
) -> Result<()> {
    let life = chrono::Duration::hours(12);
    let token = issuer.token(Personas::subject(Persona::Engineer), SystemClock.now(), life)?;
    let data = args.data.display();
    let program = program();
    let state = match (seeded, args.empty) {
        (true, _) => "new, with sample data",
        (false, true) => "without sample data",
        (false, false) => "as it was",
    };
    println!(
        "Waymark is ready after {:.1} s. For development only: loopback, a key of its own, an embedded broker
that forgets; the data is in {data} ({state}).

  Playground  http://{address}/playground#token={token}
  API         http://{address}/graphql
  Kafka       {kafka}

A token of an engineer, valid for 12 hours (others: {program} token manager --data {data}; --help names all):

  {token}

A first query:

  curl -s http://{address}/graphql -H 'Authorization: Bearer {token}' \\
    -H 'Content-Type: application/json' \\
    -d '{{\"query\":\"{{ viewer {{ person {{ displayName readiness {{ score gaps {{ skill {{ title }} missing }} }} }} }} }}\"}}'

Events, as they happen:

  {program} consume --brokers {kafka} --topic career.progress.events.v1 --from-beginning

Stop with Ctrl-C.",
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// How this program was called, as short as it works from here.
fn program() -> String {
    let called = std::env::args_os().next().map(std::path::PathBuf::from).unwrap_or_default();
    let here = std::env::current_dir().unwrap_or_default();
    called.strip_prefix(here).unwrap_or(&called).display().to_string()
}
