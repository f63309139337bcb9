//! Schema migrations, in the binary. Each is written once for both databases.

mod m0001_initial;
mod m0002_integrity;
mod m0003_access;
mod m0005_privacy;
mod m0006_audit;
mod m0007_sealing;
mod m0008_consent;
mod m0009_export;
mod m0010_retention;
mod m0011_states;

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

/// All migrations, oldest first.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Migration),
            Box::new(m0002_integrity::Migration),
            Box::new(m0003_access::Migration),
            Box::new(m0005_privacy::Migration),
            Box::new(m0006_audit::Migration),
            Box::new(m0007_sealing::Migration),
            Box::new(m0008_consent::Migration),
            Box::new(m0009_export::Migration),
            Box::new(m0010_retention::Migration),
            Box::new(m0011_states::Migration),
        ]
    }
}

/// Runs statements in which `{uuid}`, `{blob}`, `{time}`, `{identity}` and `{double}` stand for the database's own types.
async fn create(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let types = match manager.get_database_backend() {
        DbBackend::Sqlite => [
            ("uuid", "blob"),
            ("blob", "blob"),
            ("time", "text"),
            ("identity", "integer primary key autoincrement"),
            ("double", "real"),
        ],
        _ => [
            ("uuid", "uuid"),
            ("blob", "bytea"),
            ("time", "timestamptz"),
            ("identity", "bigint generated always as identity primary key"),
            ("double", "double precision"),
        ],
    };
    let named = |sql: String, (token, name): (&str, &str)| sql.replace(&format!("{{{token}}}"), name);
    let schema = types.into_iter().fold(sql.to_owned(), named);
    manager.get_connection().execute_unprepared(&schema).await?;
    Ok(())
}

fn no_way_back() -> DbErr {
    DbErr::Migration("schema changes are not taken back: restore a backup instead".to_owned())
}
