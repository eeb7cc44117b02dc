//! What is written together, in one transaction.

use std::collections::HashMap;

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

impl Write {
    fn digest(&self) -> &str {
        match self {
            Self::Begin(beginning) => &beginning.digest,
            Self::End(ending) => &ending.call.digest,
        }
    }
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
                Err(error) if tries < TRIES && is_taken(&error) => {}
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
    async fn write_in(&self, writing: &mut Writing<'_>, batch: &[Write]) -> Result<Vec<Written>, sqlx::Error> {
        let digests: Vec<&str> = batch.iter().map(Write::digest).collect();
        let mut rows: HashMap<_, _> = self.locked(writing, &digests).await?.into_iter().collect();
        let (mut beginnings, mut endings) = (Vec::new(), Vec::new());
        for write in batch {
            match write {
                Write::Begin(beginning) => beginnings.push(beginning),
                Write::End(ending) => endings.push(ending),
            }
        }
        let mut ended = self.end(writing, &endings, &mut rows).await?.into_iter();
        let mut begun = self.begin(writing, &beginnings, &mut rows).await?.into_iter();
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
