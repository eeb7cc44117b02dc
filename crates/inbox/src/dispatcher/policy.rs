//! How events are handed out: how many at once, for how long, and how often.

use std::time::Duration;

/// How events are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatchPolicy {
    /// How long an event is its worker's: 30 s. Those of a process that died are handed out again after it. All servers of
    /// a database have the same: a lease that ends further ahead is taken for one that a wrong clock wrote.
    pub lease: Duration,
    /// How long an attempt may take: 10.5 s, and never beyond the lease. The default transport ends it half a second
    /// before, and can then tell how far it got.
    pub attempt_timeout: Duration,
    /// How long an event may fail before it is given up: 3 days. It counts from the first attempt that failed, anew after a
    /// release or a redrive, and ends after 12 attempts at the earliest. Of a pause between two attempts it counts no more
    /// than the longest wait, so that neither a server that is off nor a clock that leaps makes events die.
    pub give_up_after: Duration,
    /// How many attempts may fail before an event is given up, however short the time: 0, for no such bound.
    pub max_attempts: u32,
    /// The wait after the first failure, which doubles with each that follows: 500 ms.
    pub backoff_base: Duration,
    /// The longest wait after a failure: an hour. A wait that a handler asks for is cut to it. Waits end early once the
    /// receiver is well again, but for those that were asked for.
    pub backoff_cap: Duration,
    /// How many events are under way at once: 64. At most half of them are events that were handed out before, released or
    /// redriven, so that many that fail again and again leave workers to the new ones.
    pub workers: u32,
}

/// How many attempts an event has at the least, however long they take.
const FEWEST_ATTEMPTS: u32 = 12;
const LONGEST_LEASE: Duration = Duration::from_secs(86_400);

impl Default for DispatchPolicy {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            attempt_timeout: Duration::from_millis(10_500),
            give_up_after: Duration::from_secs(3 * 86_400),
            max_attempts: 0,
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(3600),
            workers: 64,
        }
    }
}

/// A policy that can't be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct InvalidPolicy {
    setting: &'static str,
    problem: &'static str,
}

impl InvalidPolicy {
    /// The field of [`DispatchPolicy`].
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl DispatchPolicy {
    pub(super) fn check(&self) -> Result<(), InvalidPolicy> {
        let unless = |right: bool, setting, problem| {
            if right { Ok(()) } else { Err(InvalidPolicy { setting, problem }) }
        };
        unless(self.lease <= LONGEST_LEASE, "lease", "must not be longer than a day")?;
        unless(!self.attempt_timeout.is_zero(), "attempt_timeout", "must be longer than nothing")?;
        unless(self.attempt_timeout < self.lease, "attempt_timeout", "must be shorter than the lease")?;
        unless(!self.give_up_after.is_zero(), "give_up_after", "must be longer than nothing")?;
        unless(!self.backoff_base.is_zero(), "backoff_base", "must be longer than nothing")?;
        unless(self.backoff_base <= self.backoff_cap, "backoff_base", "must not be longer than backoff_cap")?;
        unless(
            self.workers >= 2,
            "workers",
            "must be 2 at least: one for events that failed before, one for the others",
        )
    }

    /// Whether an event is given up that has failed so often and for so long.
    pub(crate) fn gives_up(&self, attempts: u32, failing: Duration) -> bool {
        let are_used_up = self.max_attempts > 0 && attempts >= self.max_attempts;
        are_used_up || (attempts >= FEWEST_ATTEMPTS && failing >= self.give_up_after)
    }

    /// The longest that can lie between two attempts of an event while a server runs.
    pub(crate) fn longest(&self) -> Duration {
        self.lease.max(self.backoff_cap)
    }

    /// How many workers may be at events that are other than new.
    pub(super) fn workers_again(&self) -> u32 {
        self.workers / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_given_up_by_time_and_not_before_its_twelfth_attempt() {
        let policy = DispatchPolicy::default();
        let (three_days, almost) = (Duration::from_secs(259_200), Duration::from_millis(259_199_999));
        assert!(policy.gives_up(12, three_days) && policy.gives_up(u32::MAX, three_days * 2));
        assert!(!policy.gives_up(11, three_days * 2) && !policy.gives_up(u32::MAX, almost));
    }

    #[test]
    fn a_bound_by_count_holds_however_short_the_time() {
        let policy = DispatchPolicy { max_attempts: 3, ..DispatchPolicy::default() };
        assert!(policy.gives_up(3, Duration::ZERO) && !policy.gives_up(2, Duration::ZERO));
        assert!(policy.gives_up(4, Duration::ZERO));
    }

    #[test]
    fn the_longest_time_between_two_attempts_is_a_wait_or_a_lease() {
        let (short, long) = (Duration::from_secs(30), Duration::from_secs(60));
        let longest = |lease, backoff_cap| DispatchPolicy { lease, backoff_cap, ..DispatchPolicy::default() }.longest();
        assert_eq!([longest(short, long), longest(long, short)], [long, long]);
    }
}
