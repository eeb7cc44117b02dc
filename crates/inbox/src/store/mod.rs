//! The inbox's tables. Both databases are spoken to in one SQL; [`Dialect`] holds what differs.
//!
//! One file an operation. What fails closes its connection: the next one begins anew.

mod book;
mod claim;
mod events;
mod file;
mod health;
mod missing;
mod opening;
mod purge;
mod quarantine;
mod receive;
mod row;
mod schema;
mod settle;
mod statement;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, Executor, Row};
use weifen_fensi::transport::{Clock, StoreError};

use crate::dialect::Dialect;
use crate::milliseconds;

pub(crate) use book::BookingRow;
pub(crate) use claim::{Claimed, Claims, Room};
pub use health::Stats;
pub(crate) use health::Waiting;
pub use purge::Purged;
pub use receive::Receipt;
pub(crate) use settle::{Settlement, Verdict};

pub(crate) struct Store {
    name: Arc<str>,
    dialect: Dialect,
    clock: Arc<dyn Clock>,
    /// Of SQLite one connection alone, so that its writers wait for each other here and not in the file's lock.
    writers: AnyPool,
    readers: AnyPool,
    file: Option<Arc<file::File>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A transaction that writes. Dropped before its commit, it has changed nothing.
struct Writing<'a> {
    store: &'a Store,
    connection: PoolConnection<Any>,
    /// The database's time: several machines have one clock there.
    now: i64,
    is_done: bool,
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

    fn failed(&self, error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
        StoreError::new(&*self.name, error)
    }

    async fn write(&self) -> Result<Writing<'_>, sqlx::Error> {
        let mut connection = self.writers.acquire().await?;
        match self.begin(&mut connection).await {
            Ok(now) => Ok(Writing { store: self, connection, now, is_done: false }),
            Err(error) => {
                connection.close_on_drop();
                Err(error)
            }
        }
    }

    async fn read(&self) -> Result<(PoolConnection<Any>, i64), sqlx::Error> {
        let mut connection = self.readers.acquire().await?;
        let now = self.now(&mut connection).await?;
        Ok((connection, now))
    }

    /// Begins a transaction, and says what time it is then.
    async fn begin(&self, connection: &mut PoolConnection<Any>) -> Result<i64, sqlx::Error> {
        match self.dialect {
            // In SQLite the one writer is chosen now, and not when it has read already.
            Dialect::Sqlite => {
                connection.execute("BEGIN IMMEDIATE").await?;
                self.now(connection).await
            }
            // In one message to the server.
            Dialect::Postgres => {
                let begin = "BEGIN; SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
                let rows = connection.fetch_all(begin).await?;
                rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
            }
        }
    }

    /// Milliseconds since 1970, by the clock that all who use this database share.
    async fn now(&self, connection: &mut PoolConnection<Any>) -> Result<i64, sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => Ok(milliseconds::since_1970(self.clock.wall())),
            Dialect::Postgres => {
                let now = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
                sqlx::query_scalar(now).fetch_one(&mut **connection).await
            }
        }
    }
}

impl Writing<'_> {
    async fn commit(mut self) -> Result<(), StoreError> {
        let failed = |error| self.store.failed(error);
        self.connection.execute("COMMIT").await.map_err(failed)?;
        if let Some(file) = &self.store.file {
            file.check().map_err(|gone| self.store.failed(gone))?;
        }
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.close_on_drop();
        }
    }
}

/// A column of a row.
fn column<'r, T: sqlx::Decode<'r, Any> + sqlx::Type<Any>>(row: &'r AnyRow, name: &str) -> Result<T, sqlx::Error> {
    row.try_get(name)
}

fn time(row: &AnyRow, name: &str) -> Result<SystemTime, sqlx::Error> {
    Ok(milliseconds::to_time(column(row, name)?))
}
