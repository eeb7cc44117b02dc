//! The verdict on an event after an attempt, as a pure decision.

use std::sync::Arc;
use std::time::Duration;

use weifen_transport::Jitter;

use super::handler::{HandlerError, Then};
use super::{DispatchPolicy, backoff};
use crate::store::Verdict;

/// Delay of an event that is given back: not zero, as its receiver may still be working on it.
const SOON: Duration = Duration::from_secs(1);

/// The outcome of an attempt.
#[derive(Debug)]
pub(super) enum Ending {
    Taken,
    Failed(HandlerError),
    /// It was cut short, or did not begin.
    GivenBack,
}

/// Judges failures without a dispatcher.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) policy: DispatchPolicy,
    pub(crate) jitter: Arc<dyn Jitter>,
}

impl Judge {
    /// Judges the failure of attempt number `attempt` of an event that has failed for `failing`.
    pub(crate) fn failed(&self, error: HandlerError, attempt: u32, failing: Duration) -> Verdict {
        verdict(Ending::Failed(error), attempt, failing, &self.policy, self.jitter.fraction())
    }
}

/// Judges attempt number `attempt` of an event that has failed for `failing`. `fraction` is the jitter.
pub(super) fn verdict(
    ending: Ending,
    attempt: u32,
    failing: Duration,
    policy: &DispatchPolicy,
    fraction: f64,
) -> Verdict {
    let error = match ending {
        Ending::Taken => return Verdict::Delivered,
        Ending::GivenBack => return Verdict::Returned { after: SOON, failure: None },
        Ending::Failed(error) => error,
    };
    let wait = backoff::wait(policy, attempt, fraction);
    let (after, is_asked) = match error.then {
        Then::Pause => return Verdict::Returned { after: SOON, failure: Some(error.why) },
        Then::GiveUp => return Verdict::Dead { failure: error.why },
        Then::Retry => (wait, false),
        Then::RetryAfter(asked) => (wait.max(asked.min(policy.backoff_cap)), true),
    };
    if policy.gives_up(attempt, failing) {
        Verdict::Dead { failure: error.why }
    } else {
        Verdict::Again { after, failure: error.why, is_asked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: HandlerError, attempt: u32, failing: Duration) -> Verdict {
        verdict(Ending::Failed(error), attempt, failing, &DispatchPolicy::default(), 0.0)
    }

    #[test]
    fn an_asked_wait_is_kept_up_to_the_longest_and_others_may_end_early() {
        let wait = |error| match of(error, 1, Duration::ZERO) {
            Verdict::Again { after, is_asked, .. } => (after.as_millis(), is_asked),
            other => panic!("{other:?}"),
        };
        let asked = |seconds| wait(HandlerError::retry_after("busy", Duration::from_secs(seconds)));
        assert_eq!(wait(HandlerError::retry("no")), (250, false));
        assert_eq!([asked(0), asked(5), asked(86_400)], [(250, true), (5000, true), (3_600_000, true)]);
    }

    #[test]
    fn a_failure_is_judged_by_its_number_and_its_time() {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        assert!(matches!(of(HandlerError::retry("no"), 12, days(3)), Verdict::Dead { failure } if failure == "no"));
        assert!(matches!(of(HandlerError::retry("no"), 12, days(2)), Verdict::Again { .. }));
        assert!(matches!(of(HandlerError::retry("no"), 11, days(3)), Verdict::Again { .. }));
        assert!(matches!(of(HandlerError::pause("gone"), 12, days(3)), Verdict::Returned { .. }));
    }
}
