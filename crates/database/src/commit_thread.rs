//! The thread that commits to a SQLite file. SQLite's statements run one after another on a thread of sqlx. A task that
//! asks for them among a server's requests waits behind these before each statement; a thread of its own does not.

use std::convert::Infallible;
use std::{fmt, io, thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The thread. It ends when this is dropped.
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
        let (is_kept, until_dropped) = oneshot::channel();
        thread::Builder::new().name("weifen-commits".to_owned()).spawn(move || runtime.block_on(until_dropped))?;
        Ok(Self { runtime: handle, _is_kept: is_kept })
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }
}
