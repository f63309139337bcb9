//! The audit log.

use super::create;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The audit log.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[allow(elided_lifetimes_in_paths)] // the trait's own signature: written out, async_trait tells them apart
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, include_str!("m0006_audit.sql")).await?;
        // Triggers are the one thing that the two databases have no common words for.
        let guards = match manager.get_database_backend() {
            DbBackend::Sqlite => include_str!("m0006_audit_sqlite.sql"),
            _ => include_str!("m0006_audit_postgresql.sql"),
        };
        create(manager, guards).await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(super::no_way_back())
    }
}
