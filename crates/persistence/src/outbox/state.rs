//! What the compacted topics are to say of people: read from the tables when it is sent, so that it is the newest.
//!
//! A save marks the people whose progress record it changes; the relay reads their state after, sends it, and takes
//! the mark off if it is still the same. Many changes in a row become one message.

use super::append::{CHUNK, shard};
use super::lease::{self, Lease};
use super::queue::Outbox;
use super::row::{event, state};
use crate::database::any;
use crate::error::{Fault, Result, broken};
use crate::people::row::person;
use crate::progress::row::record;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{LockBehavior, LockType, OnConflict};
use sea_orm::{
    AccessMode, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    IsolationLevel, QueryFilter, QueryOrder, QuerySelect, Statement, TransactionTrait,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;
use waymark_events::payload::{ProgressStateV1, SkillState, SubjectErasedV1};
use waymark_events::{PublishedEvent, Record, State, Topic, TraceHeaders};

/// Writes marks, which come in the order of their people.
pub(super) async fn write_marks(db: &impl ConnectionTrait, marks: Vec<state::Model>) -> Result<()> {
    for chunk in marks.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(IntoActiveModel::into_active_model);
        let newer = OnConflict::column(state::Column::PersonId)
            .update_columns([state::Column::Mark, state::Column::ChangedAt])
            .to_owned();
        state::Entity::insert_many(rows).on_conflict(newer).exec_without_returning(db).await?;
    }
    Ok(())
}

/// What the tables say of one person.
#[derive(Default)]
struct Standing {
    position: Option<(Uuid, Option<NaiveDate>)>,
    erased_at: Option<DateTime<Utc>>,
    skills: Vec<SkillState>,
    version: i64,
}

impl Outbox {
    /// The present state of people of the leased shards who changed, those first who wait longest.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn states(&self, lease: &Lease, limit: u64) -> Result<Vec<State>, Fault> {
        // Marks and tables as of one moment: what is sent contains the change that the mark names.
        let snapshot = self.snapshot().await?;
        let shards = lease.shards.iter().map(|(shard, _)| *shard);
        let marks = state::Entity::find()
            .filter(any(&snapshot, state::Column::Shard, shards))
            .order_by_asc(state::Column::Mark)
            .limit(limit)
            .all(&snapshot)
            .await?;
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let people: Vec<Uuid> = marks.iter().map(|mark| mark.person_id).collect();
        let mut standings = standings(&snapshot, &people).await?;
        snapshot.commit().await?;
        marks
            .into_iter()
            .map(|mark| into_state(standings.remove(&mark.person_id).unwrap_or_default(), mark))
            .collect()
    }

    /// Takes off what was sent, unless it changed since. What was sent for a shard that is no longer held is marked
    /// anew: it may lie behind what the shard's owner sent meanwhile.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn settle(&self, lease: &Lease, sent: &[State]) -> Result<(), Fault> {
        if sent.is_empty() {
            return Ok(());
        }
        let transaction = self.database.begin().await?;
        let held: HashSet<(i16, i64)> =
            lease::held(&transaction, lease.owner).await?.shards.into_iter().collect();
        let mine: HashSet<i16> =
            lease.shards.iter().filter(|shard| held.contains(shard)).map(|(shard, _)| *shard).collect();
        let (mine, lost): (Vec<&State>, Vec<&State>) =
            sent.iter().partition(|state| mine.contains(&state.shard));
        let unchanged = any(&transaction, state::Column::Mark, mine.iter().map(|state| state.mark));
        let unchanged = state::Entity::find().select_only().column(state::Column::Mark).filter(unchanged);
        let unchanged = match transaction.get_database_backend() {
            // Whoever is changing a mark at this moment makes it another one: no need to wait for them, and waiting
            // for several could end in a deadlock.
            DbBackend::Postgres => unchanged.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
            _ => unchanged,
        };
        let unchanged: Vec<Uuid> = unchanged.into_tuple().all(&transaction).await?;
        let sent = any(&transaction, state::Column::Mark, unchanged);
        state::Entity::delete_many().filter(sent).exec(&transaction).await?;
        let again: BTreeMap<Uuid, &State> = lost.into_iter().map(|state| (state.person, state)).collect();
        let again = again
            .into_values()
            .map(|state| self.mark(state.tenant, &state.tenant_key, state.person, state.at));
        write_marks(&transaction, again.collect()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Marks everybody, for topics that are new; returns how many people there are.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn mark_everybody(&self, at: DateTime<Utc>) -> Result<u64, Fault> {
        let db = self.database.pool();
        let keys: Vec<(Uuid, String)> = event::Entity::find()
            .select_only()
            .column(event::Column::TenantId)
            .column_as(event::Column::TenantKey.max(), "tenant_key")
            .group_by(event::Column::TenantId)
            .into_tuple()
            .all(db)
            .await?;
        let keys: HashMap<Uuid, String> = keys.into_iter().collect();
        let (mut last, mut count) = (Uuid::nil(), 0);
        loop {
            let people: Vec<(Uuid, Uuid)> = person::Entity::find()
                .select_only()
                .columns([person::Column::Id, person::Column::TenantId])
                .filter(person::Column::Id.gt(last))
                .order_by_asc(person::Column::Id)
                .limit(CHUNK as u64)
                .into_tuple()
                .all(db)
                .await?;
            let Some((end, _)) = people.last() else { return Ok(count) };
            last = *end;
            // A tenant without any event has nothing that a topic could have said.
            let known = people.iter().filter_map(|(id, tenant)| Some((*id, *tenant, keys.get(tenant)?)));
            let marks: Vec<_> = known.map(|(id, tenant, key)| self.mark(tenant, key, id, at)).collect();
            count += marks.len() as u64;
            write_marks(db, marks).await?;
        }
    }

    fn mark(&self, tenant_id: Uuid, tenant_key: &str, person_id: Uuid, at: DateTime<Utc>) -> state::Model {
        state::Model {
            person_id,
            tenant_id,
            tenant_key: tenant_key.to_owned(),
            shard: shard(person_id),
            mark: self.ids.next(),
            changed_at: at,
        }
    }

    /// A transaction whose reads are all of one moment.
    async fn snapshot(&self) -> Result<DatabaseTransaction> {
        let pool = self.database.pool();
        Ok(match pool.get_database_backend() {
            DbBackend::Postgres => {
                pool.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
                    .await?
            }
            _ => pool.begin().await?,
        })
    }
}

async fn standings(db: &impl ConnectionTrait, people: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
    let mut found: HashMap<Uuid, Standing> = HashMap::new();
    type Row = (Uuid, Option<Uuid>, Option<NaiveDate>, Option<DateTime<Utc>>);
    use person::Column::{ErasedAt, Id, PositionId, PositionSince};
    let rows = person::Entity::find().select_only().columns([Id, PositionId, PositionSince, ErasedAt]);
    let rows: Vec<Row> = rows.filter(any(db, Id, people.iter().copied())).into_tuple().all(db).await?;
    for (id, position, since, erased_at) in rows {
        let position = position.map(|position| (position, since));
        found.insert(id, Standing { position, erased_at, ..Standing::default() });
    }
    let records = record::Entity::find()
        .filter(any(db, record::Column::PersonId, people.iter().copied()))
        .order_by_asc(record::Column::SkillId)
        .all(db)
        .await?;
    for row in records {
        let attested_level = row.attested_level.map(u8::try_from).transpose();
        let attested_level =
            attested_level.map_err(|error| broken("skill_record", "attested_level", row.id, error))?;
        let (score, confidence) = (row.score, row.confidence);
        let skill = SkillState { skill_id: row.skill_id, attested_level, score, confidence };
        found.entry(row.person_id).or_default().skills.push(skill);
    }
    for (person, version) in versions(db, people).await? {
        found.entry(person).or_default().version = version;
    }
    Ok(found)
}

/// How far the progress streams of these people have come.
async fn versions(db: &impl ConnectionTrait, people: &[Uuid]) -> Result<Vec<(Uuid, i64)>> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
        let sql = format!(
            "select key, last_sequence from event_stream where topic = $1 and key in ({})",
            places.join(", ")
        );
        let mut values = vec![sea_orm::Value::from(Topic::Progress.name())];
        values.extend(chunk.iter().map(|person| sea_orm::Value::from(person.to_string())));
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        for row in db.query_all_raw(statement).await? {
            let key: String = row.try_get("", "key")?;
            let person = key.parse().map_err(|error| broken("event_stream", "key", &key, error))?;
            found.push((person, row.try_get("", "last_sequence")?));
        }
    }
    Ok(found)
}

fn into_state(standing: Standing, mark: state::Model) -> Result<State> {
    let person_id = mark.person_id;
    let version = standing.version;
    let records = match standing.erased_at {
        Some(erased_at) => {
            let erased = PublishedEvent::SubjectErased(SubjectErasedV1 { subject_id: person_id, erased_at });
            let tombstone =
                Record { data: String::new(), ..record(&mark, &state_of(standing, person_id), version)? };
            vec![record(&mark, &erased, version)?, tombstone]
        }
        None => vec![record(&mark, &state_of(standing, person_id), version)?],
    };
    Ok(State {
        tenant: mark.tenant_id,
        tenant_key: mark.tenant_key,
        person: person_id,
        shard: mark.shard,
        mark: mark.mark,
        at: mark.changed_at,
        records,
    })
}

fn state_of(standing: Standing, person_id: Uuid) -> PublishedEvent {
    PublishedEvent::ProgressState(ProgressStateV1 {
        person_id,
        version: standing.version,
        position_id: standing.position.map(|(position, _)| position),
        position_since: standing.position.and_then(|(_, since)| since),
        skills: standing.skills,
    })
}

/// The message of a state: the same version has the same id, however often it is sent.
fn record(mark: &state::Model, event: &PublishedEvent, version: i64) -> Result<Record> {
    let event_type = event.event_type();
    Ok(Record {
        seq: 0,
        id: Uuid::new_v5(&mark.person_id, format!("{}/{version}", event_type.name).as_bytes()),
        tenant: mark.tenant_key.clone(),
        event_type: event_type.name.to_owned(),
        topic: event_type.topic.name().to_owned(),
        key: mark.person_id.to_string(),
        subject: format!("person/{}", mark.person_id),
        sequence: version,
        time: mark.changed_at,
        trace: TraceHeaders::default(),
        data: event.data()?,
    })
}
