//! Opening the database: every connection set so that what is committed is on the disk, which is then asked back.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::migrate::MigrateError;
use sqlx::{AnyConnection, AssertSqlSafe, Executor, Row};
use tokio::time::sleep;
use weifen_fensi::transport::{Clock, StoreError, StoreErrorKind};

use super::connections::Connections;
use super::file::File;
use super::{Store, schema};
use crate::database::Place;
use crate::dialect::Dialect;
use crate::{Database, OpenError};

/// How many connections to PostgreSQL there may be.
const CONNECTIONS: u32 = 8;
/// How many read a SQLite file beside the one that writes.
const READERS: u32 = 2;
/// How often the tables are tried to be made: another process may be at it.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// What each connection to SQLite is told, and what it has to say then.
///
/// The cache is 4 MiB: a larger one is no faster where the index is large, and slower where it is small. Zeroes take the
/// place of what is deleted. 64 MiB of log are written before they are carried over into the file.
const SQLITE: [(&str, &str, &str); 8] = [
    ("busy_timeout", "2000", "2000"),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    // What FULL takes on macOS to be true; other systems have no such thing.
    ("fullfsync", "ON", "1"),
    ("temp_store", "MEMORY", "2"),
    ("secure_delete", "ON", "1"),
    ("cache_size", "-4096", "-4096"),
    ("wal_autocheckpoint", "16000", "16000"),
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

impl Store {
    pub(crate) async fn open(database: &Database, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let name: Arc<str> = database.to_string().into();
        let failed = |error: sqlx::Error| StoreError::new(&*name, StoreErrorKind::Unusable, error);
        let (dialect, writers, readers, file) = match &database.place {
            Place::Sqlite(path) => {
                built_in(database, cfg!(feature = "sqlite"), "sqlite")?;
                let file = Arc::new(File::prepare(path, database.may_be_made)?);
                let connections =
                    |most| Connections::new(Dialect::Sqlite, &file.url(), Some(file.clone()), most).map_err(failed);
                (Dialect::Sqlite, connections(1)?, connections(READERS)?, Some(file.clone()))
            }
            Place::Postgres(url, _) => {
                built_in(database, cfg!(feature = "postgres"), "postgres")?;
                let connections =
                    Connections::new(Dialect::Postgres, url.expose_secret(), None, CONNECTIONS).map_err(failed)?;
                (Dialect::Postgres, connections.clone(), connections, None)
            }
        };
        let store = Self { name, dialect, clock, writers, readers };
        store.bring_up_to_date().await?;
        if let Some(file) = file {
            let (mut connection, _) = store.read().await.map_err(|error| store.failed(error))?;
            file.remember_inbox(&mut connection).await.map_err(|error| store.failed(error))?;
        }
        store.warn_of_lost_syncs().await;
        Ok(store)
    }

    async fn bring_up_to_date(&self) -> Result<(), OpenError> {
        let mut tries = 0;
        loop {
            let mut connection = self.writers.lend().await.map_err(|error| self.failed(error))?;
            // Steps may take longer than anything else, so it is not used for that.
            connection.is_sound = false;
            tries += 1;
            match schema::bring_up_to_date(&mut connection, self.dialect).await {
                Ok(()) => return Ok(()),
                Err(MigrateError::VersionMissing(_) | MigrateError::VersionTooOld(..)) => {
                    return Err(OpenError::Newer { database: self.name.to_string() });
                }
                Err(error) if tries == TRIES => return Err(self.failed(error.into()).into()),
                // Another process may be at it.
                Err(_) => {
                    drop(connection);
                    sleep(BETWEEN_TRIES).await;
                }
            }
        }
    }

    /// Not ours to change, and a reason to know.
    async fn warn_of_lost_syncs(&self) {
        if self.dialect != Dialect::Postgres {
            return;
        }
        let Ok((mut connection, _)) = self.read().await else { return };
        let fsync = sqlx::query_scalar("SELECT current_setting('fsync')").fetch_one(&mut *connection).await;
        if fsync.is_ok_and(|fsync: String| fsync == "off") {
            tracing::warn!(database = %self.name, "fsync is off in PostgreSQL: acknowledged pushes are lost if its machine fails");
        }
    }
}

pub(super) fn built_in(database: &Database, is: bool, feature: &'static str) -> Result<(), OpenError> {
    if is { Ok(()) } else { Err(OpenError::NotBuiltIn { database: database.to_string(), feature }) }
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
