//! What is written together, in one transaction.

use weifen_database::Writing;
use weifen_transport::{StoreError, StoreErrorKind};

use super::{Beginning, Ending, Store};
use crate::{Begun, Ended};

/// Number of attempts at a batch, each of which may meet a new key that another server was faster with.
const TRIES: u32 = 5;

/// The beginning or the end of a call.
#[derive(Debug)]
pub(crate) enum Write {
    Begin(Beginning),
    End(Ending),
}

/// The result of a write.
#[derive(Debug)]
pub(crate) enum Written {
    Begun(Begun),
    Ended(Ended),
}

impl Store {
    /// Begins and ends calls; returns what has become of each.
    pub(crate) async fn write(&self, batch: &[Write]) -> Result<Vec<Written>, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut tries = 0;
        loop {
            tries += 1;
            let mut writing = self.pool.write().await.map_err(failed)?;
            match self.write_in(&mut writing, batch, tries == 1).await {
                Err(error) if tries < TRIES && is_taken(&error) => writing.roll_back().await.map_err(failed)?,
                Err(error) if is_taken(&error) => {
                    return Err(self.pool.failed_as(StoreErrorKind::Unavailable, error));
                }
                Err(error) => return Err(failed(error)),
                Ok(written) => {
                    writing.commit().await?;
                    return Ok(written);
                }
            }
        }
    }

    /// Ends come first: what they set free may be begun again.
    ///
    /// Keys are expected to be new at the first attempt, and calls to be ended in time, so that no row has to be read.
    async fn write_in(
        &self,
        writing: &mut Writing<'_>,
        batch: &[Write],
        is_first: bool,
    ) -> Result<Vec<Written>, sqlx::Error> {
        let (mut beginnings, mut endings) = (Vec::new(), Vec::new());
        for write in batch {
            match write {
                Write::Begin(beginning) => beginnings.push(beginning),
                Write::End(ending) => endings.push(ending),
            }
        }
        let ended = match self.end_in_time(writing, &endings).await? {
            Some(ended) => ended,
            None => self.end(writing, &endings).await?,
        };
        let begun = if is_first && beginnings.iter().all(|call| call.is_awaited()) {
            self.begin_new(writing, &beginnings).await?
        } else {
            self.begin(writing, &beginnings).await?
        };
        let (mut ended, mut begun) = (ended.into_iter(), begun.into_iter());
        let written = batch.iter().filter_map(|write| match write {
            Write::Begin(_) => begun.next().map(Written::Begun),
            Write::End(_) => ended.next().map(Written::Ended),
        });
        Ok(written.collect())
    }
}

/// Returns true where another server has inserted a row of the same key.
fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
