//! The thread on which the group commits of a SQLite file run. sqlx runs a connection's statements on that connection's
//! thread: among a server's requests, the task of a commit would wait behind them after each statement.

use std::convert::Infallible;
use std::time::Duration;
use std::{fmt, io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// Pause between two looks for tasks that have not ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The thread. It ends when this is dropped and its tasks have ended: they may be closing a connection.
pub(super) struct CommitThread {
    runtime: Handle,
    _is_kept: oneshot::Sender<Infallible>,
}

impl fmt::Debug for CommitThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitThread").finish_non_exhaustive()
    }
}

impl CommitThread {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let handle = runtime.handle().clone();
        let (is_kept, until_dropped) = oneshot::channel::<Infallible>();
        let run = async move {
            // Nothing is ever sent: it ends with its sender.
            drop(until_dropped.await);
            while Handle::current().metrics().num_alive_tasks() > 0 {
                sleep(BETWEEN_LOOKS).await;
            }
        };
        thread::Builder::new().name("weifen-commits".to_owned()).spawn(move || runtime.block_on(run))?;
        Ok(Self { runtime: handle, _is_kept: is_kept })
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn its_tasks_end_before_it_does() {
        let thread = CommitThread::start().unwrap();
        let (end, ended) = oneshot::channel();
        thread.spawn(async {
            sleep(5 * BETWEEN_LOOKS).await;
            // Nobody waits for it if the test has failed.
            _ = end.send(());
        });
        drop(thread);
        timeout(Duration::from_secs(60), ended).await.unwrap().unwrap();
    }
}
