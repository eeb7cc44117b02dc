//! Work that may never end, such as reading a pipe that nobody writes to: on a thread of its own, and within a bound.

use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Longest time that files are waited for.
pub(super) const FILES: Duration = Duration::from_secs(2);

/// Returns what `work` comes to within `limit`; `None` where it takes longer or panics.
pub(super) async fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    timeout(limit, spawn_blocking(work)).await.ok()?.ok()
}
