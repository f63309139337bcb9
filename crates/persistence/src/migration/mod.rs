//! Schema migrations, in the binary. Each is written once for both databases.

mod m0001_initial;
mod m0002_integrity;

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};

/// All migrations, oldest first.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_initial::Migration), Box::new(m0002_integrity::Migration)]
    }
}

/// Runs statements that are written once for both databases: `{uuid}`, `{time}` and `{identity}` stand for the
/// database's own types.
async fn run(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let types = match manager.get_database_backend() {
        DbBackend::Sqlite => {
            [("uuid", "blob"), ("time", "text"), ("identity", "integer primary key autoincrement")]
        }
        _ => [
            ("uuid", "uuid"),
            ("time", "timestamptz"),
            ("identity", "bigint generated always as identity primary key"),
        ],
    };
    let own = |sql: String, (token, name): &(&str, &str)| sql.replace(&format!("{{{token}}}"), name);
    manager.get_connection().execute_unprepared(&types.iter().fold(statements.to_owned(), own)).await?;
    Ok(())
}
