//! Many callers, one transaction: what comes in while a commit is under way goes into the next one, and each caller
//! hears of its own part after the commit.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use weifen_fensi::transport::StoreError;

/// How many may wait for a commit. Beyond it nothing is taken in, so that a store that is away fills no memory.
const WAITING: usize = 8192;
/// How many go into one transaction.
const TOGETHER: usize = 512;

/// Commits a batch: one result for each item, in their order.
pub(crate) type Commit<T, R> =
    Arc<dyn Fn(Vec<T>) -> Pin<Box<dyn Future<Output = Result<Vec<R>, StoreError>> + Send>> + Send + Sync>;

type Waiting<T, R> = (T, oneshot::Sender<Result<R, StoreError>>);

pub(crate) struct GroupCommit<T, R> {
    queue: mpsc::Sender<Waiting<T, R>>,
    store: Arc<str>,
}

/// Why a commit did not even begin.
#[derive(Debug, thiserror::Error)]
enum Unable {
    #[error("too many writes wait for it")]
    Full,
    #[error("its runtime has ended")]
    Ended,
}

impl<T: Send + 'static, R: Send + 'static> GroupCommit<T, R> {
    /// Starts the task that commits, on the current runtime. It ends with the last handle.
    pub(crate) fn start(store: Arc<str>, commit: Commit<T, R>) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        tokio::spawn(work(waiting, commit));
        Self { queue, store }
    }

    /// Waits until the item has been committed.
    ///
    /// # Errors
    /// When it was not, or that is not known.
    pub(crate) async fn commit(&self, item: T) -> Result<R, StoreError> {
        let (tell, told) = oneshot::channel();
        self.queue.try_send((item, tell)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => self.unable(Unable::Full),
            mpsc::error::TrySendError::Closed(_) => self.unable(Unable::Ended),
        })?;
        told.await.unwrap_or_else(|_| Err(self.unable(Unable::Ended)))
    }

    fn unable(&self, why: Unable) -> StoreError {
        StoreError::new(&*self.store, why)
    }
}

impl<T, R> fmt::Debug for GroupCommit<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupCommit").finish_non_exhaustive()
    }
}

async fn work<T, R>(mut waiting: mpsc::Receiver<Waiting<T, R>>, commit: Commit<T, R>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
        let (items, callers): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        // A caller that has gone away needs no answer.
        match commit(items).await {
            Ok(results) => callers.into_iter().zip(results).for_each(|(caller, result)| _ = caller.send(Ok(result))),
            Err(error) => callers.into_iter().for_each(|caller| _ = caller.send(Err(error.clone()))),
        }
    }
}
