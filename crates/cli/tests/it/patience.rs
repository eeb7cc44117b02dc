//! Time that a test waits for what has to come.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nothing takes so long; without it a fault would be a hang.
pub(crate) const HANGS: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Looks until there is what is looked for.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(HANGS, what, look)
}

/// Looks for `limit` at the longest.
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
