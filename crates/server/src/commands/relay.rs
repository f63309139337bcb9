//! `waymark relay`.

use super::{connect, persistence, up_to_date};
use crate::adapters::OutboxAdapter;
use crate::config::{Config, EventsMode};
use crate::lifecycle::Lifecycle;
use crate::system::SystemIds;
use anyhow::{Context, Result, bail};
use std::sync::Arc;
use waymark_domain::ports::Ids;
use waymark_messaging::topics::{self, Replication, TopicState};
use waymark_messaging::{Relay, RelayConfig};
use waymark_persistence::Administrators;

/// Publishes committed events until it is told to stop.
pub async fn run(config: Config) -> Result<()> {
    if config.events.mode == EventsMode::None {
        bail!("events.mode is \"none\": there is nothing to publish to");
    }
    let brokers = config.events.brokers.clone().unwrap_or_default();
    let database = connect(&config).await?;
    up_to_date(&database).await?;
    prepare_topics(&config, &brokers).await?;
    let persistence = persistence(&database, Administrators::default());
    let source = OutboxAdapter(persistence.outbox());
    let relay = Relay::new(Arc::new(source), RelayConfig::new(brokers.clone(), SystemIds.next()));
    let mut lifecycle = Lifecycle::default();
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

async fn prepare_topics(config: &Config, brokers: &str) -> Result<()> {
    let replication = Replication {
        factor: config.events.replication_factor,
        min_insync: config.events.min_insync_replicas,
    };
    let states = topics::ensure(brokers, replication)
        .await
        .with_context(|| format!("the topics cannot be made: do the brokers at {brokers} run?"))?;
    for (topic, state) in states {
        match state {
            TopicState::Created => tracing::info!(topic = topic.name(), "topic created"),
            TopicState::Present => {}
            TopicState::Missing => bail!("the topic {} is missing", topic.name()),
            TopicState::Partitions(found) => tracing::warn!(
                topic = topic.name(),
                found,
                "the topic has another number of partitions than the contract says"
            ),
        }
    }
    Ok(())
}
