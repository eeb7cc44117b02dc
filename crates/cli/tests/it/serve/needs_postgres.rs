//! Servers at one PostgreSQL; each test starts one of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::thread;

use serde_json::json;
use xtask_services::Postgres;
use xtask_services::signal::Signal;

use super::business::{Answer, Business};
use super::client::Client;
use super::crash::nothing_acknowledged_is_lost;
use super::patience::eventually;
use super::place::Place;
use super::pushes;
use super::serving::target;

#[test]
fn what_was_acknowledged_outlives_kills_and_is_delivered_under_one_id() {
    let postgres = Postgres::start();
    nothing_acknowledged_is_lost("PostgreSQL", Place::at(&postgres.url()));
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
    let place = Place::at(&postgres.url()).paying_all().delivering_to(&business);
    let servers = [place.serve(), place.serve()];
    push_copies([servers[0].address, servers[1].address]);
    servers[0].has_delivered_all();

    let events = place.events();
    let users: BTreeSet<_> = events.iter().map(|event| event["push"]["auth_open_id"].as_str().unwrap()).collect();
    assert_eq!((events.len(), users.len()), (100, 100));
    assert!(events.iter().all(|event| event["duplicates"] == 63 && event["state"] == "delivered"), "{events:?}");
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
    let place = Place::at(&postgres.url()).paying_all().delivering_to(&business);
    // The attempt is longer than it takes to stop the server in it.
    let place = place.with("lease_s", "16").with("deliver_timeout_s", "15").with("backoff_base_ms", "100");
    business.answers_first(1, Answer::Hang);
    let first = place.serve();
    assert_eq!(first.push(&pushes::json("u")).status, 200);
    eventually("the business has the event", || (!business.attempts().is_empty()).then_some(()));
    first.stop();

    let second = place.serve();
    eventually("the second server has delivered it", || {
        (second.metric("weifen_inbox_delivered_total") == 1).then_some(())
    });
    let before = place.events();
    assert_eq!((&before[0]["state"], &before[0]["attempts"]), (&json!("delivered"), &json!(2)));

    // The answer to the first attempt is there when it wakes.
    business.answers(Answer::TAKEN);
    first.signal(Signal::CONT);
    eventually("its outcome is refused", || (first.metric("weifen_inbox_overtaken_total") == 1).then_some(()));
    assert_eq!(first.metric("weifen_inbox_delivered_total"), 0);
    assert_eq!(place.events(), before);
    let attempts = business.attempts();
    assert_eq!(attempts.len(), 2);
    assert_eq!((&attempts[0].id, &attempts[0].body), (&attempts[1].id, &attempts[1].body));

    // And it goes on working.
    second.kill();
    assert_eq!(first.push(&pushes::json("v")).status, 200);
    eventually("it delivers again", || (first.metric("weifen_inbox_delivered_total") == 1).then_some(()));
}

#[test]
fn while_it_is_away_pushes_are_refused_and_afterwards_taken() {
    let (mut postgres, business) = (Postgres::start(), Business::start());
    let place = Place::at(&postgres.url()).paying_all().delivering_to(&business);
    let serving = place.serve();
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
    assert_eq!(place.events().len(), 2);
}
