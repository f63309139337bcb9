//! Who was erased: their ids alone, which name nobody. An event of another topic may come later than the erasure, and
//! the directory may be older than it.

use uuid::Uuid;
use waymark_consumer::sea_orm::{ConnectionTrait, DbErr, Statement};

/// Makes the table unless it is there.
pub async fn create(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    let sql = "create table if not exists notifier_erased (person_id text not null primary key)";
    database.execute_unprepared(sql).await.map(drop)
}

/// From now on the person is erased.
pub async fn insert(database: &impl ConnectionTrait, person: Uuid) -> Result<(), DbErr> {
    let sql = "insert into notifier_erased (person_id) values ($1) on conflict do nothing";
    database.execute_raw(statement(database, sql, person)).await.map(drop)
}

/// Whether the person was erased.
pub async fn contains(database: &impl ConnectionTrait, person: Uuid) -> Result<bool, DbErr> {
    let sql = "select 1 as found from notifier_erased where person_id = $1";
    Ok(database.query_one_raw(statement(database, sql, person)).await?.is_some())
}

fn statement(database: &impl ConnectionTrait, sql: &str, person: Uuid) -> Statement {
    Statement::from_sql_and_values(database.get_database_backend(), sql, [person.to_string().into()])
}
