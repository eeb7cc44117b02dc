//! Repeating calls that failed: only those that did not happen or do no harm, after a pause, and never so many that an
//! outage gets worse by it.

mod budget;
mod decision;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use weifen_proto::{Operation, Repeat};

use self::budget::Budget;
use self::decision::{Decision, Failed, decide};
use crate::{CallError, Clock, Failure, Jitter, Outcome, RandomJitter, SystemClock, TransportError};

/// How often and for how long a call is tried.
///
/// A *safe* call is repeated where no answer came or the vendor said that it is busy; a *counted*, *once* or *write*
/// call only where the request provably never left. The pause before a repetition is random, up to
/// [`first_pause`](Self::first_pause), and up to twice as long before each further one; a `Retry-After` makes it longer.
/// Repetitions are a sixth of the requests at most, but for a few at first and after a calm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RepeatPolicy {
    attempts: u32,
    first_pause: Duration,
    total: Duration,
}

impl Default for RepeatPolicy {
    /// Three attempts, with a first pause of 200 ms, within 10 s.
    fn default() -> Self {
        Self { attempts: 3, first_pause: Duration::from_millis(200), total: Duration::from_secs(10) }
    }
}

impl RepeatPolicy {
    /// No call is repeated.
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// How often a call is tried in all; 0 is taken for 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest pause before the first repetition.
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// How long a safe call may take with all its repetitions; the transport's own time-out, as a rule. The first attempt
    /// is the transport's to end. Of any other call each attempt is, so that none is cut that may have happened; it is
    /// begun again only within the first second.
    pub fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }
}

/// Repeats the calls of one client, within one budget.
#[derive(Debug)]
pub struct Repeats {
    policy: RepeatPolicy,
    budget: Mutex<Budget>,
}

/// An attempt was given up, as the time for all of them was over.
#[derive(Debug, thiserror::Error)]
#[error("the time for the call and its repetitions is over")]
struct OutOfTime;

impl Repeats {
    /// Repeats by this policy.
    pub fn new(policy: RepeatPolicy) -> Self {
        Self { policy, budget: Mutex::default() }
    }

    /// Makes one attempt after another, each anew from the start, until one has an answer or no other may be made.
    /// It waits on tokio's clock.
    ///
    /// # Errors
    /// The last attempt's.
    pub async fn run<T, F>(&self, operation: &'static Operation, mut attempt: impl FnMut() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let begun = Instant::now();
        let mut outcome = attempt().await;
        if was_sent(operation, outcome.as_ref().err()) {
            self.budget(Budget::earn);
        }
        for attempts in 1.. {
            let Err(error) = &outcome else { break };
            let failed = Failed { operation, error, attempts, now: SystemClock.wall(), elapsed: begun.elapsed() };
            match decide(&failed, &self.policy, RandomJitter.fraction()) {
                Decision::Wait(wait) if self.budget(Budget::spend) => sleep(wait).await,
                _ => break,
            }
            outcome = match operation.repeat {
                Repeat::Safe => {
                    let left = self.policy.total.saturating_sub(begun.elapsed());
                    let late =
                        |_| Err(CallError::new(operation, Failure::NoReply(TransportError::no_reply(OutOfTime))));
                    timeout(left, attempt()).await.unwrap_or_else(late)
                }
                // Cut short, it would have happened or not.
                Repeat::Counted | Repeat::Once | Repeat::Write => attempt().await,
            };
        }
        outcome
    }

    fn budget<R>(&self, ask: impl FnOnce(&mut Budget) -> R) -> R {
        ask(&mut self.budget.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether the vendor was asked, or at least tried to be reached.
fn was_sent(operation: &'static Operation, error: Option<&CallError>) -> bool {
    error.is_none_or(|error| {
        error.operation() == operation
            && (error.outcome() != Outcome::NotSent || matches!(error.failure(), Failure::NotDelivered(_)))
    })
}
