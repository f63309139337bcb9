//! From the database's errors to the port's few.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use std::ops::Deref;
use thiserror::Error;
use uuid::Uuid;
use waymark_domain::ports::PortError;

/// What can go wrong here.
#[derive(Debug, Error)]
pub enum Fault {
    /// The database or the way to it.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// A row that no version of Waymark writes.
    #[error("the row {id} of table {table} is broken: column {column} has {value:?}")]
    BrokenRow {
        /// Name of the table.
        table: &'static str,
        /// Name of the column.
        column: &'static str,
        /// Primary key of the row.
        id: String,
        /// What stands there.
        value: String,
    },
    /// A value that cannot be written as JSON.
    #[error("a value cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Something sealed that cannot be opened.
    #[error("{column} of the row {row} of table {table} stays sealed: {why}")]
    Sealed {
        /// Name of the table.
        table: &'static str,
        /// Name of the column.
        column: &'static str,
        /// Primary key of the row.
        row: Uuid,
        /// Why.
        why: String,
    },
    /// The cryptography itself does not work.
    #[error("{0}")]
    Cryptography(&'static str),
    /// A port of this crate that another part of it used.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Somebody else changed the same aggregate meanwhile.
    #[error("somebody else changed the same row of table {table}")]
    Conflict {
        /// Name of the table.
        table: &'static str,
    },
}

/// The result of everything here.
pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl From<Fault> for PortError {
    fn from(fault: Fault) -> Self {
        if let Fault::Port(error) = fault {
            return error;
        }
        match &fault {
            Fault::Conflict { .. } => Self::Conflict,
            Fault::Database(error) if is_conflict(error) => Self::Conflict,
            Fault::Database(error) if is_unavailable(error) => Self::Unavailable(Box::new(fault)),
            _ => Self::Internal(Box::new(fault)),
        }
    }
}

/// PostgreSQL's codes for a serialisation failure, a deadlock and a lock that was not available.
const RACES: [&str; 3] = ["40001", "40P01", "55P03"];

fn is_conflict(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
        || sqlstate(error).is_some_and(|code| RACES.contains(&code.as_str()))
}

fn is_unavailable(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error;
    match error {
        // No connection could be made, whatever the reason.
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match cause.deref() {
                Error::Io(_)
                | Error::Protocol(_)
                | Error::PoolTimedOut
                | Error::PoolClosed
                | Error::WorkerCrashed
                | Error::Tls(_) => true,
                // Classes 08 (connection), 53 (resources), 57 (operator intervention); SQLite: 5 is busy.
                Error::Database(cause) => cause.code().is_some_and(|code| {
                    code == "5"
                        || ["08", "53", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                }),
                _ => false,
            }
        }
        _ => false,
    }
}

fn sqlstate(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            Some(cause.as_database_error()?.code()?.into_owned())
        }
        _ => None,
    }
}

/// A value of a row that is one of a table of names.
pub(crate) fn named<T: Copy>(
    names: &[(T, &'static str)],
    table: &'static str,
    column: &'static str,
    id: impl ToString,
    value: &str,
) -> Result<T> {
    let found = names.iter().find(|(_, name)| *name == value).map(|(value, _)| *value);
    found.ok_or_else(|| broken(table, column, id, value))
}

/// A row that no version of Waymark writes.
pub(crate) fn broken(
    table: &'static str,
    column: &'static str,
    id: impl ToString,
    value: impl ToString,
) -> Fault {
    Fault::BrokenRow { table, column, id: id.to_string(), value: value.to_string() }
}
