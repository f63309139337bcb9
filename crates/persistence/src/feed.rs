//! The log as a live feed of one person's events.
//!
//! Each stream has a sequence without gaps, in the order of commits, so a feed that remembers how far it
//! read in each stream can neither miss an event nor show one twice, whoever commits late.

use crate::Persistence;
use crate::error::Result;
use crate::outbox::row::event;
use async_trait::async_trait;
use futures_core::stream::BoxStream;
use futures_util::stream;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::broadcast;
use uuid::Uuid;
use waymark_domain::kernel::{Actor, DomainId, PersonId, TenantId};
use waymark_domain::ports::{EventFeed, FeedEvent, FeedPosition, PortError};
use waymark_events::Topic;

/// Events read at once.
const BATCH: u64 = 100;

/// How long a feed waits for a bell before it looks for itself.
const FALLBACK: Duration = Duration::from_secs(5);

struct Follower {
    persistence: Persistence,
    tenant: TenantId,
    person: PersonId,
    position: FeedPosition,
    ready: VecDeque<FeedEvent>,
    bell: broadcast::Receiver<Uuid>,
}

#[async_trait]
impl EventFeed for Persistence {
    async fn follow(
        &self,
        viewer: &Actor,
        person: PersonId,
        from: Option<FeedPosition>,
    ) -> Result<BoxStream<'static, Result<FeedEvent, PortError>>, PortError> {
        // Listening begins before the first look, so that nothing falls in between.
        let bell = self.hint.listen_to(person.uuid());
        let tenant = viewer.tenant.id;
        let position = match from {
            Some(position) => position,
            None => end(self.pool(), tenant, person).await?,
        };
        let persistence = self.clone();
        let follower = Follower { persistence, tenant, person, position, ready: VecDeque::new(), bell };
        // A fault ends the feed: whoever follows goes on after the last event that came.
        Ok(Box::pin(stream::unfold(Some(follower), |follower| async {
            let mut follower = follower?;
            let next = follower.next().await;
            let go_on = next.is_ok().then_some(follower);
            Some((next, go_on))
        })))
    }
}

impl Follower {
    async fn next(&mut self) -> Result<FeedEvent, PortError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.position = event.position;
                return Ok(event);
            }
            let found = self.look().await?;
            if found.is_empty() {
                self.wait().await;
            }
            self.ready.extend(found);
        }
    }

    /// Feeds wait for each other rather than for a connection: however many there are, requests keep theirs.
    async fn look(&self) -> Result<Vec<FeedEvent>> {
        // Never closed, so there is always a permit at last.
        let _permit = self.persistence.feed_reads.acquire().await.ok();
        after(self.persistence.pool(), self.tenant, self.person, self.position).await
    }

    /// Until one of the person's streams grew, or it is time to look anyway.
    async fn wait(&mut self) {
        let person = self.person.uuid();
        let rung = async {
            loop {
                match self.bell.recv().await {
                    Ok(key) if key == person => return,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // A time-out is no fault: it is the fallback.
        let _ = tokio::time::timeout(FALLBACK, rung).await;
    }
}

/// Where the person's streams end now, in one statement: of what a command did at that moment, a feed that begins here
/// shows all or nothing.
async fn end(db: &impl ConnectionTrait, tenant: TenantId, person: PersonId) -> Result<FeedPosition> {
    let topics = [Topic::Progress, Topic::Evidence].map(Topic::name);
    let ends: Vec<(String, i64)> = event::Entity::find()
        .filter(event::Column::TenantId.eq(tenant.uuid()))
        .filter(event::Column::Topic.is_in(topics))
        .filter(event::Column::Key.eq(person.to_string()))
        .select_only()
        .column(event::Column::Topic)
        .column_as(event::Column::Sequence.max(), "last")
        .group_by(event::Column::Topic)
        .into_tuple()
        .all(db)
        .await?;
    let last = |topic: Topic| {
        ends.iter().find(|(name, _)| name == topic.name()).map_or(0, |(_, sequence)| *sequence)
    };
    Ok(FeedPosition { progress: last(Topic::Progress), evidence: last(Topic::Evidence) })
}

/// The events after the position, each with the position after itself. Each stream keeps its order; of the
/// two, the one whose next event happened earlier goes on.
async fn after(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    person: PersonId,
    mut position: FeedPosition,
) -> Result<Vec<FeedEvent>> {
    let mut progress = batch(db, tenant, person, Topic::Progress, position.progress).await?;
    let mut evidence = batch(db, tenant, person, Topic::Evidence, position.evidence).await?;
    let mut merged = Vec::with_capacity(progress.len() + evidence.len());
    loop {
        let time = |row: &event::Model| (row.occurred_at, row.seq);
        let (next, last) = match (progress.front(), evidence.front()) {
            (None, None) => return Ok(merged),
            (Some(_), None) => (progress.pop_front(), &mut position.progress),
            (Some(p), Some(e)) if time(p) <= time(e) => (progress.pop_front(), &mut position.progress),
            (_, Some(_)) => (evidence.pop_front(), &mut position.evidence),
        };
        if let Some(row) = next {
            *last = row.sequence;
            merged.push(feed_event(row, person, position));
        }
    }
}

async fn batch(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    person: PersonId,
    topic: Topic,
    last: i64,
) -> Result<VecDeque<event::Model>> {
    let select = events(tenant, person, topic).filter(event::Column::Sequence.gt(last));
    Ok(select.order_by_asc(event::Column::Sequence).limit(BATCH).all(db).await?.into())
}

fn events(tenant: TenantId, person: PersonId, topic: Topic) -> sea_orm::Select<event::Entity> {
    event::Entity::find()
        .filter(event::Column::TenantId.eq(tenant.uuid()))
        .filter(event::Column::Topic.eq(topic.name()))
        .filter(event::Column::Key.eq(person.to_string()))
}

fn feed_event(row: event::Model, person: PersonId, position: FeedPosition) -> FeedEvent {
    FeedEvent {
        id: row.event_id,
        event_type: row.event_type,
        person,
        subject: row.subject,
        sequence: row.sequence,
        time: row.occurred_at,
        data: row.data,
        position,
    }
}

/// Rings for commits of other processes. One look at the end of the log every `every`, however many feeds
/// there are; what commits late below the end is found by each feed's own fallback.
pub(crate) async fn watch(persistence: Persistence, every: Duration) {
    let mut last = None;
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match look(&persistence, last).await {
            Ok(seq) => last = Some(seq),
            Err(error) => tracing::warn!(%error, "the event log could not be read; feeds are late"),
        }
    }
}

async fn look(persistence: &Persistence, last: Option<i64>) -> Result<i64> {
    let select = event::Entity::find()
        .select_only()
        .columns([event::Column::Seq, event::Column::Key])
        .order_by_desc(event::Column::Seq);
    let select = match last {
        Some(last) => select.filter(event::Column::Seq.gt(last)).limit(1_000),
        None => select.limit(1),
    };
    let rows: Vec<(i64, String)> = select.into_tuple().all(persistence.pool()).await?;
    let Some((newest, _)) = rows.first() else { return Ok(last.unwrap_or_default()) };
    if last.is_some() {
        let mut keys: Vec<Uuid> = rows.iter().filter_map(|(_, key)| key.parse().ok()).collect();
        keys.sort();
        keys.dedup();
        persistence.hint.ring(keys);
    }
    Ok(*newest)
}
