//! What becomes of an event after an attempt, as a pure decision.

use std::time::Duration;

use super::handler::{HandlerError, Then};
use super::{DispatchPolicy, backoff};
use crate::store::Verdict;

/// When an event is due that is given back: soon, and not at once, as its receiver may still be at it.
const SOON: Duration = Duration::from_secs(1);

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Ending {
    Taken,
    Failed(HandlerError),
    /// It was cut short, or did not begin.
    GivenBack,
}

pub(super) fn verdict(ending: Ending, attempt: u32, policy: &DispatchPolicy, fraction: f64) -> Verdict {
    let error = match ending {
        Ending::Taken => return Verdict::Delivered,
        Ending::GivenBack => return Verdict::Returned { after: SOON, failure: None },
        Ending::Failed(error) => error,
    };
    let wait = backoff::wait(policy, attempt, fraction);
    let after = match error.then {
        Then::Pause => return Verdict::Returned { after: SOON, failure: Some(error.why) },
        Then::GiveUp => return Verdict::Dead { failure: error.why },
        Then::Retry => wait,
        Then::RetryAfter(asked) => wait.max(asked),
    };
    if attempt >= policy.max_attempts {
        Verdict::Dead { failure: error.why }
    } else {
        Verdict::Again { after, failure: error.why }
    }
}
