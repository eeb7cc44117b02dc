//! How events are handed out: how many at once, for how long, and how often.

use std::time::Duration;

/// How events are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatchPolicy {
    /// How long an event is its worker's: 30 s. Those of a process that died are handed out again after it.
    pub lease: Duration,
    /// How long an attempt may take: 10.5 s, and never beyond the lease. The default transport ends it half a second
    /// before, and can then tell how far it got.
    pub attempt_timeout: Duration,
    /// How many attempts may fail before an event is given up: 12.
    pub max_attempts: u32,
    /// The wait after the first failure, which doubles with each that follows: 500 ms.
    pub backoff_base: Duration,
    /// The longest wait after a failure: an hour. A handler can ask for a longer one.
    pub backoff_cap: Duration,
    /// How many events are under way at once: 64. At most half of them are events that were handed out before, so that
    /// many that fail again and again leave workers to the others.
    pub workers: u32,
}

const LONGEST_LEASE: Duration = Duration::from_secs(86_400);

impl Default for DispatchPolicy {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            attempt_timeout: Duration::from_millis(10_500),
            max_attempts: 12,
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
        unless(self.max_attempts > 0, "max_attempts", "must be 1 at least")?;
        unless(!self.backoff_base.is_zero(), "backoff_base", "must be longer than nothing")?;
        unless(self.backoff_base <= self.backoff_cap, "backoff_base", "must not be longer than backoff_cap")?;
        unless(
            self.workers >= 2,
            "workers",
            "must be 2 at least: one for events that failed before, one for the others",
        )
    }

    /// How many workers may be at events that were handed out before.
    pub(super) fn workers_again(&self) -> u32 {
        self.workers / 2
    }
}
