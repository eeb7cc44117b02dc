//! A read-only look at a database, which makes, changes and locks nothing.

use std::path::Path;
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tokio::time::sleep;
use weifen_transport::{Clock, StoreError, StoreErrorKind, SystemClock};

use super::address::Address;
use super::connections::without_values;
use super::file::Paths;
use super::pool::{Silent, built_in};
use super::{Database, Dialect, OpenError, fault, milliseconds};

/// Pause before a file that could not be read is tried once more.
const AGAIN: Duration = Duration::from_millis(100);

/// Settings of the session: read-only, with short timeouts, so that it delays nobody for long.
const POSTGRES: &str = "SELECT set_config('default_transaction_read_only', 'on', false), \
     set_config('statement_timeout', '15s', false), set_config('lock_timeout', '2s', false)";

/// Settings of PostgreSQL that decide whether a commit is on the disk.
const POSTGRES_SETTINGS: [&str; 4] = ["server_version", "fsync", "full_page_writes", "synchronous_commit"];

/// A read-only connection, with the database's version and settings.
#[derive(Debug)]
pub struct Look {
    /// The connection.
    pub connection: AnyConnection,
    dialect: Dialect,
    /// Version of its tables; `None` where it has none.
    pub version: Option<i64>,
    /// Settings of the database, by their names.
    pub settings: Vec<(&'static str, String)>,
    /// Time of a SQLite file's last backup, if it was noted.
    pub backed_up_at: Option<SystemTime>,
}

impl Database {
    /// Opens a read-only look, whether a server uses the database or not.
    pub async fn look(&self) -> Result<Look, OpenError> {
        sqlx::any::install_default_drivers();
        match &self.address {
            Address::Sqlite(path) => self.look_into_file(path).await,
            Address::Postgres(url, _) => {
                built_in(self, cfg!(feature = "postgres"), "postgres")?;
                Ok(Look::open(Dialect::Postgres, url.expose_secret()).await.map_err(|error| self.failed(error))?)
            }
        }
    }

    async fn look_into_file(&self, path: &Path) -> Result<Look, OpenError> {
        built_in(self, cfg!(feature = "sqlite"), "sqlite")?;
        let paths = Paths::prepare(path, false)?;
        let (note, is_own) = paths.look_at_note().await?;
        // A server has checked both, and changes them now.
        if !is_own && self.served_by()?.is_none() && paths.is_seen_unsound().await {
            return Err(paths.other_log());
        }
        let mode = paths.journal_mode().map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let mut looked = Look::open(Dialect::Sqlite, &paths.url_to_look()).await;
        if looked.is_err() {
            // A program that just closed the file has removed its log.
            sleep(AGAIN).await;
            looked = Look::open(Dialect::Sqlite, &paths.url_to_look()).await;
        }
        let mut look = looked.map_err(|error| self.failed(error))?;
        look.settings.push(("journal_mode", mode.to_owned()));
        look.backed_up_at = note.backed_up_at.map(|at| SystemTime::UNIX_EPOCH + Duration::from_secs(at.unsigned_abs()));
        Ok(look)
    }

    /// Returns the error of a database that can't be read.
    pub fn failed(&self, error: sqlx::Error) -> StoreError {
        let dialect = match self.address {
            Address::Sqlite(_) => Dialect::Sqlite,
            Address::Postgres(..) => Dialect::Postgres,
        };
        StoreError::new(self.to_string(), fault::kind(dialect, &error), error)
    }

    /// Returns the error of a database that does not answer.
    pub fn silent(&self) -> StoreError {
        StoreError::new(self.to_string(), StoreErrorKind::Unavailable, Silent)
    }
}

impl Look {
    async fn open(dialect: Dialect, url: &str) -> Result<Self, sqlx::Error> {
        let mut connection = AnyConnection::connect(url).await.map_err(without_values)?;
        let mut settings = Vec::new();
        if dialect == Dialect::Postgres {
            connection.execute(POSTGRES).await?;
            settings = postgres_settings(&mut connection).await?;
        }
        let version = version(&mut connection, dialect).await?;
        Ok(Self { connection, dialect, version, settings, backed_up_at: None })
    }

    /// Returns the time in milliseconds since 1970: PostgreSQL's own, or for SQLite this machine's.
    pub async fn now(&mut self) -> Result<i64, sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => Ok(milliseconds::since_1970(SystemClock.wall())),
            Dialect::Postgres => {
                let sql = format!("SELECT {}", self.dialect.now());
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await
            }
        }
    }
}

async fn postgres_settings(connection: &mut AnyConnection) -> Result<Vec<(&'static str, String)>, sqlx::Error> {
    let mut settings = Vec::new();
    for name in POSTGRES_SETTINGS {
        let sql = "SELECT current_setting($1)";
        settings.push((name, sqlx::query_scalar(sql).bind(name).fetch_one(&mut *connection).await?));
    }
    Ok(settings)
}

/// Returns the version of the tables; `None` where there are none of ours.
///
/// # Errors
/// When the database can't be read.
pub async fn version(connection: &mut AnyConnection, dialect: Dialect) -> Result<Option<i64>, sqlx::Error> {
    let tables = match dialect {
        Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
        Dialect::Postgres => "SELECT COUNT(to_regclass('_sqlx_migrations'))",
    };
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut *connection).await?;
    if tables == 0 {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(connection).await
}
