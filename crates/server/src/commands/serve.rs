//! `waymark serve`.

use super::{connect_for, persistence, prepare, tenants, up_to_date};
use crate::adapters::DatabaseReadiness;
use crate::admin::Admin;
use crate::config::{Config, HttpConfig, IssuerSettings, LimitsConfig, OperationsSetting, TenantConfig};
use crate::lifecycle::Lifecycle;
use crate::system::{SystemClock, SystemIds};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use waymark_domain::privacy::Purpose;
use waymark_domain::progress::Policy;
use waymark_gateway::Services;
use waymark_gateway::auth::{Authenticator, IssuerConfig, Issuers, KeySource, PublicKey, Rights};
use waymark_gateway::relay::CursorKey;
use waymark_gateway::transport::{self, Contract, Manifest, Metrics, OperationsMode, TransportConfig};
use waymark_persistence::{Administrators, Persistence, Retention};

/// How often the log is looked at for commits of other processes.
const WATCH: Duration = Duration::from_millis(250);

/// How long one statement of a request may take; an operation as a whole has as long.
const STATEMENT: Duration = Duration::from_secs(10);

/// Fewest bytes of the secret that protects cursors.
const CURSOR_SECRET: usize = 32;

/// Serves the API until it is told to stop.
pub async fn run(config: Config) -> Result<()> {
    let database = connect_for(&config, Some(STATEMENT)).await?;
    up_to_date(&database).await?;
    let retention = Retention {
        policy: config.retention.policy(),
        tenants: tenants(&config).iter().map(|tenant| tenant.id).collect(),
    };
    let persistence = persistence(&database, administrators(&config))
        .sealing_with(config.encryption.keys()?)
        .keeping(retention);
    for tenant in tenants(&config) {
        let sealed = prepare(&persistence, &tenant).await?;
        let status = persistence.vault_status(tenant.id).await?;
        if !sealed || status.clear_people + status.clear_rows > 0 {
            tracing::warn!(tenant = tenant.key, "text about people is in the clear: run `waymark keys seal`");
        }
    }
    let secret = config.http.cursor_secret_file.as_deref().map(read_secret).transpose()?.unwrap_or_default();
    let gateway = GatewayParts {
        persistence,
        issuers: issuers(&config)?,
        cursor_secret: secret,
        transport: transport_config(&config.http, &config.limits)?,
        purposes: config.consent.purposes(),
    };
    let metrics = gateway.transport.metrics.clone();
    let admin = Admin::new(gateway.persistence.outbox(), |registry| metrics.register(registry));
    let mut lifecycle = Lifecycle::default();
    let address = gateway.start(&mut lifecycle, config.http.listen).await?;
    admin.start(&mut lifecycle, config.admin.serve_listen).await?;
    tracing::info!("the API is at http://{address}/graphql");
    lifecycle.run().await?;
    Ok(database.close().await?)
}

fn transport_config(http: &HttpConfig, limits: &LimitsConfig) -> Result<TransportConfig> {
    // The playground is of no use without the schema.
    let introspection = http.introspection || http.playground;
    Ok(TransportConfig {
        metrics: Metrics::default(),
        operations_in_flight: limits.operations_in_flight,
        points_per_minute: limits.points_per_minute,
        playground: http.playground,
        introspection,
        contract: introspection.then(contract).transpose()?,
        allowed_origins: http.allowed_origins.clone(),
        operations: match http.operations {
            OperationsSetting::Off => OperationsMode::Off,
            OperationsSetting::Preferred => OperationsMode::Preferred,
            OperationsSetting::Required => OperationsMode::Required,
        },
        manifest: http.operations_file.as_deref().map(read_manifest).transpose()?.unwrap_or_default(),
    })
}

/// The contract of the events, which the gateway shows and does not know.
pub fn contract() -> Result<Contract> {
    Contract::new(waymark_events::asyncapi::text()?).context("the document of the events")
}

/// The trusted documents of a file.
pub fn read_manifest(file: &Path) -> Result<Manifest> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Manifest::parse(&text).with_context(|| file.display().to_string())
}

fn issuers(config: &Config) -> Result<Vec<IssuerConfig>> {
    config.auth.issuers.iter().map(|settings| issuer(settings, &config.tenant)).collect()
}

fn issuer(settings: &IssuerSettings, tenant: &TenantConfig) -> Result<IssuerConfig> {
    let keys = match (&settings.public_key_file, &settings.jwks_url) {
        (Some(file), _) => {
            let name = || format!("public_key_file of {}: {}", settings.issuer, file.display());
            let pem = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", name()))?;
            KeySource::Fixed(PublicKey::from_pem(&pem).with_context(name)?)
        }
        (None, Some(url)) => KeySource::Url(url.clone()),
        (None, None) => KeySource::Discovery,
    };
    Ok(IssuerConfig {
        issuer: settings.issuer.clone(),
        audience: settings.audience.clone(),
        tenant: settings.tenant(tenant),
        keys,
        token_type: settings.token_type.clone(),
        max_lifetime: settings.max_lifetime(),
    })
}

fn administrators(config: &Config) -> Administrators {
    let mut administrators = Administrators::default();
    for settings in &config.auth.issuers {
        administrators.add(settings.tenant(&config.tenant).id, settings.administrators.iter().cloned());
    }
    administrators
}

/// The secret of a file, if it is long enough.
pub fn read_secret(file: &Path) -> Result<Vec<u8>> {
    let secret = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if secret.len() < CURSOR_SECRET {
        bail!(
            "{} has {} bytes; at least {CURSOR_SECRET} random ones are needed",
            file.display(),
            secret.len()
        );
    }
    Ok(secret)
}

/// What a gateway is made of.
pub struct GatewayParts {
    /// The database.
    pub persistence: Persistence,
    /// Whose tokens are taken.
    pub issuers: Vec<IssuerConfig>,
    /// Protects cursors.
    pub cursor_secret: Vec<u8>,
    /// How it appears to the outside.
    pub transport: TransportConfig,
    /// What people can be asked to agree to.
    pub purposes: Vec<Purpose>,
}

impl GatewayParts {
    /// Starts to serve; says where.
    pub async fn start(self, lifecycle: &mut Lifecycle, listen: SocketAddr) -> Result<SocketAddr> {
        let ports = Arc::new(self.persistence.clone());
        let clock = Arc::new(SystemClock);
        let issuers = Arc::new(Issuers::new(self.issuers, clock.clone())?);
        let (rights, watching) = Rights::watch(ports.clone());
        let services = Services {
            rights,
            store: ports.clone(),
            keys: ports.clone(),
            audit: ports.clone(),
            readers: ports.clone(),
            feed: ports.clone(),
            ids: Arc::new(SystemIds),
            clock: clock.clone(),
            cursors: CursorKey::new(&self.cursor_secret),
            purposes: self.purposes.into(),
            policy: Policy::default(),
        };
        let authenticator = Authenticator::new(issuers.clone(), ports, clock);
        let readiness = Arc::new(DatabaseReadiness(self.persistence.database_handle().clone()));
        let token = lifecycle.token();
        let router = transport::router(services, authenticator, readiness, self.transport, token.clone());
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}: is another one running?"))?;
        let address = listener.local_addr()?;
        let gateway = transport::serve(listener, router, token.clone());
        lifecycle.spawn("gateway", async move {
            gateway.await;
            Ok(())
        });
        let (keys, stop) = (issuers.watch(), token.clone());
        lifecycle.spawn("watch of the issuers' keys", async move {
            stop.run_until_cancelled(keys).await;
            Ok(())
        });
        let stop = token.clone();
        lifecycle.spawn("rights watch", async move {
            stop.run_until_cancelled(watching).await;
            Ok(())
        });
        let (seal, stop) = (self.persistence.clone().seal(), token.clone());
        lifecycle.spawn("sealer of the audit log", async move {
            stop.run_until_cancelled(seal).await;
            Ok(())
        });
        let (tend, stop) = (self.persistence.clone().tend(), token.clone());
        lifecycle.spawn("housekeeping", async move {
            stop.run_until_cancelled(tend).await;
            Ok(())
        });
        let (exports, stop) = (self.persistence.clone().export(), token.clone());
        lifecycle.spawn("export of people's data", async move {
            stop.run_until_cancelled(exports).await;
            Ok(())
        });
        let (announce, stop) = (self.persistence.clone().announce(), token.clone());
        lifecycle.spawn("announcements", async move {
            stop.run_until_cancelled(announce).await;
            Ok(())
        });
        let watch = self.persistence.watch(WATCH);
        lifecycle.spawn("event watch", async move {
            token.run_until_cancelled(watch).await;
            Ok(())
        });
        Ok(address)
    }
}
