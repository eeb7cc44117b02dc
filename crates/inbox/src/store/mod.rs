//! The inbox's tables. Both databases share one SQL; `database::Dialect` holds the differences.
//!
//! One file an operation.

mod acknowledge;
mod attempts;
mod backup;
mod book;
mod bookings;
mod changes;
mod claim;
mod describe;
mod events;
mod health;
mod inspection;
mod lease;
mod look_up;
mod missing;
mod pause;
mod purge;
mod quarantine;
mod readmit;
mod recall;
mod receipt;
mod receive;
mod restore;
mod row;
mod settle;

use std::sync::Arc;
use std::time::SystemTime;

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Row};
use weifen_transport::{Clock, StoreError};

use weifen_database::{Database, GroupCommit, OpenError, Pool, milliseconds};

pub(crate) use acknowledge::{Acknowledged, Acknowledgement, Attempt};
pub(crate) use attempts::Writer;
pub use backup::{Backup, BackupError};
pub(crate) use book::BookingRow;
pub(crate) use claim::{ClaimedEvent, Claims, GivenUp, Room};
pub(crate) use health::Backlog;
pub use health::Stats;
pub use inspection::Inspection;
pub(crate) use lease::Leased;
pub(crate) use pause::{Mode, Switch};
pub use purge::Purged;
pub use quarantine::QuarantineFilter;
pub(crate) use quarantine::Stranger;
pub use readmit::Readmitted;
pub(crate) use readmit::Reread;
pub use receipt::Receipt;
pub use restore::{Restored, Since};
pub(crate) use settle::{Settlement, Verdict};

/// The tables of an inbox in their database.
#[derive(Debug)]
pub(crate) struct Store {
    pool: Arc<Pool>,
}

impl Store {
    pub(crate) async fn open(database: &Database, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Ok(Self { pool: Arc::new(Pool::open(database, clock).await?) })
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Lets many callers share a transaction on the tables.
    pub(crate) fn commit_together<T, R, F>(
        self: &Arc<Self>,
        commit: impl Fn(Arc<Self>, Vec<T>) -> F + Send + 'static,
    ) -> GroupCommit<T, R>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Future<Output = Result<Vec<R>, StoreError>> + Send + 'static,
    {
        let store = self.clone();
        GroupCommit::start(&self.pool, move |batch| {
            let (store, committing) = (store.clone(), commit(store.clone(), batch));
            async move { store.pool.in_time(committing).await }
        })
    }
}

/// A column of a row.
fn column<'r, T: sqlx::Decode<'r, Any> + sqlx::Type<Any>>(row: &'r AnyRow, name: &str) -> Result<T, sqlx::Error> {
    row.try_get(name)
}

fn time(row: &AnyRow, name: &str) -> Result<SystemTime, sqlx::Error> {
    Ok(milliseconds::to_time(column(row, name)?))
}

/// Encodes a batch as one JSON value of a statement.
fn json(batch: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(batch).map_err(|error| sqlx::Error::Encode(error.into()))
}
