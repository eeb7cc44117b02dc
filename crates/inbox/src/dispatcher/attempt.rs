//! One attempt: hands an event to the handler, and writes the outcome to the store.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use weifen_database::milliseconds;
use weifen_transport::{Clock, Jitter};

use super::handler::{Handler, HandlerError, Then};
use super::pause::Pause;
use super::recovery::Recovery;
use super::verdict::{Ending, verdict};
use super::{DispatchPolicy, Phase};
use crate::causes::Causes;
use crate::store::{ClaimedEvent, Settlement, Verdict};
use crate::{FollowEvent, Inbox};

/// Pause before an outcome that could not be written is written again: the first and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// State that all attempts share.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) inbox: Inbox,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) policy: DispatchPolicy,
    pub(super) jitter: Arc<dyn Jitter>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) pause: Pause,
    pub(super) recovery: Recovery,
}

impl Work {
    /// Makes the attempt that `claimed` is for. `ends` is the end of its lease, by the monotonic clock.
    pub(super) async fn attempt(&self, claimed: ClaimedEvent, ends: Duration, mut phase: watch::Receiver<Phase>) {
        let resumptions = self.pause.resumptions();
        let begun = self.clock.elapsed();
        let ending = tokio::select! {
            biased;
            ending = self.hand_out(&claimed, ends) => ending,
            () = cut(&mut phase) => Ending::GivenBack,
        };
        let took = self.clock.elapsed().saturating_sub(begun);
        match &ending {
            Ending::Taken => self.recovery.succeeded(claimed.is_again),
            Ending::Failed(HandlerError { why, then: Then::Pause }) => self.pause(why, resumptions).await,
            Ending::Failed(_) => self.recovery.failed(claimed.is_again),
            Ending::GivenBack => {}
        }
        let (webhook_id, attempt, ms) = (&claimed.key, claimed.event.attempt, milliseconds::of(took));
        let verdict = verdict(ending, attempt, claimed.failing + took, &self.policy, self.jitter.fraction());
        match &verdict {
            Verdict::Delivered => tracing::info!(%webhook_id, attempt, ms, "delivered an event"),
            Verdict::Again { failure, after, .. } => {
                tracing::warn!(%webhook_id, attempt, ms, failure, ?after, "a delivery attempt failed; weifen retries \
                    it");
            }
            Verdict::Dead { failure } => {
                tracing::error!(
                    %webhook_id, attempt, ms, failure, id = claimed.id,
                    "gave up an event, which is now dead: run `weifen inbox redrive ID` when its receiver works again"
                );
            }
            Verdict::Returned { .. } | Verdict::UsedUp => {}
        }
        self.write_down(&claimed, ends, verdict, &phase).await;
    }

    async fn hand_out(&self, claimed: &ClaimedEvent, ends: Duration) -> Ending {
        let begun = self.clock.elapsed();
        // A process that was suspended may have lost the event to another.
        let left = ends.saturating_sub(begun);
        if left.is_zero() || self.pause.is_on() {
            return Ending::GivenBack;
        }
        let handled =
            AssertUnwindSafe(async { self.handler.handle(&claimed.event, &claimed.key).await }).catch_unwind();
        let ending = match timeout(left.min(self.policy.attempt_timeout), handled).await {
            Ok(Ok(Ok(()))) => Ending::Taken,
            Ok(Ok(Err(error))) => Ending::Failed(error),
            Ok(Err(_)) => Ending::Failed(HandlerError::retry("the handler panicked")),
            Err(_) => Ending::Failed(HandlerError::retry("the attempt timed out")),
        };
        self.inbox.counters().delivery_seconds.observe(self.clock.elapsed().saturating_sub(begun).as_secs_f64());
        ending
    }

    /// Pauses deliveries, here at once and at other servers when they next read the switch in the database.
    async fn pause(&self, why: &str, resumptions: i64) {
        self.pause.begin(resumptions);
        if !self.pause.is_on() {
            return;
        }
        self.inbox.counters().is_paused.set(1);
        tracing::warn!(
            why,
            "the receiver of events asked to stop: deliveries are paused until `weifen inbox resume`, or until a \
             server starts"
        );
        if let Err(error) = self.inbox.pause_deliveries(resumptions).await {
            tracing::warn!(error = %Causes(&error), "could not save the pause: other servers continue to deliver");
        }
    }

    /// Writes an attempt's outcome to the store, with retries until the lease ends.
    async fn write_down(
        &self,
        claimed: &ClaimedEvent,
        ends: Duration,
        verdict: Verdict,
        phase: &watch::Receiver<Phase>,
    ) {
        let settlement = Settlement { id: claimed.id, fence: claimed.fence, verdict };
        let mut wait = FIRST_WAIT;
        let mut has_failed = false;
        loop {
            match self.inbox.settle(settlement.clone()).await {
                Ok(true) => return self.count(&settlement.verdict, &claimed.event),
                // The write that seemed to fail was committed.
                Ok(false) if has_failed && self.clock.elapsed() < ends => {
                    return self.count(&settlement.verdict, &claimed.event);
                }
                Ok(false) => {
                    self.inbox.counters().overtaken.inc();
                    tracing::warn!(webhook_id = %claimed.key, "an outcome came after its lease had ended, and \
                        another worker had the event: nothing is changed");
                    return;
                }
                Err(error) if *phase.borrow() == Phase::Aborting || self.clock.elapsed() + wait >= ends => {
                    tracing::error!(error = %Causes(&error), webhook_id = %claimed.key, "could not save the outcome \
                        of an attempt: the event will be delivered again");
                    return;
                }
                Err(error) => {
                    tracing::debug!(error = %Causes(&error), webhook_id = %claimed.key, "could not save the outcome \
                        of an attempt; weifen retries");
                    has_failed = true;
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    fn count(&self, verdict: &Verdict, event: &FollowEvent) {
        let counters = self.inbox.counters();
        match verdict {
            Verdict::Delivered => {
                counters.delivered.inc();
                counters.bid_differs.inc_by(event.bid_differs().into());
            }
            Verdict::Again { .. } => counters.retried.inc(),
            Verdict::Dead { .. } | Verdict::UsedUp => counters.dead.inc(),
            Verdict::Returned { .. } => {}
        }
    }
}

/// Waits for the order to cut attempts short.
async fn cut(phase: &mut watch::Receiver<Phase>) {
    if phase.wait_for(|phase| *phase == Phase::Aborting).await.is_err() {
        // The sender of the order is gone; the task ends with the dispatcher.
        std::future::pending::<()>().await;
    }
}
