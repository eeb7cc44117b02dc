//! Time that a test waits for what has to come.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// A time limit that only a hang exceeds.
pub(crate) const HANGS: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Polls `look` until it finds something.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(HANGS, what, look)
}

/// Polls `look` for `limit` at the longest.
#[track_caller]
pub(crate) fn within<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < limit, "not within {} s: {what}", limit.as_secs());
        sleep(BETWEEN_LOOKS);
    }
}
