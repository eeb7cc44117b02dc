//! Blocking work that may never end, such as reading a pipe that nobody writes to: on its own thread, with a timeout.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Timeout for reading files.
pub(super) const FILES: Duration = Duration::from_secs(2);

/// Returns the result of `work` within `limit`; `None` if it times out or panics.
pub(super) async fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    timeout(limit, spawn_blocking(work)).await.ok()?.ok()
}
