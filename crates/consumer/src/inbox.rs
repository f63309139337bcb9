//! The inbox: how far a group came within each key. One row for a key of a topic, changed in the transaction of the
//! effect, so that neither is ever without the other.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement, Value};

const TABLE: &str = "create table if not exists consumer_inbox (
    consumer_group text not null,
    topic text not null,
    partition_key text not null,
    last_sequence bigint not null,
    held_to bigint,
    primary key (consumer_group, topic, partition_key)
)";

/// Makes the table unless it is there. A consumer may make it in a migration of its own instead.
///
/// # Errors
/// A fault of the database.
pub async fn create(database: &DatabaseConnection) -> Result<(), DbErr> {
    database.execute_unprepared(TABLE).await.map(drop)
}

/// Forgets how far a group came, so that a replay has its effects again. The group must not be running.
///
/// # Errors
/// A fault of the database.
pub async fn forget(database: &impl ConnectionTrait, group: &str) -> Result<(), DbErr> {
    let sql = "delete from consumer_inbox where consumer_group = $1";
    execute(database, sql, [group.into()]).await.map(drop)
}

/// A key of a topic, as one group sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub group: &'a str,
    pub topic: &'a str,
    pub key: &'a str,
}

/// An event that somebody redrove out of the dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redriven {
    /// It comes before those that its key holds back, in its order.
    InOrder,
    /// It was dead because events before it are missing, and is meant to be taken without them.
    AfterGap,
}

/// What the inbox says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the next one, and is taken.
    Next,
    /// It had its effect before.
    Duplicate,
    /// Its key waits behind a dead letter.
    Held,
    /// Events after this sequence are missing; nothing is taken.
    Gap(i64),
}

/// Takes the sequence if it is the next of its key. A redriven event comes before those that its key holds back.
pub(crate) async fn take(
    transaction: &DatabaseTransaction,
    place: Place<'_>,
    sequence: i64,
    redriven: Option<Redriven>,
) -> Result<Taken, DbErr> {
    // The insert also locks: on SQLite a transaction that writes first never has to begin again.
    let insert = "insert into consumer_inbox (consumer_group, topic, partition_key, last_sequence)
        values ($1, $2, $3, 0) on conflict do nothing";
    execute(transaction, insert, place.values([])).await?;
    let free = if redriven.is_some() { "" } else { " and held_to is null" };
    let next = format!(
        "update consumer_inbox set last_sequence = $4
        where consumer_group = $1 and topic = $2 and partition_key = $3 and last_sequence = $4 - 1{free}"
    );
    if execute(transaction, &next, place.values([sequence.into()])).await? == 1 {
        return Ok(Taken::Next);
    }
    let (last, held) = look(transaction, place).await?;
    Ok(match held {
        _ if last >= sequence => Taken::Duplicate,
        Some(_) if redriven != Some(Redriven::AfterGap) => Taken::Held,
        _ => Taken::Gap(last),
    })
}

/// Takes the sequence whatever is missing before it.
pub(crate) async fn skip_to(
    transaction: &DatabaseTransaction,
    place: Place<'_>,
    sequence: i64,
) -> Result<(), DbErr> {
    let sql = "update consumer_inbox set last_sequence = $4
        where consumer_group = $1 and topic = $2 and partition_key = $3 and last_sequence < $4";
    execute(transaction, sql, place.values([sequence.into()])).await.map(drop)
}

/// Holds the key back from now on, at least up to this sequence, which is on its way to the dead letters.
pub(crate) async fn hold(
    connection: &impl ConnectionTrait,
    place: Place<'_>,
    sequence: i64,
) -> Result<(), DbErr> {
    let sql = "insert into consumer_inbox (consumer_group, topic, partition_key, last_sequence, held_to)
        values ($1, $2, $3, 0, $4) on conflict (consumer_group, topic, partition_key) do update
        set held_to = case when consumer_inbox.held_to > $4 then consumer_inbox.held_to else $4 end
        where consumer_inbox.last_sequence < $4";
    execute(connection, sql, place.values([sequence.into()])).await.map(drop)
}

/// Lets the key flow again once the last event that it held back is taken.
pub(crate) async fn release(transaction: &DatabaseTransaction, place: Place<'_>) -> Result<(), DbErr> {
    let sql = "update consumer_inbox set held_to = null
        where consumer_group = $1 and topic = $2 and partition_key = $3 and held_to <= last_sequence";
    execute(transaction, sql, place.values([])).await.map(drop)
}

async fn look(connection: &impl ConnectionTrait, place: Place<'_>) -> Result<(i64, Option<i64>), DbErr> {
    let sql = "select last_sequence, held_to from consumer_inbox
        where consumer_group = $1 and topic = $2 and partition_key = $3";
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, place.values([]));
    match connection.query_one_raw(statement).await? {
        Some(row) => Ok((row.try_get("", "last_sequence")?, row.try_get("", "held_to")?)),
        None => Ok((0, None)),
    }
}

async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let backend = connection.get_database_backend();
    let done = connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(done.rows_affected())
}

impl Place<'_> {
    fn values<const N: usize>(&self, more: [Value; N]) -> Vec<Value> {
        [self.group.into(), self.topic.into(), self.key.into()].into_iter().chain(more).collect()
    }
}
