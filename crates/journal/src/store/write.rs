//! What is written together, in one transaction.

use sqlx::error::DatabaseError;
use weifen_database::Writing;
use weifen_transport::StoreError;

use super::{Beginning, Ending, Store};
use crate::{Begun, Ended};

/// Number of attempts at a batch that meets deadlocks.
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
            match self.write_in(&mut writing, batch).await {
                Err(error) if tries < TRIES && is_deadlock(&error) => writing.roll_back().await.map_err(failed)?,
                Err(error) => return Err(failed(error)),
                Ok(written) => {
                    writing.commit().await?;
                    return Ok(written);
                }
            }
        }
    }

    /// Ends come first: what they set free may be begun again.
    async fn write_in(&self, writing: &mut Writing<'_>, batch: &[Write]) -> Result<Vec<Written>, sqlx::Error> {
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
        let mut begun = self.begin(writing, &beginnings).await?.into_iter();
        let mut ended = ended.into_iter();
        let written = batch.iter().filter_map(|write| match write {
            Write::Begin(_) => begun.next().map(Written::Begun),
            Write::End(_) => ended.next().map(Written::Ended),
        });
        Ok(written.collect())
    }
}

/// Returns true where another server waited for rows of this batch, and this one for the other's.
fn is_deadlock(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == "40P01")
}
