//! The inbox's tables. Both databases are spoken to in one SQL; [`Dialect`] holds what differs.
//!
//! One file an operation. What fails closes the connections: the next one begins anew.

mod book;
mod claim;
mod connections;
mod devices;
mod events;
mod fault;
mod file;
mod health;
mod inspection;
mod look_up;
mod missing;
mod opening;
mod pause;
mod purge;
mod quarantine;
mod readmit;
mod recall;
mod receive;
mod row;
mod schema;
mod settle;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Execute, Executor, Row};
use tokio::time::timeout;
use weifen_fensi::transport::{Clock, StoreError, StoreErrorKind};

use self::connections::{Connections, Lent, PATIENCE};
use crate::dialect::Dialect;
use crate::milliseconds;

pub(crate) use book::BookingRow;
pub(crate) use claim::{Claimed, Claims, GivenUp, Room};
pub use health::Stats;
pub(crate) use health::Waiting;
pub use inspection::Inspection;
pub(crate) use pause::Switch;
pub use purge::Purged;
pub use quarantine::QuarantineFilter;
pub(crate) use quarantine::Stranger;
pub use readmit::Readmitted;
pub(crate) use readmit::Reread;
pub use receive::Receipt;
pub(crate) use settle::{Settlement, Verdict};

/// How long anybody waits for a database that says nothing. Whoever pushes has to be answered.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);

pub(crate) struct Store {
    name: Arc<str>,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    /// Of SQLite one connection alone, so that its writers wait for each other here and not in the file's lock.
    writers: Arc<Connections>,
    readers: Arc<Connections>,
}

/// The database neither did what it was asked to nor refused: it may do it yet.
#[derive(Debug, thiserror::Error)]
#[error("it did not answer within {} s", LONGEST.as_secs())]
struct Silent;

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A transaction that writes. Dropped before its commit, it has changed nothing.
struct Writing<'a> {
    store: &'a Store,
    connection: Lent,
    /// The database's time: several machines have one clock there.
    now: i64,
}

impl Store {
    /// The database, as its operator knows it.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    fn failed(&self, error: sqlx::Error) -> StoreError {
        self.failed_as(fault::kind(self.dialect, &error), error)
    }

    /// Whatever it was, no connection from before it is used again.
    fn failed_as(&self, kind: StoreErrorKind, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
        self.readers.renew();
        self.writers.renew();
        StoreError::new(&*self.name, kind, error)
    }

    /// Does not wait forever.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        timeout(LONGEST, work).await.unwrap_or_else(|_| Err(self.failed_as(StoreErrorKind::Unavailable, Silent)))
    }

    async fn write(&self) -> Result<Writing<'_>, sqlx::Error> {
        // In one message.
        let sql = format!("{}; {}", self.dialect.begin(), self.what_time_it_is());
        let (mut connection, rows) = self.lend(&self.writers, || AssertSqlSafe(sql.clone())).await?;
        // Not before what it began has ended.
        connection.is_sound = false;
        Ok(Writing { store: self, connection, now: self.now(&rows)? })
    }

    async fn read(&self) -> Result<(Lent, i64), sqlx::Error> {
        let sql = self.what_time_it_is();
        let (connection, rows) = self.lend(&self.readers, || AssertSqlSafe(sql.clone())).await?;
        Ok((connection, self.now(&rows)?))
    }

    fn what_time_it_is(&self) -> String {
        format!("SELECT {} AS now", self.dialect.now())
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

    /// What time it is, in milliseconds since 1970, by the clock that all who use this database share: a machine's, or
    /// that of the server, which told it as `now`.
    fn now(&self, rows: &[AnyRow]) -> Result<i64, sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => Ok(milliseconds::since_1970(self.clock.wall())),
            Dialect::Postgres => column(rows.first().ok_or(sqlx::Error::RowNotFound)?, "now"),
        }
    }
}

impl Writing<'_> {
    async fn commit(mut self) -> Result<(), StoreError> {
        let failed = |error| self.store.failed(error);
        self.connection.execute("COMMIT").await.map_err(failed)?;
        self.connection.check().map_err(|gone| failed(gone.into()))?;
        self.connection.is_sound = true;
        Ok(())
    }
}

/// A column of a row.
fn column<'r, T: sqlx::Decode<'r, Any> + sqlx::Type<Any>>(row: &'r AnyRow, name: &str) -> Result<T, sqlx::Error> {
    row.try_get(name)
}

fn time(row: &AnyRow, name: &str) -> Result<SystemTime, sqlx::Error> {
    Ok(milliseconds::to_time(column(row, name)?))
}

/// A batch as one value of a statement.
fn json(batch: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(batch).map_err(|error| sqlx::Error::Encode(error.into()))
}
