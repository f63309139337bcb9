//! Appending events: lock the streams, take their next sequences, then write.

use super::lease::SHARDS;
use super::published::{Published, published};
use super::row::{event, pending, state};
use super::state::write_marks;
use crate::error::Result;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, NotSet, Set, Statement, Value};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use waymark_domain::kernel::{CommandContext, DomainId, EventBody};
use waymark_domain::ports::Ids;
use waymark_events::{Topic, TraceHeaders};
use xxhash_rust::xxh3::xxh3_64;

/// Rows of one statement: SQLite takes at most 32,766 parameters.
pub(super) const CHUNK: usize = 1_000;

/// A stream: a topic and a key in it.
type Stream = (&'static str, Uuid);

/// Appends the events in their order and leaves them pending for the relay; returns the keys of the
/// streams that grew. Must come after the aggregates' own rows are locked.
pub(crate) async fn append(
    db: &impl ConnectionTrait,
    ids: &dyn Ids,
    context: &CommandContext,
    events: &[EventBody],
) -> Result<Vec<Uuid>> {
    let events: Vec<Published> = events.iter().map(published).collect();
    let mut counts: BTreeMap<Stream, i64> = BTreeMap::new();
    for published in &events {
        *counts.entry(stream(published)).or_default() += 1;
    }
    let mut next = advance(db, context, &counts).await?;
    let mut rows = Vec::with_capacity(events.len());
    for published in &events {
        let sequence = next.get_mut(&stream(published)).map_or(0, |next| {
            *next += 1;
            *next
        });
        rows.push(row(ids, context, published, sequence)?);
    }
    for chunk in rows.chunks(CHUNK) {
        let written = event::Entity::insert_many(chunk.to_vec()).exec_with_returning(db).await?;
        let waiting = written.into_iter().map(|row| pending::Model { seq: row.seq, shard: row.shard });
        let waiting: Vec<_> = waiting.map(IntoActiveModel::into_active_model).collect();
        pending::Entity::insert_many(waiting).exec_without_returning(db).await?;
    }
    mark(db, ids, context, &events).await?;
    let mut keys: Vec<Uuid> = counts.into_keys().map(|(_, key)| key).collect();
    keys.dedup();
    Ok(keys)
}

/// Marks the people whose progress record these events change, always in the same order.
async fn mark(
    db: &impl ConnectionTrait,
    ids: &dyn Ids,
    context: &CommandContext,
    events: &[Published],
) -> Result<()> {
    let changed = events.iter().filter(|published| {
        let event_type = published.event.event_type();
        event_type.topic == Topic::Progress && event_type.key == "person"
    });
    let people: BTreeSet<Uuid> = changed.map(|published| published.key).collect();
    let tenant = &context.actor.tenant;
    let marks = people.into_iter().map(|person_id| state::Model {
        person_id,
        tenant_id: tenant.id.uuid(),
        tenant_key: tenant.key.clone(),
        shard: shard(person_id),
        mark: ids.next(),
        changed_at: context.at,
    });
    write_marks(db, marks.collect()).await
}

fn stream(published: &Published) -> Stream {
    (published.event.event_type().topic.name(), published.key)
}

/// Locks the streams, always in the same order, and moves them on; returns where each stood before.
async fn advance(
    db: &impl ConnectionTrait,
    context: &CommandContext,
    counts: &BTreeMap<Stream, i64>,
) -> Result<BTreeMap<Stream, i64>> {
    let tenant = context.actor.tenant.id.uuid();
    let mut before = BTreeMap::new();
    let streams: Vec<(&Stream, &i64)> = counts.iter().collect();
    for chunk in streams.chunks(CHUNK) {
        let mut values: Vec<Value> = vec![tenant.into()];
        let mut rows = Vec::with_capacity(chunk.len());
        for ((topic, key), count) in chunk {
            let first = values.len() + 1;
            rows.push(format!("($1, ${}, ${}, ${})", first, first + 1, first + 2));
            values.extend([Value::from(*topic), key.to_string().into(), (**count).into()]);
        }
        let sql = format!(
            "insert into event_stream (tenant_id, topic, key, last_sequence) values {}
             on conflict (tenant_id, topic, key)
             do update set last_sequence = event_stream.last_sequence + excluded.last_sequence
             returning topic, key, last_sequence",
            rows.join(", ")
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let mut last: BTreeMap<(String, String), i64> = BTreeMap::new();
        for row in db.query_all_raw(statement).await? {
            last.insert(
                (row.try_get("", "topic")?, row.try_get("", "key")?),
                row.try_get("", "last_sequence")?,
            );
        }
        for (stream, count) in chunk {
            let (topic, key) = **stream;
            let now = last.get(&(topic.to_owned(), key.to_string())).copied().unwrap_or_default();
            before.insert((topic, key), now - **count);
        }
    }
    Ok(before)
}

fn row(
    ids: &dyn Ids,
    context: &CommandContext,
    published: &Published,
    sequence: i64,
) -> Result<event::ActiveModel> {
    let event_type = published.event.event_type();
    let trace = TraceHeaders {
        traceparent: context.trace.parent.clone(),
        tracestate: context.trace.state.clone(),
        correlationid: Some(context.correlation.to_string()),
        causationid: None,
        actorid: Some(context.actor.id.to_string()),
    };
    Ok(event::ActiveModel {
        seq: NotSet,
        event_id: Set(ids.next()),
        tenant_id: Set(context.actor.tenant.id.uuid()),
        tenant_key: Set(context.actor.tenant.key.clone()),
        shard: Set(shard(published.key)),
        topic: Set(event_type.topic.name().to_owned()),
        key: Set(published.key.to_string()),
        sequence: Set(sequence),
        event_type: Set(event_type.name.to_owned()),
        subject: Set(published.subject.clone()),
        occurred_at: Set(context.at),
        trace: Set(serde_json::to_string(&trace)?),
        data: Set(published.event.data()?),
    })
}

/// All streams of a key lie in one shard, so that one relay at a time publishes them.
pub(super) fn shard(key: Uuid) -> i16 {
    i16::try_from(xxh3_64(key.as_bytes()) % u64::from(SHARDS)).unwrap_or_default()
}
