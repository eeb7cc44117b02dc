//! Group commit: what comes in while a commit is under way goes into the next one, and each caller gets the result of
//! its own item after the commit.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use weifen_transport::{StoreError, StoreErrorKind};

use super::{LONGEST, Pool};

/// Cap on items that wait for a commit. Beyond it an item is refused, so that a store that is away fills no memory.
const WAITING: usize = 8192;
/// Number of items in one transaction, at the most.
const TOGETHER: usize = 512;

type Waiting<T, R> = (T, oneshot::Sender<Result<R, StoreError>>);

/// Handle of the task that commits. Clones share its queue.
pub struct GroupCommit<T, R> {
    queue: mpsc::Sender<Waiting<T, R>>,
    database: Arc<str>,
}

/// Reason why a caller got no result. Only `Full` says that the item was not committed.
#[derive(Debug, thiserror::Error)]
enum Unable {
    #[error("too many writes are waiting for the database")]
    Full,
    #[error("timed out after {} s waiting for the database; the write may still be committed", LONGEST.as_secs())]
    Late,
    #[error("the task that commits has ended: the async runtime has shut down")]
    Ended,
    #[error("the commit panicked; the write may have been committed")]
    Panicked,
}

impl<T: Send + 'static, R: Send + 'static> GroupCommit<T, R> {
    /// Starts the task that commits to the database, for SQLite on a thread of its own, otherwise on the current
    /// runtime. It ends with the last handle.
    ///
    /// `commit` returns one result for each item, in their order, and has its own timeout.
    pub fn start<F>(pool: &Pool, commit: impl Fn(Vec<T>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Vec<R>, StoreError>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(WAITING);
        pool.spawn_committing(work(pool.name().clone(), waiting, commit));
        Self { queue, database: pool.name().clone() }
    }

    /// Waits until the item has been committed.
    ///
    /// # Errors
    /// When the item was not committed, or may have been: only the error of a full queue is certain.
    pub async fn commit(&self, item: T) -> Result<R, StoreError> {
        let (tell, told) = oneshot::channel();
        self.queue.try_send((item, tell)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => unable(&self.database, Unable::Full),
            mpsc::error::TrySendError::Closed(_) => unable(&self.database, Unable::Ended),
        })?;
        // An item that times out may still be committed: the caller must not retry it.
        let answer = timeout(LONGEST, told).await.map_err(|_| unable(&self.database, Unable::Late))?;
        answer.unwrap_or_else(|_| Err(unable(&self.database, Unable::Ended)))
    }
}

impl<T, R> Clone for GroupCommit<T, R> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), database: self.database.clone() }
    }
}

impl<T, R> fmt::Debug for GroupCommit<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").finish_non_exhaustive()
    }
}

async fn work<T, R, F>(database: Arc<str>, mut waiting: mpsc::Receiver<Waiting<T, R>>, commit: impl Fn(Vec<T>) -> F)
where
    R: Send + 'static,
    F: Future<Output = Result<Vec<R>, StoreError>> + Send + 'static,
{
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
        let (items, callers): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        // As a task of its own, so that a panic ends this batch alone.
        let committed = tokio::spawn(commit(items)).await;
        // A caller that is gone needs no answer.
        match committed.unwrap_or_else(|_| Err(unable(&database, Unable::Panicked))) {
            Ok(results) => callers.into_iter().zip(results).for_each(|(caller, result)| _ = caller.send(Ok(result))),
            Err(error) => callers.into_iter().for_each(|caller| _ = caller.send(Err(error.clone()))),
        }
    }
}

fn unable(database: &str, why: Unable) -> StoreError {
    StoreError::new(database, StoreErrorKind::Unavailable, why)
}
