//! The way to the database: connections, migrations, transactions.

use crate::error::Result;
use crate::migration::Migrator;
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection,
    DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, Value,
    sea_query::{ExprTrait, SimpleExpr},
};
use sea_orm_migration::MigratorTrait;
use std::collections::HashSet;
use std::time::Duration;
use waymark_domain::kernel::DomainId;

/// How to reach a database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// `postgres://...` or `sqlite://FILE`.
    pub url: String,
    /// Most connections at once.
    pub max_connections: u32,
    /// How long PostgreSQL may work on one statement before it gives up; without a bound if none. What a
    /// caller no longer waits for is so not worked on either.
    pub statement_timeout: Option<Duration>,
}

/// A pool of connections to PostgreSQL, or to SQLite for the embedded form.
#[derive(Debug, Clone)]
pub struct Database {
    pool: DatabaseConnection,
}

impl Database {
    /// Connects.
    ///
    /// # Errors
    /// When the database cannot be reached or the URL is not one.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(config.url.clone());
        options
            .max_connections(config.max_connections)
            .acquire_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(5))
            // A broken connection shows in the statement that meets it; a round trip each time would not pay.
            .test_before_acquire(false)
            .sqlx_logging(false)
            .map_sqlx_postgres_opts({
                let timeout = config.statement_timeout;
                move |options| match timeout {
                    Some(timeout) => {
                        options.options([("statement_timeout", timeout.as_millis().to_string())])
                    }
                    None => options,
                }
            })
            .map_sqlx_sqlite_opts(|options| {
                use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
                options
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // What was acknowledged survives even a power cut.
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(5))
                    .foreign_keys(true)
                    // What was deleted, or erased, is overwritten in the file.
                    .pragma("secure_delete", "ON")
            });
        Ok(Self { pool: SeaOrm::connect(options).await? })
    }

    /// How many migrations of this program are not yet applied. Only reads: a process that serves needs no
    /// right to change the schema, and may be older than the schema is.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn pending_migrations(&self) -> Result<usize, DbErr> {
        let names: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
        let backend = self.pool.get_database_backend();
        let exists = match backend {
            DbBackend::Sqlite => "select 1 from sqlite_master where name = 'seaql_migrations'",
            _ => "select 1 where to_regclass('seaql_migrations') is not null",
        };
        if self.pool.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
            return Ok(names.len());
        }
        let applied = Statement::from_string(backend, "select version from seaql_migrations");
        let rows = self.pool.query_all_raw(applied).await?;
        let applied: HashSet<String> =
            rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
        Ok(names.iter().filter(|name| !applied.contains(*name)).count())
    }

    /// Applies the next migration, if there is one; says whether there was.
    ///
    /// # Errors
    /// A fault of the database; the migration is then not applied at all.
    pub async fn migrate_next(&self) -> Result<bool, DbErr> {
        if self.pending_migrations().await? == 0 {
            return Ok(false);
        }
        Migrator::up(&self.pool, Some(1)).await?;
        Ok(true)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.pool.ping().await
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn close(self) -> Result<(), DbErr> {
        self.pool.close().await
    }

    /// The pool, for reading.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// A connection to PostgreSQL beside the pool, made when it is first used; `None` on SQLite, whose one process
    /// needs none.
    pub(crate) fn apart(&self) -> Option<sea_orm::sqlx::PgPool> {
        if self.pool.get_database_backend() != DbBackend::Postgres {
            return None;
        }
        let options = self.pool.get_postgres_connection_pool().connect_options();
        let pool = sea_orm::sqlx::postgres::PgPoolOptions::new().max_connections(1).idle_timeout(None);
        Some(pool.max_lifetime(None).connect_lazy_with((*options).clone()))
    }

    /// A transaction that may write: on SQLite it takes the writer's place at once, so that it never fails
    /// half-way because another one wrote in between.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.pool.begin_with_options(options).await?)
    }
}

/// Runs a statement; says how many rows it changed.
pub(crate) async fn execute(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<u64> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Milliseconds since 1970 by the database's clock, in SQL: the one clock that all processes share.
pub(crate) fn now(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "cast((julianday('now') - 2440587.5) * 86400000 as integer)",
        _ => "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
    }
}

/// The same for a column that may be empty: an empty one is none of them, and `not` of that is true.
pub(crate) fn is_one_of<C: ColumnTrait, I: DomainId>(
    db: &impl ConnectionTrait,
    column: C,
    ids: &[I],
) -> SimpleExpr {
    column.is_not_null().and(one_of(db, column, ids))
}

/// `column` is one of the ids; of a single one it is an equality, so that an index keeps its order.
pub(crate) fn one_of<C: ColumnTrait, I: DomainId>(
    db: &impl ConnectionTrait,
    column: C,
    ids: &[I],
) -> SimpleExpr {
    match ids {
        [id] => column.eq(id.uuid()),
        ids => any(db, column, ids.iter().map(|id| id.uuid())),
    }
}

/// `column = any(values)`: on PostgreSQL one parameter, so that the statement is the same for any number.
pub(crate) fn any<C, V>(
    db: &impl ConnectionTrait,
    column: C,
    values: impl IntoIterator<Item = V>,
) -> SimpleExpr
where
    C: ColumnTrait,
    V: Into<Value> + sea_orm::sea_query::postgres_array::NotU8,
{
    match db.get_database_backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}
