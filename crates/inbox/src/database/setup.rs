//! What every connection is told, so that what it commits is on the disk; SQLite is asked back.

use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};

use super::Dialect;

/// What each connection to SQLite is told, and what it has to say then.
///
/// The cache is 4 MiB: a larger one is no faster where the index is large, and slower where it is small. Zeroes take the
/// place of what is deleted. SQLite carries no log over by itself while it is in use: each checkpoint is noted.
const SQLITE: [(&str, &str, &str); 8] = [
    ("busy_timeout", "2000", "2000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    // What FULL takes on macOS to be true; other systems have no such thing.
    ("fullfsync", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("secure_delete", "ON", "1"),
    ("cache_size", "-4096", "-4096"),
    ("wal_autocheckpoint", "0", "0"),
];

/// What each connection to PostgreSQL is told: an acknowledged push is on the disk; a transaction sees what others commit
/// meanwhile, and may write, whatever is set there for others; a program that is stopped in the middle of a transaction holds up nobody for long. A plan that was made while the table was empty must not read all of
/// it later.
const POSTGRES: &str = "SELECT set_config('synchronous_commit', \
         CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, \
         false), \
     set_config('default_transaction_isolation', 'read committed', false), \
     set_config('default_transaction_read_only', 'off', false), \
     set_config('enable_seqscan', 'off', false), \
     set_config('statement_timeout', '15s', false), \
     set_config('idle_in_transaction_session_timeout', '10s', false)";

/// The database did not do as it was told.
#[derive(Debug, thiserror::Error)]
#[error("{setting} is {found} there and has to be {expected}")]
struct Unsafe {
    setting: &'static str,
    found: String,
    expected: &'static str,
}

pub(super) async fn set_up(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), sqlx::Error> {
    match dialect {
        Dialect::Sqlite => set_up_sqlite(connection).await,
        Dialect::Postgres => connection.execute(POSTGRES).await.map(drop),
    }
}

async fn set_up_sqlite(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for (setting, value, expected) in SQLITE {
        connection.execute(AssertSqlSafe(format!("PRAGMA {setting} = {value}"))).await?;
        let found = connection.fetch_one(AssertSqlSafe(format!("PRAGMA {setting}"))).await?;
        let found = found.try_get::<String, _>(0).or_else(|_| found.try_get::<i64, _>(0).map(|n| n.to_string()))?;
        if found != expected {
            return Err(sqlx::Error::Configuration(Unsafe { setting, found, expected }.into()));
        }
    }
    // The first look into the file makes SQLite open its log.
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    Ok(())
}
