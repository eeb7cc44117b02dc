//! Deliveries by pull: consumers claim events, each under a lease, and acknowledge them.

mod ack;
mod delivery;

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::time::{Instant, sleep};
use weifen_database::{GroupCommit, milliseconds};
use weifen_transport::{Jitter, RandomJitter, StoreError};

use crate::dispatcher::Judge;
use crate::store::{
    Acknowledged, Acknowledgement, Attempt, ClaimedEvent, GivenUp, Leased, Mode, Room, Settlement, Verdict,
};
use crate::{DispatchPolicy, Inbox, InvalidPolicy, payload};

pub use ack::{Ack, AckOutcome, AckResult};
pub use delivery::Delivery;
pub(crate) use delivery::Lease;

/// Longest lease.
const LONGEST: Duration = Duration::from_secs(3600);
/// Time between two looks for events that other servers store, or that are due again.
const LOOK: Duration = Duration::from_millis(150);
/// Time between two looks at the clock.
const RECALL: Duration = Duration::from_secs(1);

/// Hands out an inbox's events to consumers that claim and acknowledge them.
///
/// An event is claimed again and again until it is taken or given up, by any consumer of any server of the database,
/// but by one at a time. A lease that ends without an acknowledgement is a failed attempt; the next claim gets the
/// event after a backoff. The [`webhook_id`](Delivery::webhook_id) is the same each time: do nothing for one that was
/// handled before.
///
/// Events leave an inbox by claims or to a [`Handler`](crate::Handler), never by both: the server that began last
/// decides.
pub struct Pull {
    inbox: Inbox,
    judge: Arc<Judge>,
    acks: GroupCommit<Acknowledgement, Acknowledged>,
    /// Held by the one of those who wait that looks for events.
    line: tokio::sync::Mutex<()>,
    /// True while it has found none: others need not look before they join the line.
    is_dry: AtomicBool,
    /// True where the next claim of a single event prefers one that was handed out before.
    prefers_repeat: AtomicBool,
    looked: Mutex<Option<Instant>>,
}

/// The error of a claim.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The database can't be read or written to. Events may have been claimed: they can be claimed again after their
    /// lease.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another server of this database delivers events to a handler or a URL. Nothing was claimed. Configure all
    /// servers alike, and restart the servers that offer claims.
    #[error("another server of this database delivers the events itself")]
    Handled,
}

impl fmt::Debug for Pull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pull").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}

impl Inbox {
    /// Returns the pull side of the inbox. Of `policy` the lease, the timeout of attempts and the workers are not
    /// used.
    ///
    /// # Errors
    /// When a setting of the policy is out of range. Correct it.
    pub fn pulling(&self, policy: DispatchPolicy) -> Result<Pull, InvalidPolicy> {
        Pull::new(self.clone(), policy, Arc::new(RandomJitter))
    }
}

impl Pull {
    fn new(inbox: Inbox, policy: DispatchPolicy, jitter: Arc<dyn Jitter>) -> Result<Self, InvalidPolicy> {
        policy.check()?;
        let judge = Arc::new(Judge { policy: DispatchPolicy { lease: LONGEST, ..policy }, jitter });
        let of_acks = judge.clone();
        let acks = inbox.stored().commit_together(move |store, batch: Vec<Acknowledgement>| {
            let judge = of_acks.clone();
            async move { store.acknowledge(&batch, &judge).await }
        });
        Ok(Self {
            inbox,
            judge,
            acks,
            line: tokio::sync::Mutex::default(),
            is_dry: AtomicBool::new(false),
            prefers_repeat: AtomicBool::new(false),
            looked: Mutex::default(),
        })
    }

    /// Makes claims the way in which events leave the inbox: servers of the database that hand them to a handler, or
    /// post them, begin no more deliveries within a second.
    ///
    /// # Errors
    /// When the database can't be written to. Repeating is safe.
    pub async fn begin(&self) -> Result<(), StoreError> {
        self.inbox.begin(Mode::Pull).await
    }

    /// Claims up to `most` events, each for `lease`, an hour at most. Where none is due, waits for one until `end`.
    ///
    /// At most half of them were handed out before, released or redriven; of claims of a single event every other one
    /// prefers such an event.
    ///
    /// The future must not be dropped before it is ready: what it has claimed would wait for the end of its lease.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub async fn claim(
        &self,
        most: u32,
        lease: Duration,
        end: impl Future<Output = ()>,
    ) -> Result<Vec<Delivery>, ClaimError> {
        let mut end = pin!(end);
        let has_ended = end.as_mut().now_or_never().is_some();
        if has_ended || !self.is_dry.load(Ordering::Relaxed) {
            let found = self.claim_now(most, lease).await?;
            if has_ended || !found.is_empty() {
                return Ok(found);
            }
        }
        // In a line, so that one of them looks for all.
        let _turn = tokio::select! {
            biased;
            () = &mut end => return Ok(Vec::new()),
            turn = self.line.lock() => turn,
        };
        self.is_dry.store(true, Ordering::Relaxed);
        let found = self.claim_until(most, lease, end).await;
        self.is_dry.store(false, Ordering::Relaxed);
        found
    }

    /// Looks again and again.
    async fn claim_until(
        &self,
        most: u32,
        lease: Duration,
        mut end: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Vec<Delivery>, ClaimError> {
        loop {
            tokio::select! {
                biased;
                () = &mut end => return Ok(Vec::new()),
                () = self.inbox.until_due() => {}
                () = sleep(LOOK) => {}
            }
            let found = self.claim_now(most, lease).await?;
            if !found.is_empty() {
                // There may be more, for the next in the line.
                self.inbox.wake();
                return Ok(found);
            }
        }
    }

    /// On the heap: thousands that wait must not each keep room for it.
    fn claim_now(&self, most: u32, lease: Duration) -> BoxFuture<'_, Result<Vec<Delivery>, ClaimError>> {
        let room = move |again| Room { all: most, again, early: 0 };
        Box::pin(async move {
            self.look().await?;
            if most > 1 {
                return self.lease(room(most / 2), lease).await;
            }
            let prefers_repeat = self.prefers_repeat.load(Ordering::Relaxed);
            let found = self.lease(room(prefers_repeat.into()), lease).await?;
            if found.is_empty() && !prefers_repeat { self.lease(room(1), lease).await } else { Ok(found) }
        })
    }

    /// Once in a while corrects times that a wrong clock wrote.
    async fn look(&self) -> Result<(), StoreError> {
        {
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.is_some_and(|looked| looked.elapsed() < RECALL) {
                return Ok(());
            }
            *looked = Some(Instant::now());
        }
        self.inbox.recall(Some(&self.judge.policy)).await
    }

    async fn lease(&self, room: Room, lease: Duration) -> Result<Vec<Delivery>, ClaimError> {
        let lease = lease.min(LONGEST);
        let Leased { events, claimed_at, ended, dead } =
            self.inbox.lease(room, lease, &self.judge).await?.ok_or(ClaimError::Handled)?;
        let counters = self.inbox.counters();
        for (webhook_id, attempt) in ended {
            counters.retried.inc();
            tracing::warn!(%webhook_id, attempt, "the lease of a claimed event ended without an acknowledgement");
        }
        for GivenUp { id, failure } in dead {
            self.inbox.has_given_up(id, &failure);
        }
        if let Some(last) = events.last() {
            self.prefers_repeat.store(!last.is_again, Ordering::Relaxed);
        }
        let mut deliveries = Vec::with_capacity(events.len());
        for claimed in events {
            match delivery(&claimed, claimed_at) {
                Some(delivery) => deliveries.push(delivery),
                None => self.give_up(&claimed).await?,
            }
        }
        Ok(deliveries)
    }

    /// Gives up an event of which no body can be made.
    async fn give_up(&self, claimed: &ClaimedEvent) -> Result<(), StoreError> {
        let failure = "the event cannot be encoded as a body".to_owned();
        let verdict = Verdict::Dead { failure: failure.clone() };
        if self.inbox.settle(Settlement { id: claimed.id, fence: claimed.fence, verdict }).await? {
            self.inbox.has_given_up(claimed.id, &failure);
        }
        Ok(())
    }

    /// Writes acknowledgements; returns what each has come to, in their order.
    ///
    /// # Errors
    /// When the database can't be written to. Some may count by then: send all of them again.
    pub async fn acknowledge(&self, acks: Vec<Ack>) -> Result<Vec<AckResult>, StoreError> {
        join_all(acks.into_iter().map(|ack| self.acknowledge_one(ack))).await.into_iter().collect()
    }

    async fn acknowledge_one(&self, Ack { id, lease, outcome }: Ack) -> Result<AckResult, StoreError> {
        let acknowledged = match lease.parse() {
            Ok(lease) => self.acks.commit(Acknowledgement { id, lease, outcome }).await?,
            Err(delivery::Unknown) => Acknowledged::Unknown,
        };
        match acknowledged {
            Acknowledged::Settled { attempt, verdict } => self.has_settled(id, &attempt, &verdict),
            Acknowledged::Extended | Acknowledged::Repeated => {}
            Acknowledged::Overtaken => {
                self.inbox.counters().overtaken.inc();
                tracing::warn!(id, "an acknowledgement came after its lease had ended: nothing is changed");
                return Ok(AckResult::Overtaken);
            }
            Acknowledged::Unknown => {
                tracing::warn!(
                    id,
                    "an acknowledgement names a lease that has ended or never existed: nothing is changed"
                );
                return Ok(AckResult::Overtaken);
            }
        }
        Ok(AckResult::Done)
    }

    /// Counts and logs. The failure stands in the inbox alone: its words are the consumer's.
    fn has_settled(&self, id: i64, attempt: &Attempt, verdict: &Verdict) {
        let counters = self.inbox.counters();
        counters.delivery_seconds.observe(attempt.took.as_secs_f64());
        let (webhook_id, number, ms) = (&attempt.key, attempt.number, milliseconds::of(attempt.took));
        match verdict {
            Verdict::Delivered => {
                counters.delivered.inc();
                counters.bid_differs.inc_by(attempt.bid_differs.into());
                tracing::info!(%webhook_id, attempt = number, ms, "delivered an event");
            }
            Verdict::Again { after, .. } => {
                counters.retried.inc();
                tracing::warn!(%webhook_id, attempt = number, ms, ?after, "a delivery attempt failed; weifen retries \
                    it");
            }
            Verdict::Dead { .. } | Verdict::UsedUp => {
                counters.dead.inc();
                tracing::error!(
                    %webhook_id, attempt = number, ms, id,
                    "gave up an event, which is now dead: run `weifen inbox redrive ID` when its consumer works again"
                );
            }
            Verdict::Returned { .. } => {}
        }
    }
}

fn delivery(claimed: &ClaimedEvent, claimed_at: i64) -> Option<Delivery> {
    Some(Delivery {
        id: claimed.id,
        webhook_id: claimed.key.clone(),
        lease: Lease { fence: claimed.fence, claimed_at }.to_string(),
        attempt: claimed.event.attempt,
        payload: payload::bytes(&claimed.event)?,
    })
}
