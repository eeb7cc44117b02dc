//! Whether a call that failed is made again, and when: a pure decision.

use std::time::{Duration, SystemTime};

use weifen_proto::{Operation, Repeat};

use super::RepeatPolicy;
use crate::deadline::LATE;
use crate::{BadReply, BodyFault, CallError, Failure};

/// What is known of the attempts so far.
pub(super) struct Failed<'a> {
    pub(super) operation: &'static Operation,
    /// Why the last one has no answer.
    pub(super) error: &'a CallError,
    /// How many were made.
    pub(super) attempts: u32,
    pub(super) now: SystemTime,
    /// How long they took, with the pauses between them.
    pub(super) elapsed: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Another one after this pause.
    Wait(Duration),
    /// No other one.
    Stop,
}

/// Until when a call is begun again that is not safe: with much less time than it needs it would be cut, and its outcome
/// unknown.
const EARLY: Duration = Duration::from_secs(1);

/// Until when at the latest any call may be begun again. One that is not safe needs time to fail to connect, for which a
/// transport has up to nine tenths of a call's time, before it is cut.
fn latest(operation: &Operation, total: Duration) -> Duration {
    match operation.repeat {
        Repeat::Safe => total,
        Repeat::Counted | Repeat::Once | Repeat::Write => EARLY.min(total / 10 + LATE / 2),
    }
}

/// `fraction` is chance, from 0 up to 1.
pub(super) fn decide(failed: &Failed<'_>, policy: &RepeatPolicy, fraction: f64) -> Decision {
    if failed.attempts >= policy.attempts || !may_be_repeated(failed) {
        return Decision::Stop;
    }
    let left = latest(failed.operation, policy.total).saturating_sub(failed.elapsed);
    let doubled = policy.first_pause.saturating_mul(1_u32.checked_shl(failed.attempts - 1).unwrap_or(u32::MAX));
    let asked_for = failed.error.retry_after().map(|retry| retry.wait(failed.now)).unwrap_or_default();
    let wait = doubled.min(left).mul_f64(fraction).max(asked_for);
    // What can't begin in time is not begun.
    if wait < left { Decision::Wait(wait) } else { Decision::Stop }
}

fn may_be_repeated(failed: &Failed<'_>) -> bool {
    // What failed before it, such as fetching a token, has rules of its own.
    if failed.error.operation() != failed.operation {
        return false;
    }
    match (failed.error.failure(), failed.operation.repeat) {
        (Failure::NotDelivered(_), _) | (Failure::NoReply(_), Repeat::Safe) => true,
        (Failure::Refused(refusal), Repeat::Safe) => refusal.kind().is_temporary(),
        (Failure::Undecodable(reply), Repeat::Safe) => {
            // A redirect will be one again, and what is too large or badly compressed will be so.
            matches!(reply, BadReply::Undecodable(_) | BadReply::Body(BodyFault::CutShort))
        }
        _ => false,
    }
}
