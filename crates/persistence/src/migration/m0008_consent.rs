//! What people agreed to.

use super::create;
use sea_orm_migration::prelude::*;

/// What people agreed to.
#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[allow(elided_lifetimes_in_paths)] // the trait's own signature: written out, async_trait tells them apart
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, include_str!("m0008_consent.sql")).await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(super::no_way_back())
    }
}
