//! An open database: its connections for reading and writing.

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
use super::commit_thread::CommitThread;
use super::connections::{Connections, PATIENCE};
use super::file::{File, Paths};
use super::{Database, Dialect, Lent, OpenError, fault, is_damage, migrations, milliseconds};

/// Timeout of one operation on the database. The sender of a push waits for its answer.
pub const LONGEST: Duration = Duration::from_secs(10);

/// Time for which a lost connection is retried: less than [`LONGEST`], so that the caller gets the real error.
const WHILE_LOST: Duration = Duration::from_millis(9900);

/// Number of connections to PostgreSQL, at the most.
const CONNECTIONS: u32 = 8;
/// Number of reader connections to a SQLite file.
const READERS: u32 = 2;
/// Number of attempts to migrate: another process may be migrating too.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// The connections to one database. After any failure all of them are replaced.
pub struct Pool {
    name: Arc<str>,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    /// A single connection for SQLite, so that its writers queue here and not at the file's lock.
    writers: Arc<Connections>,
    readers: Arc<Connections>,
    /// The file of a SQLite database.
    file: Option<Arc<File>>,
    carrying_over: CarryingOver,
    /// `Some` for a SQLite database.
    commit_thread: Option<CommitThread>,
}

/// The error of a database that timed out: the write may still be committed.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s", LONGEST.as_secs())]
pub(super) struct Silent;

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A write transaction. Dropped before its commit, it has changed nothing.
#[derive(Debug)]
pub struct Writing<'a> {
    pool: &'a Pool,
    /// The connection that the transaction runs on.
    pub connection: Lent,
    /// The database's time, in milliseconds since 1970: servers on several machines share PostgreSQL's clock.
    pub now: i64,
}

impl Pool {
    /// Opens the database, and applies the migrations that it lacks.
    pub async fn open(database: &Database, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
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
        let commit_thread = file.is_some().then(CommitThread::start).transpose();
        let commit_thread =
            commit_thread.map_err(|error| StoreError::new(&*name, StoreErrorKind::Unavailable, error))?;
        let carrying_over = CarryingOver::default();
        let pool = Self { name, dialect, clock, writers, readers, file, carrying_over, commit_thread };
        pool.migrate().await?;
        if let Some(file) = &pool.file {
            let (mut connection, _) = pool.read().await.map_err(|error| pool.failed(error))?;
            file.remember(&mut connection).await.map_err(|error| pool.failed(error))?;
        }
        pool.warn_of_lost_syncs().await;
        Ok(pool)
    }

    async fn migrate(&self) -> Result<(), OpenError> {
        let mut tries = 0;
        loop {
            let mut connection = self.writers.lend().await.map_err(|error| self.failed(error))?;
            // Not sound until the migrations are done.
            connection.is_sound = false;
            tries += 1;
            if tries == 1
                && let Some(version) = migrations::older_version(&mut connection).await
            {
                tracing::info!(database = %self.name, version, latest = migrations::latest_version(), "upgrading the \
                    tables; this takes some seconds per million events");
            }
            match migrations::apply(&mut connection, self.dialect).await {
                Ok(()) => {
                    // PostgreSQL's has no timeout now, and is used for nothing else.
                    connection.is_sound = self.dialect == Dialect::Sqlite;
                    return Ok(());
                }
                Err(MigrateError::VersionMissing(_) | MigrateError::VersionTooOld(..)) => {
                    return Err(OpenError::Newer { database: self.name.to_string() });
                }
                Err(error) if tries == TRIES => return Err(self.failed(error.into()).into()),
                // Another process may be migrating.
                Err(_) => {
                    drop(connection);
                    sleep(BETWEEN_TRIES).await;
                }
            }
        }
    }

    /// Warns if PostgreSQL's `fsync` is off, which is not ours to change.
    async fn warn_of_lost_syncs(&self) {
        if self.dialect != Dialect::Postgres {
            return;
        }
        let Ok((mut connection, _)) = self.read().await else { return };
        let fsync = sqlx::query_scalar("SELECT current_setting('fsync')").fetch_one(&mut *connection).await;
        if fsync.is_ok_and(|fsync: String| fsync == "off") {
            tracing::warn!(database = %self.name, "fsync is off in PostgreSQL: acknowledged pushes are lost if the \
                machine of the database fails");
        }
    }

    /// The database's address, without user and password.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Which of the two databases this is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The clock of SQLite; PostgreSQL has its own.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<&Arc<File>> {
        self.file.as_ref()
    }

    /// Closes all connections. Later calls fail.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    /// Returns the store error, and retires all connections.
    pub fn failed(&self, error: sqlx::Error) -> StoreError {
        if let Some(file) = self.file.as_ref().filter(|_| is_damage(&error)) {
            file.note_damage();
        }
        self.failed_as(fault::kind(self.dialect, &error), error)
    }

    /// The same for an error that is not the database's own.
    pub fn failed_as(&self, kind: StoreErrorKind, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
        self.readers.renew();
        self.writers.renew();
        StoreError::new(&*self.name, kind, error)
    }

    /// Runs `work` with a timeout of [`LONGEST`].
    pub async fn in_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        timeout(LONGEST, work).await.unwrap_or_else(|_| Err(self.failed_as(StoreErrorKind::Unavailable, Silent)))
    }

    /// Retries `attempt` while its connection is lost, for as long as a caller waits.
    pub async fn while_lost<T, F: Future<Output = Result<T, StoreError>>>(
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

    /// Returns true where the connection was lost. A file has none to lose.
    fn has_lost(&self, error: &StoreError) -> bool {
        let error = std::error::Error::source(error).and_then(|error| error.downcast_ref::<sqlx::Error>());
        self.dialect == Dialect::Postgres && error.is_some_and(fault::is_lost)
    }

    /// Spawns a task that commits.
    pub(super) fn spawn_committing(&self, task: impl Future<Output = ()> + Send + 'static) {
        match &self.commit_thread {
            Some(thread) => thread.spawn(task),
            None => drop(tokio::spawn(task)),
        }
    }

    /// Begins a write transaction.
    pub async fn write(&self) -> Result<Writing<'_>, sqlx::Error> {
        // In one round trip.
        let sql = format!("{}; {}", self.dialect.begin(), self.what_time_it_is());
        let (mut connection, rows) = self.lend(&self.writers, || AssertSqlSafe(sql.clone())).await?;
        // Not lent again before its transaction has ended.
        connection.is_sound = false;
        Ok(Writing { pool: self, connection, now: self.now(&rows)? })
    }

    /// Returns a connection to read with, and the database's time.
    pub async fn read(&self) -> Result<(Lent, i64), sqlx::Error> {
        let sql = self.what_time_it_is();
        let (connection, rows) = self.lend(&self.readers, || AssertSqlSafe(sql.clone())).await?;
        Ok((connection, self.now(&rows)?))
    }

    fn what_time_it_is(&self) -> String {
        format!("SELECT {} AS now", self.dialect.now())
    }

    /// Returns a connection to write with, and its answer to this question. The question is asked again where the
    /// connection turns out to be cut.
    pub async fn ask<W>(&self, question: impl Fn() -> W) -> Result<(Lent, Vec<AnyRow>), sqlx::Error>
    where
        W: Execute<'static, Any> + 'static,
    {
        self.lend(&self.writers, question).await
    }

    /// Returns a connection, and its answer to the first question.
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
            // A used connection may have been cut since. A new one gets the full timeout.
            let may_be_cut = connection.is_used && self.dialect == Dialect::Postgres;
            let answer =
                timeout(if may_be_cut { PATIENCE } else { LONGEST }, connection.fetch_all(first_question())).await;
            match answer.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))) {
                Ok(rows) => {
                    connection.is_sound = true;
                    return Ok((connection, rows));
                }
                // Nothing was changed through it yet, so a new one is asked.
                Err(_) if may_be_cut => from.renew(),
                Err(error) => return Err(error),
            }
        }
    }

    /// Checks that what was committed is in the database's file, and begins a checkpoint if the log is long.
    pub async fn committed(&self, connection: &mut Lent) -> Result<(), sqlx::Error> {
        connection.check().await?;
        if let Some(file) = &self.file
            && file.has_long_log(connection).await
        {
            self.carrying_over.begin(file, &self.readers, &self.writers);
        }
        Ok(())
    }

    /// Returns the time in milliseconds since 1970, by the clock that all users of this database share: for SQLite the
    /// machine's, for PostgreSQL the server's, returned by the query as `now`.
    pub fn now(&self, rows: &[AnyRow]) -> Result<i64, sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => Ok(milliseconds::since_1970(self.clock.wall())),
            Dialect::Postgres => rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get("now"),
        }
    }
}

impl Writing<'_> {
    /// Which of the two databases this is.
    pub fn dialect(&self) -> Dialect {
        self.pool.dialect
    }

    /// Undoes what was written.
    pub async fn roll_back(mut self) -> Result<(), sqlx::Error> {
        self.connection.execute("ROLLBACK").await?;
        self.connection.is_sound = true;
        Ok(())
    }

    /// Commits what was written.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        self.connection.execute("COMMIT").await.map_err(failed)?;
        self.pool.committed(&mut self.connection).await.map_err(failed)?;
        self.connection.is_sound = true;
        Ok(())
    }
}

impl Database {
    /// Paths of a SQLite database's files; `None` for PostgreSQL.
    pub fn paths(&self) -> Result<Option<Paths>, OpenError> {
        let Address::Sqlite(path) = &self.address else { return Ok(None) };
        built_in(self, cfg!(feature = "sqlite"), "sqlite")?;
        Ok(Some(Paths::at(path)?))
    }
}

pub(super) fn built_in(database: &Database, is: bool, feature: &'static str) -> Result<(), OpenError> {
    if is { Ok(()) } else { Err(OpenError::NotBuiltIn { database: database.to_string(), feature }) }
}
