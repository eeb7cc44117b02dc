//! The token that a process holds: read by every call, without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Token;

/// How long a renewal that was begun may take before another may be begun: it has ended long before, unless its runtime
/// ended first.
const RENEWAL_TAKES: Duration = Duration::from_secs(120);

/// A token, with its end and its renewal by the process's own clock, which the wall's jumps don't move.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) token: Token,
    ends: Duration,
    /// From when on it is renewed.
    due: Duration,
    /// When to renew it next, in nanoseconds.
    renewal: AtomicU64,
}

impl Held {
    pub(super) fn new(token: Token, ends: Duration, due: Duration) -> Self {
        Self { token, ends, due, renewal: AtomicU64::new(nanoseconds(due)) }
    }

    pub(super) fn is_valid(&self, now: Duration) -> bool {
        now < self.ends
    }

    /// Whether it is time for a renewal.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        nanoseconds(now) >= self.renewal.load(Ordering::Relaxed)
    }

    /// Whether the renewal that is due is the caller's to begin: of all callers, one is told so.
    pub(super) fn takes_renewal(&self, now: Duration) -> bool {
        let due = self.renewal.load(Ordering::Relaxed);
        let next = nanoseconds(now + RENEWAL_TAKES);
        nanoseconds(now) >= due
            && self.renewal.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Has it renewed at `time`, but no earlier than it would have been at first.
    pub(super) fn renew_at(&self, time: Duration) {
        self.renewal.store(nanoseconds(time.max(self.due)), Ordering::Relaxed);
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
