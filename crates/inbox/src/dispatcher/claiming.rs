//! The loop that claims events and begins an attempt for each.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use weifen_transport::StoreError;

use super::Phase;
use super::attempt::Work;
use crate::causes::Causes;
use crate::store::{Claims, GivenUp, Mode, Room};

/// Longest pause between two claims: events that other processes store wake nobody here.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// Shortest pause after a claim that got nothing.
const SHORTEST_REST: Duration = Duration::from_millis(10);

pub(super) struct Claiming {
    work: Arc<Work>,
    phase: watch::Receiver<Phase>,
    under_way: JoinSet<()>,
    /// Permits for events that are not new.
    again: Arc<Semaphore>,
    /// Time of the last look at the clock and the pause switch.
    looked: Option<Instant>,
    /// Number of claims in a row that failed.
    failures: u32,
}

/// The pause until the next claim, unless a worker gets free before.
struct Rest {
    at_most: Duration,
    /// True where a new event ends it early.
    can_be_woken: bool,
}

impl Claiming {
    pub(super) fn new(work: Arc<Work>, phase: watch::Receiver<Phase>) -> Self {
        let again = Arc::new(Semaphore::new(work.policy.workers_again() as usize));
        Self { work, phase, under_way: JoinSet::new(), again, looked: None, failures: 0 }
    }

    /// Claims until another phase begins, and then waits for attempts that are under way.
    pub(super) async fn run(mut self) {
        while *self.phase.borrow_and_update() == Phase::Claiming {
            let rest = self.claim().await;
            tokio::select! {
                _ = self.phase.changed() => {}
                Some(_) = self.under_way.join_next() => while self.under_way.try_join_next().is_some() {},
                () = self.work.inbox.until_due(), if rest.can_be_woken => {}
                () = sleep(rest.at_most) => {}
            }
        }
        while self.under_way.join_next().await.is_some() {}
    }

    async fn claim(&mut self) -> Rest {
        let room = self.room();
        if room.all == 0 {
            return Rest { at_most: LONGEST_REST, can_be_woken: false };
        }
        if let Err(error) = self.look().await {
            return self.failed(&error);
        }
        if self.work.pause.is_on() {
            return Rest { at_most: LONGEST_REST, can_be_woken: false };
        }
        // Taken before the store begins to count.
        let ends = self.work.clock.elapsed().saturating_add(self.work.policy.lease);
        match self.work.inbox.claim(room, &self.work.policy).await {
            Ok(claims) => self.begin(claims, ends),
            Err(error) => self.failed(&error),
        }
    }

    /// Once in a while corrects wrong clock times, and reads the pause switch. The first look resumes deliveries.
    async fn look(&mut self) -> Result<(), StoreError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < LONGEST_REST) {
            return Ok(());
        }
        let Work { inbox, policy, pause, .. } = &*self.work;
        if self.looked.is_none() {
            inbox.begin(Mode::Handler).await?;
        }
        inbox.recall(Some(policy)).await?;
        let (was_paused, was_overruled) = (pause.is_on(), pause.is_overruled());
        pause.see(inbox.switch().await?);
        inbox.counters().is_paused.set(pause.is_on().into());
        if pause.is_overruled() && !was_overruled {
            tracing::error!(
                "another server of this database lets programs claim the events: this server delivers no events \
                 until it is restarted"
            );
        } else if was_paused && !pause.is_on() {
            tracing::info!("deliveries are resumed");
        }
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Number of events that can be begun at once: a lease never runs while its event waits for a worker.
    fn room(&self) -> Room {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Room {
            all: self.work.policy.workers.saturating_sub(number(self.under_way.len())),
            again: number(self.again.available_permits()),
            early: self.work.recovery.early(),
        }
    }

    fn begin(&mut self, claims: Claims, ends: Duration) -> Rest {
        if self.failures > 0 {
            tracing::info!("weifen can deliver events again");
            self.failures = 0;
        }
        self.work.recovery.have_gone(claims.early);
        for GivenUp { id, failure } in &claims.dead {
            self.work.inbox.has_given_up(*id, failure);
        }
        let got_any = !claims.dead.is_empty() || !claims.events.is_empty();
        for claimed in claims.events {
            let place = claimed.is_again.then(|| self.again.clone().try_acquire_owned());
            let (work, phase) = (self.work.clone(), self.phase.clone());
            self.under_way.spawn(async move {
                work.attempt(claimed, ends, phase).await;
                drop(place);
            });
        }
        let at_most = if got_any {
            Duration::ZERO
        } else {
            claims.next_in.unwrap_or(LONGEST_REST).clamp(SHORTEST_REST, LONGEST_REST)
        };
        Rest { at_most, can_be_woken: true }
    }

    fn failed(&mut self, error: &StoreError) -> Rest {
        if self.failures == 0 {
            tracing::warn!(error = %Causes(error), "cannot claim events for delivery; weifen retries");
        }
        let at_most = SHORTEST_REST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST_REST);
        self.failures = self.failures.saturating_add(1);
        Rest { at_most, can_be_woken: false }
    }
}
