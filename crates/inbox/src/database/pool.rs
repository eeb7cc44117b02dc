//! A database that is open: its connections, by which it is read and written.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::AnyRow;
use sqlx::migrate::MigrateError;
use sqlx::{Any, AssertSqlSafe, Execute, Executor, Row};
use tokio::time::{sleep, timeout};
use weifen_transport::{Clock, StoreError, StoreErrorKind};

use super::address::Address;
use super::carrying_over::CarryingOver;
use super::connections::{Connections, PATIENCE};
use super::file::{File, Paths};
use super::{Database, Dialect, Lent, Migrations, OpenError, fault, is_damage, milliseconds};

/// How long anybody waits for a database that says nothing. Whoever pushes has to be answered.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);

/// How long an attempt is made again: a little less, so that whoever waits is told why in time.
const WHILE_LOST: Duration = Duration::from_millis(9900);

/// How many connections to PostgreSQL there may be.
const CONNECTIONS: u32 = 8;
/// How many read a SQLite file beside the one that writes.
const READERS: u32 = 2;
/// How often the tables are tried to be made: another process may be at it.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// The connections to one database. Whatever fails closes them: the next one begins anew.
pub(crate) struct Pool {
    name: Arc<str>,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    /// Of SQLite one connection alone, so that its writers wait for each other here and not in the file's lock.
    writers: Arc<Connections>,
    readers: Arc<Connections>,
    /// Of SQLite.
    file: Option<Arc<File>>,
    carrying_over: CarryingOver,
}

/// The database neither did what it was asked to nor refused: it may do it yet.
#[derive(Debug, thiserror::Error)]
#[error("it did not answer within {} s", LONGEST.as_secs())]
pub(super) struct Silent;

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A transaction that writes. Dropped before its commit, it has changed nothing.
pub(crate) struct Writing<'a> {
    pool: &'a Pool,
    pub(crate) connection: Lent,
    /// The database's time: several machines have one clock there.
    pub(crate) now: i64,
}

impl Pool {
    /// Opens the database, and applies what it lacks of the migrations.
    pub(crate) async fn open(
        database: &Database,
        clock: Arc<dyn Clock>,
        migrations: Migrations,
    ) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let name: Arc<str> = database.to_string().into();
        let failed = |error: sqlx::Error| StoreError::new(&*name, StoreErrorKind::Unusable, error);
        let (dialect, writers, readers, file) = match &database.address {
            Address::Sqlite(path) => {
                built_in(database, cfg!(feature = "sqlite"), "sqlite")?;
                let file = Arc::new(File::new(Paths::prepare(path, database.may_be_made)?));
                file.examine().await?;
                let connections = |most| {
                    Connections::new(Dialect::Sqlite, &file.paths.url(), Some(file.clone()), most).map_err(failed)
                };
                (Dialect::Sqlite, connections(1)?, connections(READERS)?, Some(file.clone()))
            }
            Address::Postgres(url, _) => {
                built_in(database, cfg!(feature = "postgres"), "postgres")?;
                let connections =
                    Connections::new(Dialect::Postgres, url.expose_secret(), None, CONNECTIONS).map_err(failed)?;
                (Dialect::Postgres, connections.clone(), connections, None)
            }
        };
        let pool = Self { name, dialect, clock, writers, readers, file, carrying_over: CarryingOver::default() };
        pool.migrate(migrations).await?;
        if let Some(file) = &pool.file {
            let (mut connection, _) = pool.read().await.map_err(|error| pool.failed(error))?;
            file.remember(&mut connection).await.map_err(|error| pool.failed(error))?;
        }
        pool.warn_of_lost_syncs().await;
        Ok(pool)
    }

    async fn migrate(&self, migrations: Migrations) -> Result<(), OpenError> {
        let mut tries = 0;
        loop {
            let mut connection = self.writers.lend().await.map_err(|error| self.failed(error))?;
            // Steps may take longer than anything else, so it is not used for that.
            connection.is_sound = false;
            tries += 1;
            match migrations.apply(&mut connection, self.dialect).await {
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

    /// The database, as its operator knows it.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> Option<&Arc<File>> {
        self.file.as_ref()
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    /// Whatever it was, no connection from before it is used again.
    pub(crate) fn failed(&self, error: sqlx::Error) -> StoreError {
        if let Some(file) = self.file.as_ref().filter(|_| is_damage(&error)) {
            file.note_damage();
        }
        self.failed_as(fault::kind(self.dialect, &error), error)
    }

    /// The same for what is no error of the database itself.
    pub(crate) fn failed_as(
        &self,
        kind: StoreErrorKind,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> StoreError {
        self.readers.renew();
        self.writers.renew();
        StoreError::new(&*self.name, kind, error)
    }

    /// Does not wait forever.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        timeout(LONGEST, work).await.unwrap_or_else(|_| Err(self.failed_as(StoreErrorKind::Unavailable, Silent)))
    }

    /// Makes `attempt` again while its connection is lost, as long as whoever pushes waits.
    pub(crate) async fn while_lost<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        let mut last = None;
        let trying = async {
            loop {
                match attempt().await {
                    Err(error) if self.has_lost(&error) => last = Some(error),
                    done => return done,
                }
                sleep(BETWEEN_TRIES).await;
            }
        };
        match timeout(WHILE_LOST, trying).await {
            Ok(done) => done,
            Err(_) => Err(last.unwrap_or_else(|| self.failed_as(StoreErrorKind::Unavailable, Silent))),
        }
    }

    /// A file has no connection to lose.
    fn has_lost(&self, error: &StoreError) -> bool {
        let error = std::error::Error::source(error).and_then(|error| error.downcast_ref::<sqlx::Error>());
        self.dialect == Dialect::Postgres && error.is_some_and(fault::is_lost)
    }

    /// Begins to write.
    pub(crate) async fn write(&self) -> Result<Writing<'_>, sqlx::Error> {
        // In one message.
        let sql = format!("{}; {}", self.dialect.begin(), self.what_time_it_is());
        let (mut connection, rows) = self.lend(&self.writers, || AssertSqlSafe(sql.clone())).await?;
        // Not before what it began has ended.
        connection.is_sound = false;
        Ok(Writing { pool: self, connection, now: self.now(&rows)? })
    }

    /// A connection to read with, and the database's time.
    pub(crate) async fn read(&self) -> Result<(Lent, i64), sqlx::Error> {
        let sql = self.what_time_it_is();
        let (connection, rows) = self.lend(&self.readers, || AssertSqlSafe(sql.clone())).await?;
        Ok((connection, self.now(&rows)?))
    }

    fn what_time_it_is(&self) -> String {
        format!("SELECT {} AS now", self.dialect.now())
    }

    /// A connection to write with, and what it answered to this question, a text or a query that is made anew where a
    /// connection turns out to have been cut.
    pub(crate) async fn ask<W>(&self, question: impl Fn() -> W) -> Result<(Lent, Vec<AnyRow>), sqlx::Error>
    where
        W: Execute<'static, Any> + 'static,
    {
        self.lend(&self.writers, question).await
    }

    /// A connection, and what it answered to the first that it was asked.
    async fn lend<W>(
        &self,
        from: &Arc<Connections>,
        first_question: impl Fn() -> W,
    ) -> Result<(Lent, Vec<AnyRow>), sqlx::Error>
    where
        W: Execute<'static, Any> + 'static,
    {
        if let Some(file) = self.file.as_ref().filter(|_| Arc::ptr_eq(from, &self.writers)) {
            file.refuse_damaged()?;
        }
        loop {
            let mut connection = from.lend().await?;
            connection.is_sound = false;
            // One that was used may have been cut since. A new one is waited for as long as anybody waits.
            let may_be_cut = connection.is_used && self.dialect == Dialect::Postgres;
            let answer =
                timeout(if may_be_cut { PATIENCE } else { LONGEST }, connection.fetch_all(first_question())).await;
            match answer.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))) {
                Ok(rows) => {
                    connection.is_sound = true;
                    return Ok((connection, rows));
                }
                // Nothing depends on it yet, so a new one is asked.
                Err(_) if may_be_cut => from.renew(),
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes sure that what was committed is where the next one finds it, and carries the log over where it is long.
    pub(crate) async fn committed(&self, connection: &mut Lent) -> Result<(), sqlx::Error> {
        connection.check().await?;
        if let Some(file) = &self.file
            && file.has_long_log(connection).await
        {
            self.carrying_over.begin(file, &self.readers, &self.writers);
        }
        Ok(())
    }

    /// What time it is, in milliseconds since 1970, by the clock that all who use this database share: a machine's, or
    /// that of the server, which told it as `now`.
    pub(crate) fn now(&self, rows: &[AnyRow]) -> Result<i64, sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => Ok(milliseconds::since_1970(self.clock.wall())),
            Dialect::Postgres => rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get("now"),
        }
    }
}

impl Writing<'_> {
    pub(crate) fn dialect(&self) -> Dialect {
        self.pool.dialect
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        self.connection.execute("COMMIT").await.map_err(failed)?;
        self.pool.committed(&mut self.connection).await.map_err(failed)?;
        self.connection.is_sound = true;
        Ok(())
    }
}

impl Database {
    /// The places of its files; none of PostgreSQL.
    pub(crate) fn paths(&self) -> Result<Option<Paths>, OpenError> {
        let Address::Sqlite(path) = &self.address else { return Ok(None) };
        built_in(self, cfg!(feature = "sqlite"), "sqlite")?;
        Ok(Some(Paths::at(path)?))
    }
}

pub(super) fn built_in(database: &Database, is: bool, feature: &'static str) -> Result<(), OpenError> {
    if is { Ok(()) } else { Err(OpenError::NotBuiltIn { database: database.to_string(), feature }) }
}
