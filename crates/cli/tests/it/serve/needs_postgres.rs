//! Servers at one PostgreSQL; each test starts one of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use xtask_services::Postgres;
use xtask_services::signal::Signal;

use super::business::{Answer, Business};
use super::client::Client;
use super::crash::nothing_acknowledged_is_lost;
use super::pushes;
use super::serving::target;
use super::setup::Setup;
use crate::patience::eventually;

#[test]
fn what_was_acknowledged_outlives_kills_and_is_delivered_under_one_id() {
    let postgres = Postgres::start();
    nothing_acknowledged_is_lost("PostgreSQL", Setup::at(&postgres.url()));
}

#[test]
fn backups_are_left_to_postgresql_s_own_tools() {
    let postgres = Postgres::start();
    let setup = Setup::at(&postgres.url());
    setup.serve().kill();
    let to = setup.path().join("backup.db");
    for arguments in [["backup", "--to"], ["restore", "--from"]] {
        let error = setup.run(&["inbox", arguments[0], arguments[1], to.to_str().unwrap(), "--json"]).error(3);
        assert!(error["message"].as_str().unwrap().contains("pg_dump"), "{error}");
        assert!(!to.exists());
    }
}

/// Sends 64 copies of each of 100 users' pushes, spread over the servers, from eight threads at once.
fn push_copies(servers: [SocketAddr; 2]) {
    thread::scope(|scope| {
        for pusher in 0..8 {
            scope.spawn(move || {
                let mut clients = servers.map(Client::new);
                for copy in 0..8 {
                    for user in 0..100 {
                        let (content_type, body) = pushes::copy(&format!("u-{user}"), copy + pusher);
                        let client = &mut clients[usize::try_from(copy + user + pusher).unwrap() % 2];
                        let answer = client.post(&target(), content_type, &body).unwrap();
                        assert_eq!(answer.status, 200);
                    }
                }
            });
        }
    });
}

#[test]
fn many_copies_at_two_servers_are_one_event_each_under_one_id() {
    let (postgres, business) = (Postgres::start(), Business::start());
    let setup = Setup::at(&postgres.url()).paying_all().delivering_to(&business);
    let servers = [setup.serve(), setup.serve()];
    push_copies([servers[0].address, servers[1].address]);
    servers[0].has_delivered_all();

    let events = setup.events();
    let users: BTreeSet<_> = events.iter().map(|event| event["push"]["auth_open_id"].as_str().unwrap()).collect();
    assert_eq!((events.len(), users.len()), (100, 100));
    assert!(events.iter().all(|event| event["duplicates"] == 63 && event["status"] == "delivered"), "{events:?}");
    let mut ids = BTreeMap::<_, BTreeSet<_>>::new();
    for attempt in business.attempts() {
        ids.entry(attempt.user()).or_default().insert(attempt.id);
    }
    assert_eq!(ids.len(), 100);
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    let sum = |name: &str| servers.iter().map(|server| server.metric(name)).sum::<u64>();
    assert_eq!((sum("weifen_inbox_stored_total"), sum("weifen_inbox_duplicate_total")), (100, 6300));
}

#[test]
fn a_server_that_was_stopped_past_its_lease_changes_nothing_when_it_wakes() {
    let (postgres, business) = (Postgres::start(), Business::start());
    let setup = Setup::at(&postgres.url()).paying_all().delivering_to(&business);
    // The attempt is longer than it takes to stop the server in it.
    let setup = setup.with("lease_s", "16").with("deliver_timeout_s", "15").with("backoff_base_ms", "100");
    business.answers_first(1, Answer::Hang);
    let first = setup.serve();
    assert_eq!(first.push(&pushes::json("u")).status, 200);
    eventually("the business has the event", || (!business.attempts().is_empty()).then_some(()));
    first.stop();

    let second = setup.serve();
    eventually("the second server has delivered it", || {
        (second.metric("weifen_inbox_delivered_total") == 1).then_some(())
    });
    let before = setup.events();
    assert_eq!((&before[0]["status"], &before[0]["attempts"]), (&json!("delivered"), &json!(2)));

    // The answer to the first attempt is there when it wakes.
    business.answers(Answer::TAKEN);
    first.signal(Signal::CONT);
    eventually("its outcome is refused", || (first.metric("weifen_inbox_overtaken_total") == 1).then_some(()));
    assert_eq!(first.metric("weifen_inbox_delivered_total"), 0);
    assert_eq!(setup.events(), before);
    let attempts = business.attempts();
    assert_eq!(attempts.len(), 2);
    assert_eq!((&attempts[0].id, &attempts[0].body), (&attempts[1].id, &attempts[1].body));

    // And it goes on working.
    second.kill();
    assert_eq!(first.push(&pushes::json("v")).status, 200);
    eventually("it delivers again", || (first.metric("weifen_inbox_delivered_total") == 1).then_some(()));
}

const RESTARTS: u32 = 5;
const PUSHERS: u32 = 40;
/// Time between two pushes of one pusher; all together make 200 a second.
const PACE: Duration = Duration::from_millis(200);
/// Time for which a push waits until it is answered with 503.
const HELD: Duration = Duration::from_millis(9900);

/// A push, its answer, and its waiting time.
struct Pushed {
    user: Option<String>,
    status: u16,
    waited: Duration,
}

/// Pushes a new user each time, and every tenth time a body that is no push.
fn push_at_a_pace(address: SocketAddr, pusher: u32, is_over: &AtomicBool) -> Vec<Pushed> {
    let (begun, mut answered) = (Instant::now(), Vec::new());
    for number in 0.. {
        thread::sleep((PACE * number).saturating_sub(begun.elapsed()));
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let user = (number % 10 != 9).then(|| format!("u-{pusher}-{number}"));
        let body = user.as_deref().map_or_else(|| "no push".to_owned(), pushes::json);
        let sent = Instant::now();
        let answer = Client::new(address).post(&target(), super::client::JSON, &body).unwrap();
        answered.push(Pushed { user, status: answer.status, waited: sent.elapsed() });
    }
    answered
}

#[test]
fn no_push_that_it_holds_is_refused_while_its_database_is_restarted() {
    let mut postgres = Postgres::start();
    let setup = Setup::at(&postgres.url()).paying_all();
    let serving = setup.serve();
    let is_over = AtomicBool::new(false);
    let pushed: Vec<Pushed> = thread::scope(|scope| {
        let (address, is_over) = (serving.address, &is_over);
        let pushers: Vec<_> =
            (0..PUSHERS).map(|pusher| scope.spawn(move || push_at_a_pace(address, pusher, is_over))).collect();
        for _ in 0..RESTARTS {
            thread::sleep(Duration::from_millis(700));
            postgres.stop();
            postgres.restart();
        }
        thread::sleep(Duration::from_millis(700));
        is_over.store(true, Ordering::Relaxed);
        pushers.into_iter().flat_map(|pusher| pusher.join().unwrap()).collect()
    });
    let refused: Vec<_> = pushed.iter().filter(|pushed| pushed.status != 200).collect();
    let early: Vec<_> = refused.iter().filter(|pushed| pushed.status != 503 || pushed.waited < HELD).collect();
    let first = early.first().map(|pushed| (pushed.status, pushed.waited, pushed.user.is_some()));
    assert!(early.is_empty(), "{} of {}, the first {first:?}; the log:\n{}", early.len(), pushed.len(), setup.log());
    let taken = |is_push: bool| pushed.iter().filter(|p| p.status == 200 && p.user.is_some() == is_push).count();
    let (stored, quarantined) = (taken(true), taken(false));
    assert!(stored > 0 && quarantined > 0);

    // One that was refused may have been stored all the same.
    let events = setup.events();
    let users: BTreeSet<_> = events.iter().map(|event| event["push"]["auth_open_id"].as_str().unwrap()).collect();
    assert_eq!(users.len(), events.len());
    assert!(pushed.iter().filter(|p| p.status == 200).flat_map(|p| &p.user).all(|user| users.contains(&**user)));
    assert!(events.iter().all(|event| event["duplicates"] == 0));
    let kept = setup.inbox(&["quarantine"])["quarantine"].as_array().unwrap().len();
    assert!((quarantined..=quarantined + refused.len()).contains(&kept), "{kept} of {quarantined}");
    let metric = |name: &str| usize::try_from(serving.metric(&format!("weifen_inbox_{name}_total"))).unwrap();
    assert_eq!(
        ["stored", "quarantined", "duplicate", "not_stored"].map(metric),
        [stored, quarantined, 0, refused.len()]
    );
    println!("reliability[restarts] {RESTARTS} restarts under 200 pushes/s: 0 pushes refused while they could wait");
    eprintln!("{} pushes, {} refused after {HELD:?}", pushed.len(), refused.len());
}

#[test]
fn while_it_is_away_pushes_are_refused_and_afterwards_taken() {
    let (mut postgres, business) = (Postgres::start(), Business::start());
    let setup = Setup::at(&postgres.url()).paying_all().delivering_to(&business);
    let serving = setup.serve();
    assert_eq!(serving.push(&pushes::json("before")).status, 200);
    postgres.stop();
    assert_eq!(serving.push(&pushes::json("meanwhile")).status, 503);
    assert_eq!((serving.ask("/readyz").status, serving.ask("/healthz").status), (503, 200));
    postgres.restart();
    eventually("it takes pushes again", || (serving.push(&pushes::json("meanwhile")).status == 200).then_some(()));
    eventually("it is ready", || (serving.ask("/readyz").status == 200).then_some(()));
    eventually("both are delivered", || {
        let users: BTreeSet<_> = business.taken().iter().map(super::business::Attempt::user).collect();
        (users.len() == 2).then_some(())
    });
    serving.has_delivered_all();
    assert_eq!(setup.events().len(), 2);
}
