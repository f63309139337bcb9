//! The read tables. They hold what figures are made of, for each person, and nothing else; ids are text, times
//! milliseconds since 1970, so that SQLite and PostgreSQL have the same.

use waymark_consumer::sea_orm::{ConnectionTrait, DbErr, Statement, Value};

const TABLES: [&str; 9] = [
    "create table if not exists insights_team (team_id text not null primary key, key text not null)",
    "create table if not exists insights_skill (skill_id text not null primary key, key text not null)",
    // Whoever was erased stays as an id, so that a late event of another topic brings nothing back.
    "create table if not exists insights_person (
        person_id text not null primary key, team_id text, erased bigint not null default 0)",
    "create table if not exists insights_level (
        person_id text not null, skill_id text not null, level bigint not null, primary key (person_id, skill_id))",
    "create table if not exists insights_attestation (
        event_id text not null primary key, person_id text not null, skill_id text not null, month text not null)",
    "create index if not exists insights_attestation_person on insights_attestation (person_id)",
    "create table if not exists insights_evidence (
        evidence_id text not null primary key, person_id text not null, recorded_at bigint not null,
        accepted_at bigint)",
    "create index if not exists insights_evidence_person on insights_evidence (person_id)",
    "create table if not exists insights_claim (
        evidence_id text not null, skill_id text not null, primary key (evidence_id, skill_id))",
];

/// Every table.
pub const NAMES: [&str; 7] = ["team", "skill", "person", "level", "attestation", "evidence", "claim"];

/// Makes the tables that are missing.
pub async fn create(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    for sql in TABLES {
        database.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Empties every table.
pub async fn clear(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    for name in NAMES {
        database.execute_unprepared(&format!("delete from insights_{name}")).await?;
    }
    Ok(())
}

/// A statement for this database.
pub fn statement(
    database: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(database.get_database_backend(), sql, values)
}
