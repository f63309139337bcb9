//! Everything from the beginning: the tables and the inbox are emptied together, then the topics are read from the
//! oldest message to where they ended when it began.

use crate::{Source, tables};
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;
use waymark_consumer::sea_orm::{DatabaseConnection, TransactionTrait};
use waymark_consumer::{inbox, position};
use waymark_events::Topic;

/// Rebuilds the tables; returns when they are as they were, or would be, without it.
pub async fn run(source: &Source, database: DatabaseConnection, partial: bool) -> Result<()> {
    let topics = Topic::EVENTS.map(Topic::name);
    let bounds = position::bounds(&source.brokers, &topics).await?;
    if !partial && bounds.iter().any(|bounds| bounds.oldest > 0) {
        bail!(
            "the oldest events are gone from the topics: what they told would be missing (--partial accepts that)"
        );
    }
    for topic in topics {
        position::reset(&source.brokers, &source.group, topic, position::From::Earliest)
            .await
            .context("the group cannot be moved; none of its members may run")?;
    }
    // A crash before this changed nothing: the inbox knows all events. After it, the next run or rebuild reads them.
    inbox::create(&database).await?;
    let transaction = database.begin().await?;
    tables::clear(&transaction).await?;
    inbox::forget(&transaction, &source.group).await?;
    transaction.commit().await?;
    let mut member = source.start(database).await?;
    let left = position::left(&source.brokers, &source.group, &bounds).await?;
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} events {eta}")?;
    let bar = ProgressBar::new(left).with_style(style);
    loop {
        tokio::select! {
            ended = member.ended() => return Ok(ended?),
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
        }
        let now = position::left(&source.brokers, &source.group, &bounds).await?;
        bar.set_position(left.saturating_sub(now));
        if now == 0 {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(member.stop().await?)
}
