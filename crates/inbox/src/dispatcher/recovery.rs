//! Early retries: events in backoff are brought forward once their receiver is well again.
//!
//! A success tells so if its event had failed before, or if new events failed until now: then two that wait are
//! retried early. Each of them that succeeds brings two more forward, so that a backlog drains faster and faster; one
//! that fails brings none. An event that fails for a reason of its own brings nothing forward, whatever else succeeds.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Number of early retries for each such success.
const FOR_EACH: u32 = 2;

#[derive(Debug)]
pub(super) struct Recovery {
    /// True where the last new event failed; true also at the start, when that is unknown.
    is_away: AtomicBool,
    /// Number of early retries that are left.
    early: AtomicU32,
    at_most: u32,
}

impl Recovery {
    pub(super) fn new(at_most: u32) -> Self {
        Self { is_away: AtomicBool::new(true), early: AtomicU32::new(0), at_most }
    }

    pub(super) fn failed(&self, is_again: bool) {
        if !is_again {
            self.is_away.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn succeeded(&self, is_again: bool) {
        if self.is_away.swap(false, Ordering::Relaxed) || is_again {
            self.change(|early| early.saturating_add(FOR_EACH).min(self.at_most));
        }
    }

    pub(super) fn early(&self) -> u32 {
        self.early.load(Ordering::Relaxed)
    }

    pub(super) fn have_gone(&self, early: u32) {
        self.change(|left| left.saturating_sub(early));
    }

    fn change(&self, change: impl Fn(u32) -> u32) {
        // It never refuses.
        _ = self.early.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |early| Some(change(early)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_success_after_failures_of_new_events_lets_two_go() {
        let recovery = Recovery::new(8);
        recovery.succeeded(false);
        assert_eq!(recovery.early(), 2, "whether it was well before the start is not known");
        recovery.succeeded(false);
        assert_eq!(recovery.early(), 2);
        recovery.failed(false);
        recovery.succeeded(false);
        assert_eq!(recovery.early(), 4);
    }

    #[test]
    fn each_success_of_one_that_failed_before_lets_two_go_up_to_the_bound() {
        let recovery = Recovery::new(3);
        recovery.succeeded(true);
        recovery.have_gone(1);
        recovery.succeeded(true);
        assert_eq!(recovery.early(), 3);
        recovery.have_gone(4);
        assert_eq!(recovery.early(), 0);
    }

    #[test]
    fn an_event_that_fails_again_and_again_brings_nothing_forward() {
        let recovery = Recovery::new(8);
        recovery.succeeded(false);
        recovery.have_gone(2);
        for _ in 0..10 {
            recovery.failed(true);
            recovery.succeeded(false);
        }
        assert_eq!(recovery.early(), 0);
    }
}
