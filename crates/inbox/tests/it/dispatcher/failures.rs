//! Events that are not taken at once, or not at all.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use weifen_inbox::{DispatchPolicy, Dispatcher, HandlerError, Status};
use weifen_transport::mock::{FixedJitter, ManualClock};

use super::{handed_out, quick, start};
use crate::scripted::{Handled, Scripted};
use crate::support::{Folder, Receiving, counted, only_event, paying, push, receive, until, until_all_are};

/// Fails in its own way until the attempt number `taken`.
fn until_attempt(taken: u32, fail: impl Fn() -> Handled + Clone + Send + Sync + 'static) -> Arc<Scripted> {
    Scripted::new(move |event| {
        let fail = fail.clone();
        async move { if event.attempt < taken { fail() } else { Ok(()) } }
    })
}

#[tokio::test]
async fn an_event_that_was_not_taken_is_handed_out_again_under_the_same_key() {
    let handler = until_attempt(3, || Err(HandlerError::retry("the shop is closed")));
    let (_folder, inbox, _dispatcher) = handed_out(&handler, quick(), Status::Delivered).await;
    let event = only_event(&inbox).await;
    let handed = handler.handed();
    assert_eq!(handed.iter().map(|(event, _)| event.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(handed.iter().all(|(handed, key)| *key == event.key && Some(&handed.push) == event.push.as_ref()));
    assert_eq!((event.attempts, event.last_failure.as_deref()), (3, Some("the shop is closed")));
    assert_eq!(counted(&inbox, "retried_total").await, "2");
}

#[tokio::test]
async fn an_event_is_dead_after_its_last_attempt_until_a_person_redrives_it() {
    let policy = DispatchPolicy { max_attempts: 3, ..quick() };
    let handler = Scripted::new(async |_| Err(HandlerError::retry("no goods left")));
    let (_folder, inbox, dispatcher) = handed_out(&handler, policy, Status::Dead).await;
    dispatcher.stop(Duration::from_secs(60)).await;
    let dead = only_event(&inbox).await;
    assert_eq!((dead.attempts, dead.last_failure.as_deref()), (3, Some("no goods left")));
    assert_eq!(counted(&inbox, "dead_total").await, "1");
    assert_eq!(handler.handed().len(), 3);

    assert!(inbox.redrive(dead.id).await.unwrap());
    let handler = until_attempt(3, || Err(HandlerError::retry("still none")));
    let _dispatcher = start(&inbox, &handler, policy);
    until_all_are(&inbox, Status::Delivered).await;
    assert_eq!(handler.attempts(), [1, 2, 3].map(|attempt| ("u".to_owned(), attempt)));
    assert!(handler.handed().iter().all(|(_, key)| *key == dead.key));
}

#[tokio::test]
async fn an_event_that_is_given_up_is_dead_at_once() {
    let handler = Scripted::new(async |_| Err(HandlerError::give_up("no such machine")));
    let (_folder, inbox, _dispatcher) = handed_out(&handler, quick(), Status::Dead).await;
    assert_eq!(handler.handed().len(), 1);
    assert_eq!(only_event(&inbox).await.last_failure.as_deref(), Some("no such machine"));
}

#[tokio::test]
async fn a_handler_that_panics_has_failed_and_harms_no_other_event() {
    let handler = until_attempt(2, || panic!("a mistake in the handler"));
    let (_folder, inbox, _dispatcher) = handed_out(&handler, quick(), Status::Delivered).await;
    assert_eq!(only_event(&inbox).await.last_failure.as_deref(), Some("the handler panicked"));
}

#[tokio::test]
async fn a_handler_that_hangs_is_cut_off_when_its_time_is_over() {
    let handler = Scripted::new(async |event| if event.attempt < 2 { std::future::pending().await } else { Ok(()) });
    let policy = DispatchPolicy { attempt_timeout: Duration::from_millis(50), ..quick() };
    let (_folder, inbox, _dispatcher) = handed_out(&handler, policy, Status::Delivered).await;
    assert_eq!(only_event(&inbox).await.last_failure.as_deref(), Some("the attempt timed out"));
}

#[tokio::test]
async fn a_handlers_words_are_kept_short_and_plain() {
    let handler = Scripted::new(async |_| Err(HandlerError::give_up(format!("a\0b\u{1b}[2J{}", "坏".repeat(500)))));
    let (_folder, inbox, _dispatcher) = handed_out(&handler, quick(), Status::Dead).await;
    let failure = only_event(&inbox).await.last_failure.unwrap();
    assert!(failure.starts_with("a b [2J坏"), "{failure}");
    assert_eq!(failure.chars().count(), 200);
}

/// An inbox whose time a test moves. Whatever else is due is handed out along with `witness`, so that an event which
/// was not handed out before it was not due. A witness is given up: one that is taken would bring others forward.
struct Timed {
    inbox: Receiving,
    clock: Arc<ManualClock>,
}

impl Timed {
    async fn in_folder(folder: &Folder) -> Self {
        let clock = Arc::new(ManualClock::new(SystemTime::now()));
        let inbox = Receiving::by_clock(&folder.database(), paying(), clock.clone()).await;
        Self { inbox, clock }
    }

    async fn is_not_due(&self, handler: &Scripted, witness: &str) {
        let before = handler.handed().len();
        receive(&self.inbox, &push(witness)).await;
        until("the witness is taken", async || handler.attempts().contains(&(witness.to_owned(), 1))).await;
        assert_eq!(handler.handed().len(), before + 1, "{:?}", handler.attempts());
    }
}

fn failing_for_u(then: impl Fn() -> HandlerError + Clone + Send + Sync + 'static) -> Arc<Scripted> {
    Scripted::new(move |event| {
        let then = then.clone();
        async move {
            match event.push.auth_open_id.as_str() {
                "u" => Err(then()),
                "taken" => Ok(()),
                _ => Err(HandlerError::give_up("seen")),
            }
        }
    })
}

#[tokio::test]
async fn the_wait_doubles_with_each_failure() {
    let folder = Folder::new();
    let timed = Timed::in_folder(&folder).await;
    let handler = failing_for_u(|| HandlerError::retry("not now"));
    let _dispatcher =
        Dispatcher::builder(&timed.inbox, handler.clone()).jitter(Arc::new(FixedJitter(0.5))).start().unwrap();
    receive(&timed.inbox, &push("taken")).await;
    until("nothing waits that it could bring forward", async || handler.handed().len() == 1).await;
    until_all_are(&timed.inbox, Status::Delivered).await;
    receive(&timed.inbox, &push("u")).await;
    for (attempt, wait) in [(1, 375), (2, 750), (3, 1500)] {
        until("it has failed", async || counted(&timed.inbox, "retried_total").await == attempt.to_string()).await;
        timed.clock.advance(Duration::from_millis(wait - 1));
        timed.is_not_due(&handler, &format!("witness-{attempt}")).await;
        timed.clock.advance(Duration::from_millis(1));
        until("it is handed out again", async || handler.attempts().contains(&("u".to_owned(), attempt + 1))).await;
    }
}

#[tokio::test]
async fn a_handler_can_ask_for_a_longer_wait_up_to_the_longest() {
    let folder = Folder::new();
    let timed = Timed::in_folder(&folder).await;
    let handler = failing_for_u(|| HandlerError::retry_after("come tomorrow", Duration::from_secs(86_400)));
    // The longest wait is an hour.
    let dispatcher = start(&timed.inbox, &handler, DispatchPolicy::default());
    receive(&timed.inbox, &push("u")).await;
    until("it has failed", async || counted(&timed.inbox, "retried_total").await == "1").await;
    // What is claimed while the time leaps has lost its lease.
    dispatcher.stop(Duration::from_secs(60)).await;
    timed.clock.advance(Duration::from_secs(3599));
    let _anew = start(&timed.inbox, &handler, DispatchPolicy::default());
    timed.is_not_due(&handler, "witness").await;
    timed.clock.advance(Duration::from_secs(1));
    until("it is handed out again", async || handler.attempts().contains(&("u".to_owned(), 2))).await;
}

#[tokio::test]
async fn a_policy_that_cannot_be_right_is_refused() {
    let folder = Folder::new();
    let inbox = folder.inbox().await;
    let default = DispatchPolicy::default();
    for (policy, setting) in [
        (DispatchPolicy { lease: Duration::from_secs(10), ..default }, "attempt_timeout"),
        (DispatchPolicy { lease: Duration::from_secs(86_401), ..default }, "lease"),
        (DispatchPolicy { attempt_timeout: Duration::ZERO, ..default }, "attempt_timeout"),
        (DispatchPolicy { give_up_after: Duration::ZERO, ..default }, "give_up_after"),
        (DispatchPolicy { backoff_base: Duration::ZERO, ..default }, "backoff_base"),
        (DispatchPolicy { backoff_cap: Duration::from_millis(499), ..default }, "backoff_base"),
        (DispatchPolicy { workers: 1, ..default }, "workers"),
    ] {
        let refused = Dispatcher::builder(&inbox, Scripted::taking_all()).policy(policy).start().unwrap_err();
        assert_eq!(refused.setting(), setting);
    }
}
