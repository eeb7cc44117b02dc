//! Repeats failed calls: only those that did not happen or do no harm, after a pause, and so few that an outage does
//! not get worse.

mod budget;
mod decision;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};
use weifen_proto::Operation;

use self::budget::Budget;
use self::decision::{Decision, Failed, decide};
use crate::{CallError, Clock, Deadline, Failure, Jitter, Outcome, RandomJitter, SystemClock};

/// Limits of a call's attempts: their number, pauses and total time.
///
/// A *safe* call is repeated where no answer came or the vendor said that it is busy. A *counted*, *once* or *write*
/// call is repeated only where provably nothing was sent. The pause before a repetition is random, up to
/// [`first_pause`](Self::first_pause), and up to twice as long before each further one; `Retry-After` makes it longer.
/// Repetitions are limited to a sixth of the calls, plus a few at first and after a calm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RepeatPolicy {
    attempts: u32,
    first_pause: Duration,
    total: Duration,
}

impl Default for RepeatPolicy {
    /// Three attempts with a first pause of 200 ms, within 10 s.
    fn default() -> Self {
        Self { attempts: 3, first_pause: Duration::from_millis(200), total: Duration::from_secs(10) }
    }
}

impl RepeatPolicy {
    /// Policy without repetitions.
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// Sets the maximum number of attempts, the first included; 0 is taken as 1. Default: 3.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the maximum pause before the first repetition. Default: 200 ms.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// Sets the maximum time of a call, with its repetitions and a token fetch it waits for. Default: 10 s. As a rule
    /// it equals the transport's timeout: a call is cut 500 ms later, so that the transport ends it first. A call that
    /// is not safe is repeated only within the first second (or a tenth of the total and 250 ms, if less), and never
    /// sent in the last tenth of the total: a call that is cut has an unknown outcome.
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }
}

/// Repeats one client's calls, within one budget.
#[derive(Debug)]
pub(crate) struct Repeats {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Arc<dyn Jitter>,
    policy: RepeatPolicy,
    budget: Mutex<Budget>,
}

impl Repeats {
    pub(crate) fn new(policy: RepeatPolicy) -> Self {
        Self { clock: Arc::new(SystemClock), jitter: Arc::new(RandomJitter), policy, budget: Mutex::default() }
    }

    pub(crate) async fn run<T, F>(
        &self,
        operation: &'static Operation,
        mut attempt: impl FnMut(Deadline) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let begun = Instant::now();
        let deadline = Deadline::after(self.policy.total);
        let mut outcome = attempt(deadline).await;
        if was_sent(operation, outcome.as_ref().err()) {
            self.budget(Budget::earn);
        }
        for attempts in 1.. {
            let Err(error) = &outcome else { break };
            let failed = Failed { operation, error, attempts, now: self.clock.wall(), elapsed: begun.elapsed() };
            match decide(&failed, &self.policy, self.jitter.fraction()) {
                Decision::Wait(wait) if Handle::try_current().is_ok() && self.budget(Budget::spend) => {
                    sleep(wait).await;
                }
                _ => break,
            }
            outcome = attempt(deadline).await;
        }
        outcome
    }

    fn budget<R>(&self, ask: impl FnOnce(&mut Budget) -> R) -> R {
        ask(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns true where the vendor got a request, or a connection to it was tried.
fn was_sent(operation: &'static Operation, error: Option<&CallError>) -> bool {
    error.is_none_or(|error| {
        error.operation() == operation
            && (error.outcome() != Outcome::NotSent || matches!(error.failure(), Failure::NotDelivered(_)))
    })
}
