//! Leases: which relay publishes which shards. Only the database's clock counts.

use crate::database::now;
use crate::error::Result;
use sea_orm::{ConnectionTrait, Statement, Value};
use std::time::Duration;
use uuid::Uuid;

/// Number of shards. Never changed while events are pending.
pub const SHARDS: u16 = 64;

/// The shards that a relay holds, each with the epoch in which it got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The relay.
    pub owner: Uuid,
    /// Shard and epoch.
    pub shards: Vec<(i16, i64)>,
}

fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}

fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    let backend = db.get_database_backend();
    Statement::from_sql_and_values(backend, sql.replace("{now}", now(backend)), values)
}

/// Renews what the relay holds and claims what is free, up to its fair share; what it holds beyond that it
/// gives back. Call it within a transaction.
pub(super) async fn claim(db: &impl ConnectionTrait, owner: Uuid, ttl: Duration) -> Result<Lease> {
    let ttl = millis(ttl);
    let enter = "insert into relay_member (owner, expires_at) values ($1, {now} + $2)
         on conflict (owner) do update set expires_at = excluded.expires_at";
    db.execute_raw(statement(db, enter, vec![owner.into(), ttl.into()])).await?;
    db.execute_raw(statement(db, "delete from relay_member where expires_at < {now}", vec![])).await?;
    let count = statement(db, "select count(*) as live from relay_member", vec![]);
    let live: i64 = match db.query_one_raw(count).await? {
        Some(row) => row.try_get("", "live")?,
        None => 1,
    };
    let share = (i64::from(SHARDS) + live - 1) / live.max(1);

    extend(db, owner, ttl).await?;
    let mine = held(db, owner).await?;
    let surplus = usize::try_from(share).unwrap_or_default();
    for (shard, epoch) in mine.shards.iter().skip(surplus) {
        let give = "update relay_lease set expires_at = 0 where shard = $1 and owner = $2 and epoch = $3";
        db.execute_raw(statement(db, give, vec![(*shard).into(), owner.into(), (*epoch).into()])).await?;
    }
    let wanted = surplus.saturating_sub(mine.shards.len());
    if wanted > 0 {
        take(db, owner, ttl, wanted).await?;
    }
    held(db, owner).await
}

/// Renews what the relay still holds, and its membership; changes nothing else.
pub(super) async fn renew(db: &impl ConnectionTrait, owner: Uuid, ttl: Duration) -> Result<()> {
    let ttl = millis(ttl);
    let member = "update relay_member set expires_at = {now} + $2 where owner = $1";
    db.execute_raw(statement(db, member, vec![owner.into(), ttl.into()])).await?;
    extend(db, owner, ttl).await
}

async fn extend(db: &impl ConnectionTrait, owner: Uuid, ttl: i64) -> Result<()> {
    let sql = "update relay_lease set expires_at = {now} + $2 where owner = $1 and expires_at >= {now}";
    db.execute_raw(statement(db, sql, vec![owner.into(), ttl.into()])).await?;
    Ok(())
}

/// Takes free shards: never leased, expired, or given back. Each taking is a new epoch, which fences off
/// whoever still believes to hold the shard.
async fn take(db: &impl ConnectionTrait, owner: Uuid, ttl: i64, wanted: usize) -> Result<()> {
    let sql = "select shard from relay_lease where expires_at >= {now}";
    let rows = db.query_all_raw(statement(db, sql, vec![])).await?;
    let taken: Vec<i16> = rows.iter().map(|row| row.try_get("", "shard")).collect::<Result<_, _>>()?;
    let shards = i16::try_from(SHARDS).unwrap_or(i16::MAX);
    for shard in (0..shards).filter(|shard| !taken.contains(shard)).take(wanted) {
        let sql = "insert into relay_lease (shard, owner, epoch, expires_at) values ($1, $2, 1, {now} + $3)
             on conflict (shard) do update
             set owner = excluded.owner, epoch = relay_lease.epoch + 1, expires_at = excluded.expires_at
             where relay_lease.expires_at < {now}";
        db.execute_raw(statement(db, sql, vec![shard.into(), owner.into(), ttl.into()])).await?;
    }
    Ok(())
}

/// What the relay holds now.
pub(super) async fn held(db: &impl ConnectionTrait, owner: Uuid) -> Result<Lease> {
    let sql = "select shard, epoch from relay_lease where owner = $1 and expires_at >= {now} order by shard";
    let rows = db.query_all_raw(statement(db, sql, vec![owner.into()])).await?;
    let shards = rows
        .iter()
        .map(|row| Ok((row.try_get("", "shard")?, row.try_get("", "epoch")?)))
        .collect::<Result<_>>()?;
    Ok(Lease { owner, shards })
}

/// Gives everything back, so that another relay can take over at once.
pub(super) async fn release(db: &impl ConnectionTrait, owner: Uuid) -> Result<()> {
    let sql = "update relay_lease set expires_at = 0 where owner = $1";
    db.execute_raw(statement(db, sql, vec![owner.into()])).await?;
    db.execute_raw(statement(db, "delete from relay_member where owner = $1", vec![owner.into()])).await?;
    Ok(())
}
