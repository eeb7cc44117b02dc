//! A look at a database from outside, which makes, changes and locks nothing.

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tokio::time::{sleep, timeout};
use weifen_fensi::transport::{Clock, StoreError, StoreErrorKind, SystemClock};

use super::connections::without_values;
use super::fault;
use super::file::File;
use super::health::{self, Stats};
use super::opening::built_in;
use super::{LONGEST, Silent, column, schema};
use crate::database::Place;
use crate::dialect::Dialect;
use crate::milliseconds;
use crate::{Database, OpenError};

/// After how long a file that could not be looked into is tried once more.
const AGAIN: Duration = Duration::from_millis(100);

/// Reads only, and is not waited for by anybody else for long.
const POSTGRES: &str = "SELECT set_config('default_transaction_read_only', 'on', false), \
     set_config('statement_timeout', '15s', false), set_config('lock_timeout', '2s', false)";

/// Settings of PostgreSQL on which it depends whether an acknowledged push is on the disk.
const POSTGRES_SETTINGS: [&str; 4] = ["server_version", "fsync", "full_page_writes", "synchronous_commit"];

/// What a database is like.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
    /// The version of its tables; `None` where it has none of ours yet.
    pub version: Option<i64>,
    /// The version that this program makes.
    pub latest: i64,
    /// The database's own settings, by their names: of SQLite `journal_mode` (`wal` or `rollback`),
    /// of PostgreSQL `server_version`, `fsync`,
    /// `full_page_writes` and `synchronous_commit`.
    pub settings: Vec<(&'static str, String)>,
    /// What is in it; `None` where its tables are of another version.
    pub stats: Option<Stats>,
}

impl Database {
    /// Looks into the database, whether a server uses it or not. Makes no file, changes no table, and never waits for
    /// longer than 10 s.
    ///
    /// # Errors
    /// As [`Inbox::open`](crate::Inbox::open) would fail: there is no such file, it stands where locks don't hold, the
    /// server can't be reached, or what is there is no database.
    pub async fn inspect(&self) -> Result<Inspection, OpenError> {
        sqlx::any::install_default_drivers();
        let work = async {
            match &self.place {
                Place::Sqlite(path) => self.look_into_file(path).await,
                Place::Postgres(url, _) => {
                    built_in(self, cfg!(feature = "postgres"), "postgres")?;
                    Ok(look(Dialect::Postgres, url.expose_secret())
                        .await
                        .map_err(|error| self.failed(Dialect::Postgres, error))?)
                }
            }
        };
        let silent = |_| StoreError::new(self.to_string(), StoreErrorKind::Unavailable, Silent);
        timeout(LONGEST, work).await.unwrap_or_else(|late| Err(silent(late).into()))
    }

    async fn look_into_file(&self, path: &Path) -> Result<Inspection, OpenError> {
        built_in(self, cfg!(feature = "sqlite"), "sqlite")?;
        let file = File::prepare(path, false)?;
        let mode = file.journal_mode().map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let mut looked = look(Dialect::Sqlite, &file.url_to_look()).await;
        if looked.is_err() {
            // Whoever has just closed it has taken its log away.
            sleep(AGAIN).await;
            looked = look(Dialect::Sqlite, &file.url_to_look()).await;
        }
        let mut inspection = looked.map_err(|error| self.failed(Dialect::Sqlite, error))?;
        inspection.settings.push(("journal_mode", mode.to_owned()));
        Ok(inspection)
    }

    fn failed(&self, dialect: Dialect, error: sqlx::Error) -> StoreError {
        StoreError::new(self.to_string(), fault::kind(dialect, &error), error)
    }
}

async fn look(dialect: Dialect, url: &str) -> Result<Inspection, sqlx::Error> {
    let mut connection = AnyConnection::connect(url).await.map_err(without_values)?;
    let looked = look_through(&mut connection, dialect).await;
    connection.close().await?;
    looked
}

async fn look_through(connection: &mut AnyConnection, dialect: Dialect) -> Result<Inspection, sqlx::Error> {
    let mut settings = Vec::new();
    if dialect == Dialect::Postgres {
        connection.execute(POSTGRES).await?;
        settings = postgres_settings(connection).await?;
    }
    let (version, latest) = (version(connection, dialect).await?, schema::LATEST);
    let stats = if version == Some(latest) { Some(stats(connection, dialect).await?) } else { None };
    Ok(Inspection { version, latest, settings, stats })
}

async fn postgres_settings(connection: &mut AnyConnection) -> Result<Vec<(&'static str, String)>, sqlx::Error> {
    let mut settings = Vec::new();
    for name in POSTGRES_SETTINGS {
        let sql = "SELECT current_setting($1)";
        settings.push((name, sqlx::query_scalar(sql).bind(name).fetch_one(&mut *connection).await?));
    }
    Ok(settings)
}

async fn version(connection: &mut AnyConnection, dialect: Dialect) -> Result<Option<i64>, sqlx::Error> {
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

async fn stats(connection: &mut AnyConnection, dialect: Dialect) -> Result<Stats, sqlx::Error> {
    let now = match dialect {
        Dialect::Sqlite => milliseconds::since_1970(SystemClock.wall()),
        Dialect::Postgres => {
            let sql = format!("SELECT {} AS now", dialect.now());
            column(&sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?, "now")?
        }
    };
    let waiting = health::waiting(connection, now).await?;
    health::stats(connection, now, waiting).await
}
