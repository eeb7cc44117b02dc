//! Settings of every connection, so that its commits are on the disk. SQLite is asked whether each took effect.

use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};

use super::Dialect;

/// Settings of each SQLite connection: name, value, and the answer that is expected.
///
/// The cache is 4 MiB: a larger one is no faster with a large index, and slower with a small one. Deleted data is
/// overwritten with zeroes. SQLite makes no checkpoint by itself while it is in use: each of ours is noted.
const SQLITE: [(&str, &str, &str); 8] = [
    ("busy_timeout", "2000", "2000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    // FULL needs this on macOS; other systems ignore it.
    ("fullfsync", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("secure_delete", "ON", "1"),
    ("cache_size", "-4096", "-4096"),
    ("wal_autocheckpoint", "0", "0"),
];

/// Settings of each PostgreSQL connection. An acknowledged push is on the disk. A transaction sees what others commit
/// meanwhile, and may write, whatever the server's defaults. A program that is stopped within a transaction blocks
/// others for 10 s at most. A plan that was made while the table was empty must not scan all of it later.
const POSTGRES: &str = "SELECT set_config('synchronous_commit', \
         CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, \
         false), \
     set_config('default_transaction_isolation', 'read committed', false), \
     set_config('default_transaction_read_only', 'off', false), \
     set_config('enable_seqscan', 'off', false), \
     set_config('statement_timeout', '15s', false), \
     set_config('idle_in_transaction_session_timeout', '10s', false)";

/// The error of a setting that did not take effect.
#[derive(Debug, thiserror::Error)]
#[error("{setting} is {found} but must be {expected}")]
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
    // The first query makes SQLite open its log.
    connection.execute("SELECT count(*) FROM sqlite_schema").await?;
    Ok(())
}
