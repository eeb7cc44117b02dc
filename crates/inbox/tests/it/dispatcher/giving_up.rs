//! Events that fail for days.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use weifen_inbox::{DispatchPolicy, Dispatcher, HandlerError, Status};
use weifen_transport::mock::{FixedJitter, ManualClock};

use crate::scripted::Scripted;
use crate::support::{Folder, Receiving, counted, only_event, paying, push, receive, until};

const HOUR: Duration = Duration::from_secs(3600);

/// An inbox whose one event fails whenever it is handed out.
struct Failing {
    _folder: Folder,
    inbox: Receiving,
    clock: Arc<ManualClock>,
    handler: Arc<Scripted>,
    policy: DispatchPolicy,
}

impl Failing {
    async fn new(policy: DispatchPolicy) -> Self {
        let folder = Folder::new();
        let clock = Arc::new(ManualClock::new(SystemTime::now()));
        let inbox = Receiving::by_clock(&folder.database(), paying(), clock.clone()).await;
        receive(&inbox, &push("u")).await;
        let handler = Scripted::new(async |_| Err(HandlerError::retry("the shop is closed")));
        Self { _folder: folder, inbox, clock, handler, policy }
    }

    fn start(&self) -> Dispatcher {
        let builder = Dispatcher::builder(&self.inbox, self.handler.clone()).policy(self.policy);
        builder.jitter(Arc::new(FixedJitter(1.0))).start().unwrap()
    }

    async fn judged(&self) -> usize {
        let [retried, dead] = ["retried_total", "dead_total"].map(|name| counted(&self.inbox, name));
        retried.await.parse::<usize>().unwrap() + dead.await.parse::<usize>().unwrap()
    }

    /// Lets the hours pass, with an attempt in each, until it is dead; returns the number of attempts after the first
    /// `before`.
    async fn attempts_until_dead(&self, before: usize, at_most: usize) -> Option<usize> {
        for attempt in 1..=at_most {
            until("it is judged", async || self.judged().await == before + attempt).await;
            if only_event(&self.inbox).await.status == Status::Dead {
                return Some(attempt);
            }
            self.clock.advance(HOUR);
        }
        None
    }
}

/// By default, but that no lease ends while the time leaps.
fn policy() -> DispatchPolicy {
    DispatchPolicy { lease: 24 * HOUR, ..DispatchPolicy::default() }
}

#[tokio::test]
async fn an_event_is_given_up_when_it_has_failed_for_long_and_anew_after_a_redrive() {
    let failing = Failing::new(DispatchPolicy { give_up_after: 20 * HOUR, ..policy() }).await;
    failing.clock.advance(100 * HOUR);
    let _dispatcher = failing.start();
    assert_eq!(failing.attempts_until_dead(0, 30).await, Some(21), "the first, and one in each of 20 hours");
    let dead = only_event(&failing.inbox).await;
    assert!(failing.inbox.redrive(dead.id).await.unwrap());
    assert_eq!(failing.attempts_until_dead(21, 30).await, Some(21));
    assert_eq!(only_event(&failing.inbox).await.key, dead.key);
}

#[tokio::test]
async fn no_event_is_given_up_before_its_twelfth_attempt() {
    let policy = DispatchPolicy { give_up_after: Duration::from_secs(1), ..policy() };
    let failing = Failing::new(policy).await;
    let _dispatcher = failing.start();
    assert_eq!(failing.attempts_until_dead(0, 20).await, Some(12));
}

#[tokio::test]
async fn a_server_that_is_off_for_a_weekend_gives_nothing_up() {
    let failing = Failing::new(policy()).await;
    let dispatcher = failing.start();
    assert_eq!(failing.attempts_until_dead(0, 20).await, None);
    dispatcher.stop(HOUR).await;
    failing.clock.advance(80 * HOUR);
    let before = failing.judged().await;
    let _dispatcher = failing.start();
    until("it has failed again", async || failing.judged().await > before).await;
    assert_eq!(only_event(&failing.inbox).await.status, Status::Pending);
}

#[tokio::test]
async fn an_event_that_kills_its_workers_for_days_is_given_up() {
    let failing = Failing::new(DispatchPolicy::default()).await;
    let mut deaths = 0;
    while only_event(&failing.inbox).await.status == Status::Pending {
        let dying = Scripted::hanging();
        let _dispatcher = Dispatcher::builder(&failing.inbox, dying.clone()).start().unwrap();
        until("it is handed out or given up", async || {
            !dying.handed().is_empty() || only_event(&failing.inbox).await.status == Status::Dead
        })
        .await;
        deaths += dying.handed().len();
        failing.clock.advance(HOUR);
    }
    let event = only_event(&failing.inbox).await;
    assert_eq!((deaths, event.attempts), (72, 72));
    assert!(event.last_failure.unwrap().contains("reported no outcome"));
}
