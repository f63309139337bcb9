//! The first schema: frameworks, people, evidence, levels, and the outbox.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

/// The first schema.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const SCHEMA: &str = include_str!("m0001_initial.sql");

#[allow(elided_lifetimes_in_paths)] // the trait's own signature: written out, async_trait tells them apart
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let types = match manager.get_database_backend() {
            DbBackend::Sqlite => [
                ("uuid", "blob"),
                ("time", "text"),
                ("identity", "integer primary key autoincrement"),
                ("double", "real"),
            ],
            _ => [
                ("uuid", "uuid"),
                ("time", "timestamptz"),
                ("identity", "bigint generated always as identity primary key"),
                ("double", "double precision"),
            ],
        };
        let schema = types
            .iter()
            .fold(SCHEMA.to_owned(), |sql, (token, name)| sql.replace(&format!("{{{token}}}"), name));
        manager.get_connection().execute_unprepared(&schema).await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("schema changes are not taken back: restore a backup instead".to_owned()))
    }
}
