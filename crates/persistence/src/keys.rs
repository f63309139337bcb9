//! Keys of mutations: claimed before, marked as done in the transaction of the effect, answered afterwards.

use crate::Persistence;
use crate::database::now;
use crate::error::{Fault, Result, broken};
use crate::vault::Place;
use async_trait::async_trait;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use waymark_domain::kernel::{Change, Claim, DomainId, ObjectKind, ObjectRef};
use waymark_domain::ports::{Claimed, Keys, MutationKey, PortError};

/// How long a claim holds, in milliseconds: three times as long as an operation may take. After that its holder counts
/// as gone: what it saves is refused if somebody else has claimed the key since, and an answer that it has not kept is
/// lost.
const LEASE: i64 = 30_000;

/// How long a key is remembered, in milliseconds: 24 hours.
const KEPT: i64 = 24 * 60 * 60 * 1_000;

/// How often a claim is tried while the key is freed by others at the same time.
const TRIES: usize = 3;

/// Most things that are named of one effect.
const MOST_NAMED: usize = 20;

/// A thing as it lies in the row.
#[derive(Serialize, Deserialize)]
struct Stored {
    kind: String,
    id: Uuid,
}

/// Where the answer to a mutation lies: bound to whose it is, so that nobody is answered with another one's.
fn place(tenant: Uuid, row: Uuid, actor: Uuid) -> Place {
    Place { tenant, table: "mutation_key", column: "sealed", row: Uuid::new_v5(&row, actor.as_bytes()) }
}

/// A statement in which `{now}` is the database's time, in milliseconds since 1970.
pub(crate) fn statement(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Statement {
    let backend = db.get_database_backend();
    Statement::from_sql_and_values(backend, sql.replace("{now}", now(backend)), values)
}

/// Notes in the transaction of the effect that it was done. A claim that somebody else has taken over saves nothing.
pub(crate) async fn done(db: &impl ConnectionTrait, claim: &Claim, changes: &[Change]) -> Result<()> {
    let objects = changes.iter().map(Change::object).take(MOST_NAMED);
    let objects: Vec<Stored> =
        objects.map(|object| Stored { kind: object.kind.name().to_owned(), id: object.id }).collect();
    let sql = "update mutation_key set effect = $2 where id = $1 and effect is null";
    let values = vec![claim.token.into(), serde_json::to_string(&objects)?.into()];
    match db.execute_raw(statement(db, sql, values)).await?.rows_affected() {
        1 => Ok(()),
        _ => Err(Fault::Conflict { table: "mutation_key" }),
    }
}

impl Persistence {
    /// Takes the key if it is free: never used, forgotten, or claimed by somebody whose time ran out before there was
    /// an effect.
    async fn take(&self, mutation: &MutationKey) -> Result<Option<Uuid>> {
        let token = self.ids.next();
        let sql = format!(
            "insert into mutation_key (id, tenant_id, actor_id, key, payload, leased_until, expires_at)
             values ($1, $2, $3, $4, $5, {{now}} + {LEASE}, {{now}} + {KEPT})
             on conflict (tenant_id, actor_id, key) do update
             set id = excluded.id, payload = excluded.payload, leased_until = excluded.leased_until,
                 expires_at = excluded.expires_at, effect = null, answer = null, sealed = null
             where mutation_key.expires_at <= {{now}}
                or (mutation_key.effect is null and mutation_key.leased_until <= {{now}})
             returning id"
        );
        let values = vec![
            token.into(),
            mutation.tenant.uuid().into(),
            mutation.actor.uuid().into(),
            mutation.key.clone().into(),
            self.vault.blind(self.pool(), mutation.tenant, &mutation.payload).await?.into(),
        ];
        let taken = self.pool().query_one_raw(statement(self.pool(), &sql, values)).await?;
        Ok(taken.map(|_| token))
    }

    async fn known(&self, mutation: &MutationKey) -> Result<Option<Claimed>> {
        let sql = "select id, payload, effect, answer, sealed,
                case when leased_until > {now} then 1 else 0 end as held
             from mutation_key
             where tenant_id = $1 and actor_id = $2 and key = $3";
        let values =
            vec![mutation.tenant.uuid().into(), mutation.actor.uuid().into(), mutation.key.clone().into()];
        let row = self.pool().query_one_raw(statement(self.pool(), sql, values)).await?;
        let Some(row) = row else { return Ok(None) };
        let clear: Option<String> = row.try_get("", "answer")?;
        let answer = match row.try_get::<Option<Vec<u8>>>("", "sealed")? {
            Some(sealed) => {
                let place = place(mutation.tenant.uuid(), row.try_get("", "id")?, mutation.actor.uuid());
                Some(self.vault.open_text(self.pool(), &place, &sealed).await?)
            }
            None => clear,
        };
        let blind = self.vault.blind(self.pool(), mutation.tenant, &mutation.payload).await?;
        state(&row, answer, mutation, &blind).map(Some)
    }

    async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64> {
        Ok(self.pool().execute_raw(statement(self.pool(), sql, values)).await?.rows_affected())
    }
}

fn state(row: &QueryResult, answer: Option<String>, mutation: &MutationKey, blind: &str) -> Result<Claimed> {
    let payload: String = row.try_get("", "payload")?;
    let effect: Option<String> = row.try_get("", "effect")?;
    Ok(match (effect, answer) {
        // One from before the tenant was sealed has no key in it.
        _ if payload != blind && payload != mutation.payload => Claimed::OtherPayload,
        (None, _) => Claimed::UnderWay,
        // Its holder may still be making the answer.
        (Some(_), None) if row.try_get::<i32>("", "held")? == 1 => Claimed::UnderWay,
        (Some(_), Some(answer)) => Claimed::Answered(answer),
        (Some(effect), None) => Claimed::AnswerLost(objects(row, &effect)?),
    })
}

fn objects(row: &QueryResult, effect: &str) -> Result<Vec<ObjectRef>> {
    let id: Uuid = row.try_get("", "id")?;
    let wrong = || broken("mutation_key", "effect", id, effect);
    let stored: Vec<Stored> = serde_json::from_str(effect).map_err(|_| wrong())?;
    let object = |stored: Stored| {
        let kind = ObjectKind::NAMES.iter().find(|(_, name)| *name == stored.kind).ok_or_else(wrong)?.0;
        Ok(ObjectRef { kind, id: stored.id })
    };
    stored.into_iter().map(object).collect()
}

#[async_trait]
impl Keys for Persistence {
    async fn claim(&self, mutation: &MutationKey) -> Result<Claimed, PortError> {
        for _ in 0..TRIES {
            if let Some(token) = self.take(mutation).await? {
                return Ok(Claimed::Mine(Claim { token, tenant: mutation.tenant, actor: mutation.actor }));
            }
            // It may have been freed between the two statements.
            if let Some(known) = self.known(mutation).await? {
                return Ok(known);
            }
        }
        Ok(Claimed::UnderWay)
    }

    async fn keep(&self, claim: &Claim, answer: &str) -> Result<(), PortError> {
        // What changed nothing, successfully, has no effect noted yet.
        let sql =
            "update mutation_key set answer = $2, sealed = $3, effect = coalesce(effect, '[]') where id = $1";
        let place = place(claim.tenant.uuid(), claim.token, claim.actor.uuid());
        let sealed = self.vault.seal_text(self.pool(), &place, answer).await?;
        let clear = sealed.is_none().then_some(answer);
        self.execute(sql, vec![claim.token.into(), clear.into(), sealed.into()]).await?;
        Ok(())
    }

    async fn release(&self, claim: &Claim) -> Result<bool, PortError> {
        let sql = "delete from mutation_key where id = $1 and effect is null";
        Ok(self.execute(sql, vec![claim.token.into()]).await? > 0)
    }

    async fn forget(&self, most: u64) -> Result<u64, PortError> {
        let sql = "delete from mutation_key where id in
             (select id from mutation_key where expires_at <= {now} order by expires_at limit $1)";
        Ok(self.execute(sql, vec![i64::try_from(most).unwrap_or(i64::MAX).into()]).await?)
    }
}
