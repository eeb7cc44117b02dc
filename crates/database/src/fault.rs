//! The kind of a database's error: the database is unreachable, locked or full (`Unavailable`), or unusable.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use weifen_transport::StoreErrorKind;
use weifen_transport::StoreErrorKind::{Unavailable, Unusable};

use super::Dialect;

/// SQLite's SQLITE_BUSY.
const BUSY: u32 = 5;
const CORRUPT: u32 = 11;
const NOTADB: u32 = 26;

pub(super) fn kind(dialect: Dialect, error: &sqlx::Error) -> StoreErrorKind {
    match error {
        sqlx::Error::Io(error) if dialect == Dialect::Sqlite => error.into(),
        // Network errors; a socket's file does not exist while its server is away.
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            Unavailable
        }
        sqlx::Error::Database(error) => error.code().map_or(Unusable, |code| of_code(&code)),
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => kind(dialect, error),
            _ => Unusable,
        },
        _ => Unusable,
    }
}

/// Returns true where the connection was lost, or none can be had for a moment: the database is restarting or failing
/// over. The statement that was under way may have been executed or not.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        // A server that shuts down may cut an answer short, and one that starts may be slow to accept a connection.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolTimedOut => true,
        // Connection exceptions; too_many_connections; admin_shutdown, crash_shutdown, cannot_connect_now,
        // idle_session_timeout; read-only.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08") || ["53300", "57P01", "57P02", "57P03", "57P05", "25006"].contains(&&*code)
        }),
        _ => false,
    }
}

/// Returns true where another connection holds a lock of SQLite's.
pub fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| of_sqlite(&code) == Some(BUSY))
}

/// SQLite's SQLITE_CORRUPT and SQLITE_NOTADB: the file is damaged.
pub fn is_damage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Migrate(error) => match &**error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => is_damage(error),
            _ => false,
        },
        error => {
            let code = error.as_database_error().and_then(DatabaseError::code);
            code.is_some_and(|code| matches!(of_sqlite(&code), Some(CORRUPT | NOTADB)))
        }
    }
}

fn of_code(code: &str) -> StoreErrorKind {
    match of_sqlite(code) {
        // BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, FULL, PROTOCOL (a lock timed out).
        Some(BUSY | 6 | 7 | 9 | 10 | 13 | 15) => Unavailable,
        Some(_) => Unusable,
        None => of_postgres(code),
    }
}

/// Returns the primary code of one of SQLite's codes, which are shorter than PostgreSQL's.
fn of_sqlite(code: &str) -> Option<u32> {
    const OF_POSTGRES: usize = 5;
    if code.len() == OF_POSTGRES { None } else { code.parse::<u32>().ok().map(|code| code & 0xff) }
}

fn of_postgres(code: &str) -> StoreErrorKind {
    match code {
        // lock_not_available, object_in_use; read_only_sql_transaction, as of a standby.
        "55P03" | "55006" | "25006" => Unavailable,
        // database_dropped.
        "57P04" => Unusable,
        // Connection, transaction rollback, insufficient resources, operator intervention, system error.
        _ if ["08", "40", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default()) => Unavailable,
        _ => Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_a_code_of_sqlite_and_none_of_postgresql() {
        for busy in ["5", "261", "517", "773"] {
            assert_eq!(of_sqlite(busy), Some(BUSY), "{busy}");
        }
        // SQLite: locked, full disk; PostgreSQL: missing privilege, bytes that are no text.
        for other in ["6", "13", "42501", "22021", "", "57P03"] {
            assert_ne!(of_sqlite(other), Some(BUSY), "{other}");
        }
    }

    #[test]
    fn what_is_away_locked_or_full_may_be_tried_again_and_what_is_broken_may_not() {
        // SQLite: busy, locked by a checkpoint, read and write errors, full.
        for code in ["5", "261", "6", "10", "778", "3850", "13"] {
            assert_eq!(of_code(code), Unavailable, "{code}");
        }
        // Permission, read-only, corrupt, can't open, no database.
        for code in ["3", "8", "11", "267", "14", "26"] {
            assert_eq!(of_code(code), Unusable, "{code}");
        }
        // PostgreSQL: lost, full disk, too many connections, timed out, shutting down, starting, locked, I/O, standby.
        for code in ["08006", "53100", "53300", "57014", "57P01", "57P03", "55P03", "58030", "25006"] {
            assert_eq!(of_code(code), Unavailable, "{code}");
        }
        // Password, user, database, table, permission, corrupt data and index.
        for code in ["28P01", "28000", "3D000", "42P01", "42501", "XX001", "XX002", "57P04", ""] {
            assert_eq!(of_code(code), Unusable, "{code}");
        }
    }

    #[test]
    fn an_error_of_a_migration_is_that_of_its_statement() {
        let full = || sqlx::Error::Io(std::io::ErrorKind::StorageFull.into());
        let step = sqlx::Error::from(MigrateError::ExecuteMigration(full(), 1));
        assert_eq!(kind(Dialect::Sqlite, &step), Unavailable);
        assert_eq!(kind(Dialect::Sqlite, &MigrateError::VersionMismatch(1).into()), Unusable);
    }

    #[test]
    fn a_socket_that_is_not_there_is_a_server_that_is_away_and_a_file_a_wrong_path() {
        let missing = || sqlx::Error::Io(std::io::ErrorKind::NotFound.into());
        assert_eq!(kind(Dialect::Postgres, &missing()), Unavailable);
        assert_eq!(kind(Dialect::Sqlite, &missing()), Unusable);
    }
}
