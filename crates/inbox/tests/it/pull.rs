//! Events, claimed by consumers: each is handed out until one of them has said that it was taken.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::timeout;
use weifen_fensi::Reference;
use weifen_inbox::transport::http::Response;
use weifen_inbox::transport::{Bytes, Clock};
use weifen_inbox::{
    Ack, AckOutcome, AckResult, Bookings, ClaimError, Delivery, DispatchPolicy, Dispatcher, HandlerError, Inbox, Pull,
    Status, Webhook,
};
use weifen_proto::fensi::Fen;
use weifen_transport::mock::{Canned, ManualClock};

use crate::log::listening;
use crate::scripted::Scripted;
use crate::support::{
    Folder, Receiving, TestDatabase, behaviours, booking, counted, only_event, paying, push, receive, until,
    until_all_are,
};

behaviours![
    a_claimed_event_is_delivered_once_it_is_acknowledged,
    the_same_acknowledgement_counts_again,
    what_a_dead_consumer_held_is_claimed_again_and_its_late_word_changes_nothing,
    a_late_word_counts_until_someone_else_claims,
    a_lease_that_ends_is_a_failed_attempt,
    what_was_not_taken_waits_as_long_as_was_asked_for,
    an_extended_lease_goes_on,
    repeats_take_at_most_half_of_a_claim,
    claims_of_one_get_new_events_and_repeats_by_turns,
    poison_that_nobody_acknowledges_starves_nothing,
    ten_consumers_never_hold_the_same_event_at_once,
    who_waits_gets_an_event_as_soon_as_it_is_there,
    of_those_who_wait_each_gets_one,
    the_server_that_began_last_decides_how_events_leave,
    the_payload_is_the_body_of_a_webhook,
    an_unknown_lease_is_overtaken,
    a_push_with_another_bid_is_counted_once_it_is_taken,
];

const HOUR: Duration = Duration::from_secs(3600);
/// A lease that has ended once it begins.
const NO_LEASE: Duration = Duration::ZERO;

/// A policy by which a repeat is due at once.
fn quick() -> DispatchPolicy {
    let shortest = Duration::from_millis(1);
    DispatchPolicy { backoff_base: shortest, backoff_cap: shortest, ..DispatchPolicy::default() }
}

async fn pulling(database: &TestDatabase) -> (Receiving, Pull) {
    let inbox = database.inbox_with(paying()).await;
    let pull = inbox.pulling(quick()).unwrap();
    pull.begin().await.unwrap();
    (inbox, pull)
}

/// Waits for an event.
async fn claimed(pull: &Pull, most: u32, lease: Duration) -> Vec<Delivery> {
    timeout(Duration::from_secs(60), pull.claim(most, lease, pending())).await.expect("an event is due").unwrap()
}

async fn claimed_one(pull: &Pull, lease: Duration) -> Delivery {
    let mut deliveries = claimed(pull, 1, lease).await;
    assert_eq!(deliveries.len(), 1);
    deliveries.remove(0)
}

async fn due_now(pull: &Pull, most: u32) -> usize {
    pull.claim(most, HOUR, ready(())).await.unwrap().len()
}

async fn say(pull: &Pull, delivery: &Delivery, outcome: AckOutcome) -> AckResult {
    let ack = Ack { id: delivery.id, lease: delivery.lease.clone(), outcome };
    pull.acknowledge(vec![ack]).await.unwrap().remove(0)
}

fn not_taken() -> AckOutcome {
    AckOutcome::NotTaken(HandlerError::retry("the shop is closed"))
}

async fn a_claimed_event_is_delivered_once_it_is_acknowledged(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    receive(&inbox, &push("u")).await;
    let delivery = claimed_one(&pull, HOUR).await;
    let event = only_event(&inbox).await;
    assert_eq!((delivery.id, &delivery.webhook_id, delivery.attempt), (event.id, &event.key, 1));
    assert_eq!((event.status, due_now(&pull, 10).await), (Status::Pending, 0));
    assert_eq!(say(&pull, &delivery, AckOutcome::Taken).await, AckResult::Done);
    assert_eq!(only_event(&inbox).await.status, Status::Delivered);
    assert_eq!((due_now(&pull, 10).await, counted(&inbox, "delivered_total").await.as_str()), (0, "1"));
}

async fn the_same_acknowledgement_counts_again(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    for (user, outcome, other) in [("taken", AckOutcome::Taken, not_taken()), ("not", not_taken(), AckOutcome::Taken)] {
        receive(&inbox, &push(user)).await;
        let delivery = claimed_one(&pull, HOUR).await;
        for _ in 0..3 {
            assert_eq!(say(&pull, &delivery, outcome.clone()).await, AckResult::Done, "{user}");
        }
        for outcome in [other, AckOutcome::Extend(HOUR)] {
            assert_eq!(say(&pull, &delivery, outcome).await, AckResult::Overtaken, "it said {user} before");
        }
    }
    let [delivered, retried] = [counted(&inbox, "delivered_total").await, counted(&inbox, "retried_total").await];
    assert_eq!([delivered, retried], ["1", "1"], "each counts once");
    // A word that was lost on its way may come much later.
    let again = claimed_one(&pull, HOUR).await;
    assert_eq!((again.attempt, say(&pull, &again, not_taken()).await), (2, AckResult::Done));
    let third = claimed_one(&pull, HOUR).await;
    assert_eq!(say(&pull, &again, not_taken()).await, AckResult::Done);
    assert_eq!(say(&pull, &third, AckOutcome::Taken).await, AckResult::Done);
    inbox.purge(Duration::ZERO).await.unwrap();
    assert_eq!(say(&pull, &third, AckOutcome::Taken).await, AckResult::Done);
    assert_eq!(say(&pull, &again, not_taken()).await, AckResult::Done);
}

async fn what_a_dead_consumer_held_is_claimed_again_and_its_late_word_changes_nothing(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    let other = database.inbox_with(paying()).await.pulling(quick()).unwrap();
    receive(&inbox, &push("u")).await;
    let late = claimed_one(&pull, NO_LEASE).await;
    let holder = claimed_one(&other, HOUR).await;
    assert_eq!((holder.id, &holder.webhook_id, holder.attempt), (late.id, &late.webhook_id, 2));
    assert_eq!(holder.payload, late.payload);
    for outcome in [AckOutcome::Taken, not_taken(), AckOutcome::Extend(HOUR)] {
        assert_eq!(say(&pull, &late, outcome).await, AckResult::Overtaken);
    }
    let event = only_event(&inbox).await;
    assert_eq!((event.status, event.attempts), (Status::Pending, 2));
    assert_eq!(say(&other, &holder, AckOutcome::Taken).await, AckResult::Done);
    assert_eq!(say(&pull, &late, AckOutcome::Taken).await, AckResult::Overtaken);
    assert_eq!(counted(&inbox, "overtaken_total").await, "4");
}

async fn a_late_word_counts_until_someone_else_claims(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    let patient = DispatchPolicy { backoff_base: HOUR, ..DispatchPolicy::default() };
    let noticing = inbox.pulling(patient).unwrap();
    receive(&inbox, &push("u")).await;
    let late = claimed_one(&pull, NO_LEASE).await;
    until("the end of its lease is noticed", async || {
        assert_eq!(due_now(&noticing, 1).await, 0);
        counted(&inbox, "retried_total").await == "1"
    })
    .await;
    assert_eq!(say(&pull, &late, AckOutcome::Taken).await, AckResult::Done);
    assert_eq!(only_event(&inbox).await.status, Status::Delivered);
}

async fn a_lease_that_ends_is_a_failed_attempt(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let pull = inbox.pulling(DispatchPolicy { max_attempts: 3, ..quick() }).unwrap();
    receive(&inbox, &push("u")).await;
    for attempt in 1..=3 {
        assert_eq!(claimed_one(&pull, NO_LEASE).await.attempt, attempt);
    }
    until("it is dead", async || {
        assert_eq!(due_now(&pull, 10).await, 0);
        only_event(&inbox).await.status == Status::Dead
    })
    .await;
    let event = only_event(&inbox).await;
    assert_eq!(event.attempts, 3);
    assert_eq!(event.last_failure.as_deref(), Some("the lease ended without an acknowledgement"));
    assert_eq!([counted(&inbox, "retried_total").await, counted(&inbox, "dead_total").await], ["2", "1"]);
}

async fn what_was_not_taken_waits_as_long_as_was_asked_for(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    let pull = inbox.pulling(DispatchPolicy { backoff_cap: HOUR, ..quick() }).unwrap();
    for (user, error) in [
        ("asks", HandlerError::retry_after("out of stock", Duration::from_secs(1800))),
        ("fails", HandlerError::retry("jammed")),
    ] {
        receive(&inbox, &push(user)).await;
        let delivery = claimed_one(&pull, HOUR).await;
        assert_eq!(say(&pull, &delivery, AckOutcome::NotTaken(error)).await, AckResult::Done);
    }
    assert_eq!(claimed(&pull, 10, HOUR).await[0].id, 2);
    assert_eq!(due_now(&pull, 10).await, 0, "the other one waits");
    let failures: Vec<_> = inbox.events(None, 0).await.unwrap().into_iter().map(|event| event.last_failure).collect();
    assert_eq!(failures, [Some("out of stock".to_owned()), Some("jammed".to_owned())]);
}

async fn an_extended_lease_goes_on(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    receive(&inbox, &push("u")).await;
    let delivery = claimed_one(&pull, NO_LEASE).await;
    for _ in 0..2 {
        assert_eq!(say(&pull, &delivery, AckOutcome::Extend(HOUR)).await, AckResult::Done);
        assert_eq!(due_now(&pull, 10).await, 0);
    }
    assert_eq!(say(&pull, &delivery, AckOutcome::Extend(Duration::ZERO)).await, AckResult::Done);
    let other = claimed_one(&pull, HOUR).await;
    assert_eq!(other.attempt, 2, "the end of an extended lease is the attempt's");
    assert_eq!(say(&pull, &delivery, AckOutcome::Extend(HOUR)).await, AckResult::Overtaken);
}

async fn repeats_take_at_most_half_of_a_claim(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    for user in 0..20 {
        receive(&inbox, &push(&format!("failed-{user}"))).await;
    }
    for delivery in claimed(&pull, 20, HOUR).await {
        say(&pull, &delivery, not_taken()).await;
    }
    // The last ones of them may not be due yet.
    tokio::time::sleep(Duration::from_millis(10)).await;
    for user in 0..6 {
        receive(&inbox, &push(&format!("new-{user}"))).await;
    }
    let repeats = async |most| {
        let deliveries = claimed(&pull, most, HOUR).await;
        (deliveries.iter().filter(|delivery| delivery.attempt > 1).count(), deliveries.len())
    };
    assert_eq!([repeats(2).await, repeats(5).await], [(1, 2), (2, 5)]);
    assert_eq!([repeats(6).await, repeats(6).await], [(3, 5), (3, 3)], "nor where there are fewer new ones");
}

async fn claims_of_one_get_new_events_and_repeats_by_turns(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    for user in 0..10 {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    for delivery in claimed(&pull, 5, HOUR).await {
        say(&pull, &delivery, not_taken()).await;
    }
    // The last ones of them may not be due yet.
    tokio::time::sleep(Duration::from_millis(10)).await;
    let mut kinds = Vec::new();
    for _ in 0..10 {
        kinds.push(claimed_one(&pull, HOUR).await.attempt > 1);
    }
    let first = kinds[0];
    let by_turns: Vec<_> = (0..10).map(|at| first == (at % 2 == 0)).collect();
    assert_eq!(kinds, by_turns);
    assert_eq!(due_now(&pull, 1).await, 0);
}

async fn poison_that_nobody_acknowledges_starves_nothing(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    for user in 0..20 {
        receive(&inbox, &push(&format!("poison-{user}"))).await;
    }
    let mut poison: BTreeSet<_> = claimed(&pull, 20, NO_LEASE).await.iter().map(|delivery| delivery.id).collect();
    // Of these some are refused, some are held until their lease is over.
    let sick: BTreeSet<_> = poison.iter().copied().step_by(2).collect();
    for user in 0..60 {
        receive(&inbox, &push(&format!("good-{user}"))).await;
    }
    poison.retain(|id| !sick.contains(id));
    let mut attempts = BTreeMap::new();
    let mut delivered = 0;
    while delivered < 60 {
        for delivery in claimed(&pull, 3, NO_LEASE).await {
            *attempts.entry(delivery.id).or_insert(0) += 1;
            if sick.contains(&delivery.id) {
                say(&pull, &delivery, not_taken()).await;
            } else if !poison.contains(&delivery.id)
                && say(&pull, &delivery, AckOutcome::Taken).await == AckResult::Done
            {
                delivered += 1;
            }
        }
    }
    assert_eq!(inbox.events(Some(Status::Delivered), 0).await.unwrap().len(), 60);
    // Nor does poison starve poison.
    let again = poison.iter().chain(&sick);
    assert!(again.clone().all(|id| attempts.contains_key(id)), "{attempts:?}");
}

async fn ten_consumers_never_hold_the_same_event_at_once(database: TestDatabase) {
    const EVENTS: usize = 200;
    let (inbox, _) = pulling(&database).await;
    let second = database.inbox_with(paying()).await;
    let pulls = [&inbox, &second].map(|inbox| Arc::new(inbox.pulling(quick()).unwrap()));
    for user in 0..EVENTS {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    let mut consumers = JoinSet::new();
    for consumer in 0..10 {
        let pull = pulls[consumer % 2].clone();
        consumers.spawn(async move {
            let mut held = Vec::new();
            loop {
                let deliveries = pull.claim(7, HOUR, ready(())).await.unwrap();
                if deliveries.is_empty() {
                    return held;
                }
                for delivery in &deliveries {
                    // Every third is given back once: someone claims it again.
                    let outcome =
                        if delivery.attempt == 1 && delivery.id % 3 == 0 { not_taken() } else { AckOutcome::Taken };
                    assert_eq!(say(&pull, delivery, outcome).await, AckResult::Done);
                }
                held.extend(deliveries.into_iter().map(|delivery| (delivery.id, delivery.attempt)));
            }
        });
    }
    let mut held: Vec<_> = consumers.join_all().await.into_iter().flatten().collect();
    while let Ok(left) = timeout(Duration::from_secs(1), pulls[0].claim(1, HOUR, pending())).await {
        held.extend(left.unwrap().into_iter().map(|delivery| (delivery.id, delivery.attempt)));
    }
    let all = held.len();
    held.sort_unstable();
    held.dedup();
    assert_eq!(held.len(), all, "each attempt was one consumer's");
    assert_eq!(held.iter().filter(|(_, attempt)| *attempt == 1).count(), EVENTS);
    assert_eq!(counted(&inbox, "overtaken_total").await, "0");
}

async fn who_waits_gets_an_event_as_soon_as_it_is_there(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    let other = database.inbox_with(paying()).await;
    for (user, storing) in [("here", &inbox), ("at another server", &other)] {
        let waiting = claimed_one(&pull, HOUR);
        let storing = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            receive(storing, &push(&user.replace(' ', "-"))).await;
        };
        let (delivery, ()) = tokio::join!(waiting, storing);
        assert_eq!(say(&pull, &delivery, AckOutcome::Taken).await, AckResult::Done, "{user}");
    }
    let end = tokio::time::sleep(Duration::from_millis(50));
    assert!(pull.claim(1, HOUR, end).await.unwrap().is_empty(), "nothing comes any more");
}

async fn of_those_who_wait_each_gets_one(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    let pull = Arc::new(pull);
    let mut waiting = JoinSet::new();
    for _ in 0..50 {
        let pull = pull.clone();
        waiting.spawn(async move { claimed_one(&pull, HOUR).await.id });
    }
    for user in 0..50 {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    let ids: BTreeSet<_> = waiting.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 50);
}

async fn the_server_that_began_last_decides_how_events_leave(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    let handler = Scripted::taking_all();
    let dispatcher = Dispatcher::builder(&inbox, handler.clone()).start().unwrap();
    until("claims are refused", async || matches!(pull.claim(1, HOUR, ready(())).await, Err(ClaimError::Handled)))
        .await;
    receive(&inbox, &push("handled")).await;
    until_all_are(&inbox, Status::Delivered).await;

    pull.begin().await.unwrap();
    until("the dispatcher has seen it", async || dispatcher.is_paused()).await;
    receive(&inbox, &push("claimed")).await;
    let delivery = claimed_one(&pull, HOUR).await;
    assert_eq!(say(&pull, &delivery, AckOutcome::Taken).await, AckResult::Done);
    assert_eq!(handler.handed().len(), 1);

    let _second = Dispatcher::builder(&inbox, handler.clone()).start().unwrap();
    receive(&inbox, &push("handled-again")).await;
    until_all_are(&inbox, Status::Delivered).await;
}

async fn the_payload_is_the_body_of_a_webhook(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    let reference: Reference = "order 7 \u{5355}\u{1F600}\"\\".parse().unwrap();
    inbox.book(&booking("u").reference(reference).bid(Fen(80))).await.unwrap();
    receive(&inbox, &push("u")).await;
    let delivery = claimed_one(&pull, HOUR).await;
    say(&pull, &delivery, not_taken()).await;
    let business = Arc::new(Canned::in_turn([Ok(Response::new(Bytes::new()))]));
    let key = b"0123456789abcdef0123456789abcdef".to_vec();
    let webhook = Webhook::new("https://shop.example", key.into(), business.clone()).unwrap();
    let _dispatcher = Dispatcher::builder(&inbox, Arc::new(webhook)).start().unwrap();
    until_all_are(&inbox, Status::Delivered).await;
    let posted = business.requests().remove(0);
    assert_eq!(
        (posted.body(), posted.headers()["webhook-id"].to_str().unwrap()),
        (&delivery.payload, delivery.webhook_id.as_str())
    );
}

async fn an_unknown_lease_is_overtaken(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    receive(&inbox, &push("u")).await;
    let delivery = claimed_one(&pull, HOUR).await;
    let longer = format!("{}0", delivery.lease);
    let (log, _logging) = listening();
    for (id, lease) in [
        (delivery.id, ""),
        (delivery.id, "-"),
        (delivery.id, "1-"),
        (delivery.id, "+1-1"),
        (delivery.id, "1-0"),
        (delivery.id, &longer),
        (delivery.id, "7fffffffffffffff-8000000000000000"),
        (delivery.id + 1, &delivery.lease),
        (i64::MIN, &delivery.lease),
    ] {
        let ack = Ack { id, lease: lease.to_owned(), outcome: AckOutcome::Taken };
        assert_eq!(pull.acknowledge(vec![ack]).await.unwrap(), [AckResult::Overtaken], "{id} {lease}");
    }
    assert_eq!((log.lines("had ended"), log.lines("names a lease that has ended")), (2, 7), "{}", log.text());
    assert_eq!(only_event(&inbox).await.status, Status::Pending);
}

async fn a_push_with_another_bid_is_counted_once_it_is_taken(database: TestDatabase) {
    let (inbox, pull) = pulling(&database).await;
    inbox.book(&booking("u").bid(Fen(80))).await.unwrap();
    receive(&inbox, &push("u")).await;
    let delivery = claimed_one(&pull, HOUR).await;
    for _ in 0..2 {
        say(&pull, &delivery, AckOutcome::Taken).await;
        assert_eq!(counted(&inbox, "bid_differs_total").await, "1");
    }
}

/// An inbox at a time that a test moves, and its pull side by this policy.
async fn at(clock: &Arc<ManualClock>, policy: DispatchPolicy) -> (Folder, Receiving, Pull) {
    let folder = Folder::new();
    let inbox = Receiving::by_clock(&folder.database(), paying(), clock.clone()).await;
    let pull = inbox.pulling(policy).unwrap();
    (folder, inbox, pull)
}

fn now() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(SystemTime::now()))
}

#[tokio::test]
async fn a_lease_lasts_as_long_as_was_asked_for_and_then_comes_the_backoff() {
    let clock = now();
    let minute = Duration::from_secs(60);
    let (_folder, inbox, pull) = at(&clock, DispatchPolicy { backoff_base: minute, ..DispatchPolicy::default() }).await;
    receive(&inbox, &push("u")).await;
    claimed_one(&pull, minute).await;
    clock.advance(minute);
    assert_eq!(due_now(&pull, 1).await, 0, "its backoff is half a minute at least");
    assert!(only_event(&inbox).await.last_failure.is_some());
    clock.advance(minute);
    assert_eq!(claimed_one(&pull, minute).await.attempt, 2);
}

#[tokio::test]
async fn what_nobody_claims_does_not_die() {
    let clock = now();
    let (_folder, inbox, pull) = at(&clock, DispatchPolicy { max_attempts: 2, ..DispatchPolicy::default() }).await;
    receive(&inbox, &push("u")).await;
    clock.advance(10_000 * HOUR);
    let delivery = claimed_one(&pull, HOUR).await;
    assert_eq!((delivery.attempt, say(&pull, &delivery, not_taken()).await), (1, AckResult::Done));
    assert_eq!(only_event(&inbox).await.status, Status::Pending, "its time counts from the first claim");
}

#[tokio::test]
async fn it_dies_once_its_claims_have_failed_for_too_long() {
    let clock = now();
    let (_folder, inbox, pull) = at(&clock, DispatchPolicy::default()).await;
    receive(&inbox, &push("u")).await;
    let mut hours = 0;
    while only_event(&inbox).await.status == Status::Pending {
        clock.advance(HOUR);
        hours += 1;
        pull.claim(1, Duration::from_secs(60), ready(())).await.unwrap();
    }
    assert!((72..=96).contains(&hours), "three days of failures: {hours}");
}

#[tokio::test]
async fn a_clock_that_is_set_back_loses_no_lease_and_keeps_no_event() {
    for back in [8 * HOUR, 60 * 8766 * HOUR] {
        let clock = Arc::new(ManualClock::new(SystemTime::now() + back));
        let (_folder, inbox, pull) = at(&clock, quick()).await;
        for user in ["acknowledged", "lost"] {
            receive(&inbox, &push(user)).await;
        }
        let lease = Duration::from_secs(600);
        let [acknowledged, lost] = <[_; 2]>::try_from(claimed(&pull, 2, lease).await).unwrap();
        clock.set_wall(SystemTime::now());
        // The first claim of each looks at the clock.
        let pull = inbox.pulling(quick()).unwrap();
        assert_eq!(due_now(&pull, 10).await, 0, "both are held");
        assert_eq!(counted(&inbox, "recalled_total").await, "2");
        assert_eq!(say(&pull, &acknowledged, AckOutcome::Extend(lease)).await, AckResult::Done);
        assert_eq!(say(&pull, &acknowledged, AckOutcome::Taken).await, AckResult::Done);
        clock.advance(lease.saturating_sub(Duration::from_secs(5)));
        assert_eq!(due_now(&pull, 10).await, 0, "a lease is cut to its own length");
        clock.advance(Duration::from_secs(10));
        let again = claimed_one(&pull, lease).await;
        assert_eq!((again.id, again.attempt), (lost.id, 2));
        assert!(clock.wall() < SystemTime::now() + HOUR);
    }
}

#[tokio::test]
async fn words_of_a_consumer_are_kept_and_cut_short() {
    let folder = Folder::new();
    let inbox = folder.inbox_with(paying()).await;
    let pull = inbox.pulling(quick()).unwrap();
    receive(&inbox, &push("u")).await;
    let delivery = claimed_one(&pull, HOUR).await;
    let words = format!("\u{1b}[31m{}", "\u{5355}".repeat(1000));
    say(&pull, &delivery, AckOutcome::NotTaken(HandlerError::retry(words))).await;
    let kept = only_event(&inbox).await.last_failure.unwrap();
    assert_eq!((kept.chars().count(), kept.chars().any(char::is_control)), (200, false));
}

#[test]
fn a_policy_out_of_range_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let folder = Folder::new();
        let inbox: Inbox = Inbox::open(&folder.database()).await.unwrap();
        let policy = DispatchPolicy { backoff_base: Duration::ZERO, ..DispatchPolicy::default() };
        assert_eq!(inbox.pulling(policy).unwrap_err().setting(), "backoff_base");
    });
}
