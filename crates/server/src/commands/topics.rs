//! `waymark topics`, and what the relay does about topics at its start.

use super::{connect, persistence, up_to_date};
use crate::config::{Config, Differences, EventsConfig, EventsMode};
use crate::system::SystemClock;
use anyhow::{Context, Result, bail};
use waymark_domain::ports::Clock;
use waymark_events::Topic;
use waymark_messaging::topics::{self, Difference, Replication};
use waymark_persistence::{Administrators, Outbox};

/// `waymark topics check`: shows what differs; an error if anything does.
pub async fn check(config: Config) -> Result<()> {
    needed(&config.events)?;
    report(&differences(&config.events).await?)
}

/// `waymark topics apply`: makes what is missing, mends what can be mended, and shows what is left.
pub async fn apply(config: Config) -> Result<()> {
    needed(&config.events)?;
    let database = connect(&config).await?;
    up_to_date(&database).await?;
    let made = create(&config.events, &persistence(&database, Administrators::default()).outbox()).await?;
    for topic in made {
        println!("made     {}", topic.name());
    }
    let differences = differences(&config.events).await?;
    topics::mend(brokers(&config.events), &differences).await.context("the topics cannot be changed")?;
    for Difference { topic, what, expected, found } in differences.iter().filter(|d| d.can_be_mended()) {
        println!("changed  {} {what}: {found} -> {expected}", topic.name());
    }
    database.close().await?;
    report(&self::differences(&config.events).await?)
}

fn needed(config: &EventsConfig) -> Result<()> {
    if config.mode == EventsMode::None {
        bail!("events.mode is \"none\": there are no topics");
    }
    Ok(())
}

/// Makes and checks the topics before the relay starts, as the configuration says.
pub async fn prepare(config: &EventsConfig, outbox: &Outbox) -> Result<()> {
    if config.create_topics {
        for topic in create(config, outbox).await? {
            tracing::info!(topic = topic.name(), "topic made");
        }
    }
    let differences = differences(config).await?;
    for Difference { topic, what, expected, found } in &differences {
        tracing::warn!(topic = topic.name(), what, expected, found, "a topic is not as it should be");
    }
    if config.topic_differences == Differences::Refuse && !differences.is_empty() {
        bail!("the topics are not as they should be (see `waymark topics check`)");
    }
    Ok(())
}

/// Makes the topics that are missing. What a new state topic is to hold is sent from the tables.
async fn create(config: &EventsConfig, outbox: &Outbox) -> Result<Vec<Topic>> {
    let made = topics::create(brokers(config), replication(config))
        .await
        .with_context(|| format!("the topics cannot be made: do the brokers at {} run?", brokers(config)))?;
    if made.iter().any(|topic| [Topic::ProgressState, Topic::Erasures].contains(topic)) {
        outbox.mark_everybody(SystemClock.now()).await?;
    }
    Ok(made)
}

async fn differences(config: &EventsConfig) -> Result<Vec<Difference>> {
    let found = topics::check(brokers(config), replication(config)).await;
    found.with_context(|| format!("the topics cannot be seen: do the brokers at {} run?", brokers(config)))
}

fn brokers(config: &EventsConfig) -> &str {
    config.brokers.as_deref().unwrap_or_default()
}

fn replication(config: &EventsConfig) -> Replication {
    Replication { factor: config.replication_factor, min_insync: config.min_insync_replicas }
}

/// A line for each difference, in columns.
fn report(differences: &[Difference]) -> Result<()> {
    if differences.is_empty() {
        println!("All {} topics are as they should be.", Topic::ALL.len());
        return Ok(());
    }
    println!("{:<30} {:<22} {:<12} FOUND", "TOPIC", "WHAT", "EXPECTED");
    for Difference { topic, what, expected, found } in differences {
        println!("{:<30} {what:<22} {expected:<12} {found}", topic.name());
    }
    if differences.iter().any(|difference| !difference.can_be_mended()) {
        println!(
            "Partitions and copies are not changed by `waymark topics apply`: docs/operations.md says why."
        );
    }
    bail!("{} differences", differences.len())
}
