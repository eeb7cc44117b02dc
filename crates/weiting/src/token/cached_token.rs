//! The token that a process holds. Every call reads it without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Token;

/// Time after which a renewal counts as lost and another may begin. With usual timeouts a renewal ends long before,
/// unless its runtime ended. Only one of two concurrent renewals fetches: the store grants a single fetch lease.
const RENEWAL_TAKES: Duration = Duration::from_secs(120);

/// A token, with its expiry and renewal on the process's monotonic clock, which jumps of the wall clock don't move.
#[derive(Debug)]
pub(super) struct CachedToken {
    pub(super) token: Token,
    ends: Duration,
    /// Earliest time of its renewal.
    due: Duration,
    /// Time of the next renewal, in nanoseconds.
    renewal: AtomicU64,
}

impl CachedToken {
    pub(super) fn new(token: Token, ends: Duration, due: Duration) -> Self {
        Self { token, ends, due, renewal: AtomicU64::new(nanoseconds(due)) }
    }

    pub(super) fn is_valid(&self, now: Duration) -> bool {
        now < self.ends
    }

    /// Returns true from the time of the next renewal on.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        nanoseconds(now) >= self.renewal.load(Ordering::Relaxed)
    }

    /// Claims the renewal that is due: returns true to only one of all callers, which begins it.
    pub(super) fn takes_renewal(&self, now: Duration) -> bool {
        let due = self.renewal.load(Ordering::Relaxed);
        let next = nanoseconds(now + RENEWAL_TAKES);
        nanoseconds(now) >= due
            && self.renewal.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Sets the next renewal to `time`, but no earlier than the first one was due.
    pub(super) fn renew_at(&self, time: Duration) {
        self.renewal.store(nanoseconds(time.max(self.due)), Ordering::Relaxed);
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    const DUE: Duration = Duration::from_secs(6900);
    const ENDS: Duration = Duration::from_secs(7200);
    fn just_before(time: Duration) -> Duration {
        time.saturating_sub(Duration::from_nanos(1))
    }

    fn cached() -> CachedToken {
        CachedToken::new(Token::new("token-1".parse().unwrap(), 1, SystemTime::UNIX_EPOCH, ENDS), ENDS, DUE)
    }

    #[test]
    fn a_token_is_valid_up_to_its_end() {
        assert!(cached().is_valid(just_before(ENDS)));
        assert!(!cached().is_valid(ENDS));
    }

    #[test]
    fn of_all_callers_one_is_told_to_renew_until_that_has_taken_too_long() {
        let cached = cached();
        assert!(!cached.is_due(just_before(DUE)) && !cached.takes_renewal(just_before(DUE)));
        assert!(cached.is_due(DUE) && cached.takes_renewal(DUE));
        let too_long = DUE + RENEWAL_TAKES;
        assert!(!cached.is_due(just_before(too_long)) && !cached.takes_renewal(just_before(too_long)));
        assert!(cached.is_due(too_long) && cached.takes_renewal(too_long));
    }

    #[test]
    fn a_renewal_can_be_put_off_but_not_brought_forward() {
        let cached = cached();
        cached.renew_at(Duration::ZERO);
        assert!(!cached.is_due(just_before(DUE)) && cached.is_due(DUE));
        cached.renew_at(ENDS);
        assert!(!cached.is_due(just_before(ENDS)) && cached.is_due(ENDS));
    }
}
