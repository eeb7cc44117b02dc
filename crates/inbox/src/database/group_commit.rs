//! Many callers, one transaction: what comes in while a commit is under way goes into the next one, and each caller
//! hears of its own part after the commit.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use weifen_transport::{StoreError, StoreErrorKind};

use super::LONGEST;

/// How many may wait for a commit. Beyond it nothing is taken in, so that a store that is away fills no memory.
const WAITING: usize = 8192;
/// How many go into one transaction.
const TOGETHER: usize = 512;

type Waiting<T, R> = (T, oneshot::Sender<Result<R, StoreError>>);

/// Clones share the queue.
pub(crate) struct GroupCommit<T, R> {
    queue: mpsc::Sender<Waiting<T, R>>,
    database: Arc<str>,
}

/// Why a caller learns nothing of a commit.
#[derive(Debug, thiserror::Error)]
enum Unable {
    #[error("too many writes wait for it")]
    Full,
    #[error("other writes kept it from this one for {} s; it may be made yet", LONGEST.as_secs())]
    Late,
    #[error("its runtime has ended")]
    Ended,
    #[error("the commit was begun and has panicked")]
    Panicked,
}

impl<T: Send + 'static, R: Send + 'static> GroupCommit<T, R> {
    /// Starts the task that commits, on the current runtime. It ends with the last handle.
    ///
    /// `commit` gives one result for each item, in their order, and ends in time by itself.
    pub(crate) fn start<F>(database: &Arc<str>, commit: impl Fn(Vec<T>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Vec<R>, StoreError>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(work(database.clone(), waiting, commit));
        Self { queue, database: database.clone() }
    }

    /// Waits until the item has been committed.
    ///
    /// # Errors
    /// When it was not, or that is not known.
    pub(crate) async fn commit(&self, item: T) -> Result<R, StoreError> {
        let (tell, told) = oneshot::channel();
        self.queue.try_send((item, tell)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => unable(&self.database, Unable::Full),
            mpsc::error::TrySendError::Closed(_) => unable(&self.database, Unable::Ended),
        })?;
        // What is late is committed all the same: nobody may send it again.
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
        // As a task of its own, so that one that panics takes no later one with it.
        let committed = tokio::spawn(commit(items)).await;
        // A caller that has gone away needs no answer.
        match committed.unwrap_or_else(|_| Err(unable(&database, Unable::Panicked))) {
            Ok(results) => callers.into_iter().zip(results).for_each(|(caller, result)| _ = caller.send(Ok(result))),
            Err(error) => callers.into_iter().for_each(|caller| _ = caller.send(Err(error.clone()))),
        }
    }
}

fn unable(database: &str, why: Unable) -> StoreError {
    StoreError::new(database, StoreErrorKind::Unavailable, why)
}
