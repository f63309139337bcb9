//! `waymark relay`.

use super::{connect, persistence, topics, up_to_date};
use crate::adapters::OutboxAdapter;
use crate::admin::Admin;
use crate::config::{Config, EventsMode};
use crate::lifecycle::Lifecycle;
use crate::system::{SystemClock, SystemIds};
use anyhow::{Result, bail};
use std::sync::Arc;
use std::time::Duration;
use waymark_domain::ports::{Clock, Ids};
use waymark_messaging::{Relay, RelayConfig};
use waymark_persistence::{Administrators, Outbox};

/// How often old events are looked for.
const PRUNE: Duration = Duration::from_secs(3_600);

/// Publishes committed events until it is told to stop.
pub async fn run(config: Config) -> Result<()> {
    if config.events.mode == EventsMode::None {
        bail!("events.mode is \"none\": there is nothing to publish to");
    }
    let brokers = config.events.brokers.clone().unwrap_or_default();
    let database = connect(&config).await?;
    up_to_date(&database).await?;
    let persistence = persistence(&database, Administrators::default());
    let outbox = persistence.outbox();
    topics::prepare(&config.events, &outbox).await?;
    let source = OutboxAdapter(outbox.clone());
    let relay = Relay::new(Arc::new(source), RelayConfig::new(brokers.clone(), SystemIds.next()));
    let mut lifecycle = Lifecycle::default();
    let metrics = relay.metrics();
    let admin = Admin::new(outbox.clone(), |registry| metrics.register(registry));
    admin.start(&mut lifecycle, config.admin.relay_listen).await?;
    if config.events.log_retention_days > 0 {
        let (days, token) = (config.events.log_retention_days, lifecycle.token());
        lifecycle.spawn("pruning", async move {
            token.run_until_cancelled(prune(outbox, days)).await;
            Ok(())
        });
    }
    let token = lifecycle.token();
    let (seal, stop) = (persistence.seal(), token.clone());
    lifecycle.spawn("sealer of the audit log", async move {
        stop.run_until_cancelled(seal).await;
        Ok(())
    });
    lifecycle.spawn("relay", async move { Ok(relay.run(token).await?) });
    tracing::info!(brokers, "the relay publishes");
    lifecycle.run().await?;
    Ok(database.close().await?)
}

/// Forgets events of the log that are older than this, for ever.
async fn prune(outbox: Outbox, days: u32) {
    let mut turns = tokio::time::interval(PRUNE);
    loop {
        turns.tick().await;
        match outbox.prune(SystemClock.now() - chrono::Duration::days(days.into())).await {
            Ok(0) => {}
            Ok(pruned) => tracing::info!(pruned, days, "old events were taken off the log"),
            Err(error) => tracing::warn!(%error, "the log could not be pruned; it is tried again"),
        }
    }
}
