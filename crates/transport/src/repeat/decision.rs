//! Decides, as a pure function, whether and when a failed call is repeated.

use std::time::{Duration, SystemTime};

use weifen_proto::{Operation, Repeat};

use super::RepeatPolicy;
use crate::deadline::LATE;
use crate::{BadReply, BodyFault, CallError, Failure};

/// State of a call after a failed attempt.
pub(super) struct Failed<'a> {
    pub(super) operation: &'static Operation,
    /// Error of the last attempt.
    pub(super) error: &'a CallError,
    /// Number of attempts so far.
    pub(super) attempts: u32,
    pub(super) now: SystemTime,
    /// Time since the first attempt began, pauses included.
    pub(super) elapsed: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Repeat after this pause.
    Wait(Duration),
    /// Do not repeat.
    Stop,
}

/// Latest time, since the first attempt began, to repeat a call that is not safe. With much less time than it needs it
/// would be cut, and its outcome unknown.
const EARLY: Duration = Duration::from_secs(1);

/// Returns the latest time to begin a repetition. A call that is not safe needs time to fail to connect before it is
/// cut, for which a transport may take up to nine tenths of the call's time.
fn latest(operation: &Operation, total: Duration) -> Duration {
    match operation.repeat {
        Repeat::Safe => total,
        Repeat::Counted | Repeat::Once | Repeat::Write => EARLY.min(total / 10 + LATE / 2),
    }
}

/// Decides on a repetition. `fraction` is random, from 0 up to 1, and scales the pause.
pub(super) fn decide(failed: &Failed<'_>, policy: &RepeatPolicy, fraction: f64) -> Decision {
    if failed.attempts >= policy.attempts || !may_be_repeated(failed) {
        return Decision::Stop;
    }
    let left = latest(failed.operation, policy.total).saturating_sub(failed.elapsed);
    let doubled = policy.first_pause.saturating_mul(1_u32.checked_shl(failed.attempts - 1).unwrap_or(u32::MAX));
    let asked_for = failed.error.retry_after().map(|retry| retry.wait(failed.now)).unwrap_or_default();
    let wait = doubled.min(left).mul_f64(fraction).max(asked_for);
    // A repetition that can't begin in time is not made.
    if wait < left { Decision::Wait(wait) } else { Decision::Stop }
}

fn may_be_repeated(failed: &Failed<'_>) -> bool {
    // An earlier step that failed, such as a token fetch, has rules of its own.
    if failed.error.operation() != failed.operation {
        return false;
    }
    match (failed.error.failure(), failed.operation.repeat) {
        (Failure::NotDelivered(_), _) | (Failure::NoReply(_), Repeat::Safe) => true,
        (Failure::Refused(refusal), Repeat::Safe) => refusal.kind().is_temporary(),
        (Failure::Undecodable(reply), Repeat::Safe) => {
            // A repeat of a redirect, a large body or a bad compression would give the same.
            matches!(reply, BadReply::Undecodable(_) | BadReply::Body(BodyFault::CutShort))
        }
        _ => false,
    }
}
