//! The policy of deliveries: leases, timeouts, retries and workers.

use std::time::Duration;

/// The policy of a [`Dispatcher`](crate::Dispatcher).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatchPolicy {
    /// Length of a lease; default 30 s. Events of a process that died are handed out again after it. Set the same on
    /// all servers of a database: a lease that ends further ahead counts as written by a wrong clock.
    pub lease: Duration,
    /// Timeout of an attempt; default 10.5 s, and never beyond the lease. The default transport times out half a
    /// second earlier, and can then tell how far it got.
    pub attempt_timeout: Duration,
    /// Time for which an event may fail before it is given up; default 3 days. It counts from the first attempt that
    /// failed, anew after a release or a redrive, and ends after 12 attempts at the earliest. A pause between two
    /// attempts counts as the longest backoff at most, so that neither a server that is off nor a clock that leaps
    /// makes events die.
    pub give_up_after: Duration,
    /// Number of attempts that may fail before an event is given up, however short the time; default 0, no such cap.
    pub max_attempts: u32,
    /// Backoff after the first failure, doubled with each that follows; default 500 ms.
    pub backoff_base: Duration,
    /// Longest backoff; default an hour. It also caps the wait that a handler asks for. A backoff ends early once the
    /// receiver is well again, but a wait that was asked for does not.
    pub backoff_cap: Duration,
    /// Number of events under way at once; default 64. At most half of them are events that were handed out before,
    /// released or redriven, so that repeated failures leave workers to new events.
    pub workers: u32,
}

/// Least number of attempts before an event is given up by time.
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

/// The error of a policy with a setting out of range. Nothing was started; correct the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct InvalidPolicy {
    setting: &'static str,
    problem: &'static str,
}

impl InvalidPolicy {
    /// The field of [`DispatchPolicy`] at fault.
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl DispatchPolicy {
    pub(crate) fn check(&self) -> Result<(), InvalidPolicy> {
        let unless = |right: bool, setting, problem| {
            if right { Ok(()) } else { Err(InvalidPolicy { setting, problem }) }
        };
        unless(self.lease <= LONGEST_LEASE, "lease", "must not be longer than a day")?;
        unless(!self.attempt_timeout.is_zero(), "attempt_timeout", "must be longer than zero")?;
        unless(self.attempt_timeout < self.lease, "attempt_timeout", "must be shorter than the lease")?;
        unless(!self.give_up_after.is_zero(), "give_up_after", "must be longer than zero")?;
        unless(!self.backoff_base.is_zero(), "backoff_base", "must be longer than zero")?;
        unless(self.backoff_base <= self.backoff_cap, "backoff_base", "must not be longer than backoff_cap")?;
        unless(
            self.workers >= 2,
            "workers",
            "must be at least 2: one for events that failed before, one for the others",
        )
    }

    /// Returns true where an event has failed so often and for so long that it is given up.
    pub(crate) fn gives_up(&self, attempts: u32, failing: Duration) -> bool {
        let are_used_up = self.max_attempts > 0 && attempts >= self.max_attempts;
        are_used_up || (attempts >= FEWEST_ATTEMPTS && failing >= self.give_up_after)
    }

    /// Longest time between two attempts of an event while a server runs.
    pub(crate) fn longest(&self) -> Duration {
        self.lease.max(self.backoff_cap)
    }

    /// Number of workers for events that are not new.
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
