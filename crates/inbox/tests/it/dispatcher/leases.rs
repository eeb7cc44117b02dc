//! Workers that die, and workers that wake too late.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, SystemTime};

use weifen_inbox::transport::Clock;
use weifen_inbox::{DispatchPolicy, Status};
use weifen_transport::mock::ManualClock;

use super::{quick, start};
use crate::scripted::Scripted;
use crate::support::{Folder, Receiving, counted, fences, only_event, paying, push, receive, until, until_all_are};

const LEASE: Duration = Duration::from_secs(30);

fn policy() -> DispatchPolicy {
    DispatchPolicy { lease: LEASE, attempt_timeout: Duration::from_secs(20), ..quick() }
}

async fn inbox_at(folder: &Folder, clock: Arc<dyn Clock>) -> Receiving {
    Receiving::by_clock(&folder.database(), paying(), clock).await
}

async fn until_handed(handler: &Scripted, attempt: (&str, u32)) {
    let (user, number) = attempt;
    until("it is handed out", async || handler.attempts().contains(&(user.to_owned(), number))).await;
}

#[tokio::test]
async fn the_events_of_a_dead_worker_are_handed_out_after_its_lease() {
    let folder = Folder::new();
    let clock = Arc::new(ManualClock::new(SystemTime::now()));
    let inbox = inbox_at(&folder, clock.clone()).await;
    let dying = Scripted::hanging();
    let dispatcher = start(&inbox, &dying, policy());
    receive(&inbox, &push("u")).await;
    until_handed(&dying, ("u", 1)).await;
    drop(dispatcher);

    let handler = Scripted::taking_all();
    // What is claimed while the time leaps has lost its lease.
    clock.advance(LEASE.saturating_sub(Duration::from_millis(1)));
    let _dispatcher = start(&inbox, &handler, policy());
    receive(&inbox, &push("witness")).await;
    until_handed(&handler, ("witness", 1)).await;
    assert_eq!(handler.handed().len(), 1, "its lease is not over");
    clock.advance(Duration::from_millis(1));
    until_handed(&handler, ("u", 2)).await;
    until_all_are(&inbox, Status::Delivered).await;
}

#[tokio::test]
async fn an_event_that_kills_its_workers_is_dead_after_its_last_attempt() {
    let folder = Folder::new();
    let clock = Arc::new(ManualClock::new(SystemTime::now()));
    let inbox = inbox_at(&folder, clock.clone()).await;
    let policy = DispatchPolicy { max_attempts: 2, ..policy() };
    receive(&inbox, &push("u")).await;
    for attempt in [1, 2] {
        let dying = Scripted::hanging();
        let _dispatcher = start(&inbox, &dying, policy);
        until_handed(&dying, ("u", attempt)).await;
        clock.advance(LEASE);
    }
    let handler = Scripted::taking_all();
    let _dispatcher = start(&inbox, &handler, policy);
    until_all_are(&inbox, Status::Dead).await;
    let event = only_event(&inbox).await;
    assert_eq!(event.attempts, 2);
    assert!(event.last_failure.unwrap().contains("reported no outcome"));
    assert!(handler.handed().is_empty());
    assert_eq!(counted(&inbox, "dead_total").await, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_wakes_after_its_lease_changes_nothing() {
    let folder = Folder::new();
    let (clock, other_clock) = (ManualClock::new(SystemTime::now()), ManualClock::new(SystemTime::now()));
    let (clock, other_clock) = (Arc::new(clock), Arc::new(other_clock));
    let (late, quick) = (inbox_at(&folder, clock).await, inbox_at(&folder, other_clock.clone()).await);
    // As a process that is stopped: its own timers don't cut it off.
    let (wake, woken) = mpsc::channel::<()>();
    let woken = Arc::new(Mutex::new(woken));
    let sleeper = Scripted::new(move |_| {
        let woken = woken.clone();
        async move {
            let _ = woken.lock().unwrap().recv();
            Err(weifen_inbox::HandlerError::give_up("what the late one says"))
        }
    });
    let _late = start(&late, &sleeper, policy());
    receive(&late, &push("u")).await;
    until_handed(&sleeper, ("u", 1)).await;

    other_clock.advance(LEASE + Duration::from_secs(1));
    let handler = Scripted::taking_all();
    let _quick = start(&quick, &handler, policy());
    until_all_are(&quick, Status::Delivered).await;
    assert_eq!(handler.attempts(), [("u".to_owned(), 2)]);

    wake.send(()).unwrap();
    until("it learns it", async || counted(&late, "overtaken_total").await == "1").await;
    let event = only_event(&late).await;
    assert_eq!((event.status, event.attempts, event.last_failure), (Status::Delivered, 2, None));
    assert_eq!(counted(&late, "dead_total").await, "0");
}

/// A clock of which, while it leaps, more than a lease passes between any two looks, as in a process that is stopped
/// again and again.
#[derive(Debug)]
struct Leaping {
    clock: ManualClock,
    leaps: AtomicBool,
    leapt: Mutex<Duration>,
}

impl Clock for Leaping {
    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    fn elapsed(&self) -> Duration {
        let mut leapt = self.leapt.lock().unwrap();
        if self.leaps.load(Ordering::SeqCst) {
            *leapt += LEASE + Duration::from_secs(1);
        }
        *leapt
    }
}

#[tokio::test]
async fn no_delivery_begins_after_its_lease() {
    let folder = Folder::new();
    let clock = Arc::new(Leaping {
        clock: ManualClock::new(SystemTime::now()),
        leaps: AtomicBool::new(true),
        leapt: Mutex::default(),
    });
    let inbox = inbox_at(&folder, clock.clone()).await;
    let handler = Scripted::taking_all();
    let _dispatcher = start(&inbox, &handler, policy());
    receive(&inbox, &push("u")).await;
    until("it was claimed and given back", async || fences(&folder).await == [2]).await;
    assert!(handler.handed().is_empty());

    clock.leaps.store(false, Ordering::SeqCst);
    clock.clock.advance(LEASE);
    until_all_are(&inbox, Status::Delivered).await;
    assert_eq!(handler.attempts(), [("u".to_owned(), 1)], "the attempt that did not begin is not counted");
}
