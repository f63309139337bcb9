//! One file a subcommand.

mod audit;
mod check_config;
mod consume;
mod dev;
mod grant;
mod import;
mod keys;
mod migrate;
mod operations;
mod relay;
mod retention;
mod schema;
mod serve;
mod token;
mod topics;

use crate::cli::{Cli, Command, ConfigArgs, RetentionWhat, TopicsWhat};
use crate::config::{Config, LogFormat, Role};
use crate::system::{SystemClock, SystemIds};
use crate::{config, telemetry};
use anyhow::{Context, Result, bail};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use waymark_domain::kernel::Tenant;
use waymark_domain::ports::Clock;
use waymark_persistence::{Administrators, Database, DatabaseConfig, Persistence};

/// Runs the subcommand.
pub fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::CheckConfig(args) => check_config::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Operations(args) => block_on(operations::run(args)),
        Command::Dev(args) => {
            let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
            telemetry::init(LogFormat::Text, &filter)?;
            block_on(dev::run(args))
        }
        Command::Serve(args) => with_config(&args, Role::Serve, serve::run),
        Command::Relay(args) => with_config(&args, Role::Relay, relay::run),
        Command::Topics(args) => match args.what {
            TopicsWhat::Check(args) => with_config(&args, Role::Relay, topics::check),
            TopicsWhat::Apply(args) => with_config(&args, Role::Relay, topics::apply),
        },
        Command::Migrate(args) => with_config(&args, Role::Database, migrate::run),
        Command::Retention(args) => match args.what {
            RetentionWhat::Run { dry_run, config } => {
                with_config(&config, Role::Database, |config| retention::run(config, dry_run))
            }
        },
        Command::Import(args) => {
            telemetry::init(LogFormat::Text, "warn")?;
            block_on(import::run(args))
        }
        Command::Grant(args) => {
            telemetry::init(LogFormat::Text, "warn")?;
            block_on(grant::run(args))
        }
        Command::Audit(args) => {
            telemetry::init(LogFormat::Text, "warn")?;
            block_on(audit::run(args))
        }
        Command::Keys(args) => {
            telemetry::init(LogFormat::Text, "warn")?;
            block_on(keys::run(args))
        }
        Command::Consume(args) => {
            telemetry::init(LogFormat::Text, "warn")?;
            block_on(consume::run(args))
        }
    }
}

fn with_config<F: Future<Output = Result<()>>>(
    args: &ConfigArgs,
    role: Role,
    run: impl FnOnce(Config) -> F,
) -> Result<()> {
    let config = checked(args, role)?;
    telemetry::init(config.log.format, &config.log.filter)?;
    block_on(run(config))
}

/// The configuration, if a production process of this role may start with it.
fn checked(args: &ConfigArgs, role: Role) -> Result<Config> {
    let config = config::load(args.config.as_deref())?;
    let problems = config::check(&config, &[role]);
    if !problems.is_empty() {
        bail!(
            "the configuration is not right (see `waymark check-config`):\n  - {}",
            problems.join("\n  - ")
        );
    }
    Ok(config)
}

fn block_on(future: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

/// Connects to the configured database, to work on it as long as it takes.
async fn connect(config: &Config) -> Result<Database> {
    connect_for(config, None).await
}

/// Connects to the configured database; no statement may take longer than this.
async fn connect_for(config: &Config, statement_timeout: Option<Duration>) -> Result<Database> {
    let url = match (&config.database.url, &config.database.url_file) {
        (Some(url), _) => url.expose_secret().to_owned(),
        (None, Some(file)) => std::fs::read_to_string(file)
            .with_context(|| format!("database.url_file: {} cannot be read", file.display()))?
            .trim()
            .to_owned(),
        (None, None) => bail!("database.url is missing"),
    };
    let max_connections = config.database.max_connections;
    let config = DatabaseConfig { url, max_connections, statement_timeout };
    // The URL may hold a password: it is not part of any message.
    Database::connect(&config).await.context("the database cannot be reached: does it run, is the URL right?")
}

/// Refuses to work with an older schema.
async fn up_to_date(database: &Database) -> Result<()> {
    match database.pending_migrations().await? {
        0 => Ok(()),
        count => bail!("the database lacks {count} migrations; run `waymark migrate` first"),
    }
}

fn persistence(database: &Database, administrators: Administrators) -> Persistence {
    Persistence::new(database.clone(), Arc::new(SystemIds), administrators)
}

fn tenant(config: &Config) -> Tenant {
    Tenant::named(&config.tenant.key)
}

/// Every tenant of the configuration, each once.
fn tenants(config: &Config) -> Vec<Tenant> {
    let mut tenants = vec![tenant(config)];
    for settings in &config.auth.issuers {
        let named = settings.tenant(&config.tenant);
        if tenants.iter().all(|known| known.id != named.id) {
            tenants.push(named);
        }
    }
    tenants
}

/// Makes sure that a tenant's text can be opened, and that a new tenant is sealed from the start; says whether it is.
async fn prepare(store: &Persistence, tenant: &Tenant) -> Result<bool> {
    let ready = async {
        store.check_vault(tenant.id).await?;
        store.prepare_vault(tenant.id, SystemClock.now()).await
    };
    ready.await.with_context(|| format!("the keys of the tenant {}: see `waymark keys status`", tenant.key))
}
