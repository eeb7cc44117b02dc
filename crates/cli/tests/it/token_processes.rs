//! Many processes and one token: started together, stopped, killed.

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use crate::patience::eventually;
use crate::support::{Program, Reply, Running, Sandboxed, Server, SharedStore};

/// Starts ten processes at once that share `store`, and compares their results.
pub(crate) fn ten_with_one_store_fetch_once(store: &str) {
    let sandbox = Sandboxed::start();
    let program = || sandbox.program(&["weiting", "token", "--json"]).env("WEIFEN_WEITING_TOKEN_STORE", store);
    let running: Vec<Running> = (0..10).map(|_| program().start()).collect();
    let tokens: Vec<Value> = running.into_iter().map(|process| process.ended().done()).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_eq!(sandbox.fetches(), 1);
}

/// Answers the first fetch when it is told to, all others at once, and each with another token.
fn slow_at_first() -> (Server, Sender<()>) {
    let (release, released) = mpsc::channel();
    let (released, fetches) = (Mutex::new(released), AtomicUsize::new(0));
    let server = Server::start(move |_| {
        let fetch = fetches.fetch_add(1, Ordering::Relaxed);
        if fetch == 0 {
            // Where the test has ended, nobody is left to be answered.
            let _ = released.lock().unwrap().recv();
        }
        Reply::json(format!(r#"{{"data":"TOKEN-{fetch}","status":200,"info":0}}"#))
    });
    (server, release)
}

/// Waits for something that comes sooner or later.
#[track_caller]
fn until(happens: impl Fn() -> bool) {
    eventually("it happens", || happens().then_some(()));
}

/// The only stored token and its generation.
fn stored(store: &SharedStore) -> (Value, Value) {
    let content = store.content();
    let slot = content["tokens"].as_object().unwrap().values().next().unwrap();
    (slot["token"]["access_token"].clone(), slot["token"]["generation"].clone())
}

#[test]
fn ten_processes_make_one_fetch() {
    ten_with_one_store_fetch_once(&SharedStore::new().name());
}

#[test]
fn one_that_was_stopped_past_its_right_to_fetch_does_not_undo_what_another_did() {
    let ((server, release), store) = (slow_at_first(), SharedStore::new());
    let program = |timeout| store.under(Program::at(&server.url(), &["weiting", "token", "--json"])).arg(timeout);
    let first = program("--timeout=3").start();
    until(|| server.requests().len() == 1);
    // Its answer comes, but it can't save it before it is stopped.
    let lock = File::options().write(true).open(store.path().with_extension("json.lock")).unwrap();
    lock.lock().unwrap();
    release.send(()).unwrap();
    thread::sleep(Duration::from_millis(500));
    first.stop();
    drop(lock);

    assert_eq!(
        program("--timeout=60").run().done()["access_token"],
        "TOKEN-1",
        "another fetches when the right has ended"
    );
    assert_eq!(stored(&store), (json!("TOKEN-1"), json!(2)));
    let first = first.end(Signal::CONT);
    assert!(!first.stdout.contains("TOKEN-0"), "the older token is not handed out: {first:?}");
    assert_eq!(stored(&store), (json!("TOKEN-1"), json!(2)));
    assert_eq!(
        (program("--timeout=3").run().done()["access_token"].clone(), server.requests().len()),
        (json!("TOKEN-1"), 2)
    );
}

#[test]
fn one_that_is_killed_in_mid_fetch_leaves_a_store_that_works() {
    let ((server, _release), store) = (slow_at_first(), SharedStore::new());
    let program = |arguments| store.under(Program::at(&server.url(), arguments)).arg("--json");
    let killed = program(&["weiting", "token"]).arg("--timeout=5").start();
    until(|| server.requests().len() == 1);
    assert_eq!(killed.end(Signal::KILL).code, -1);
    let shown = program(&["weiting", "token", "show"]).run().done();
    assert_eq!((&shown["access_token"], &shown["fetches_today"]), (&Value::Null, &json!(1)));
    assert!(shown["taken_until"].is_string(), "{shown}");
    let next = program(&["weiting", "token", "refresh"]).arg("--timeout=60").run();
    assert_eq!(next.done()["access_token"], "TOKEN-1");
    assert!(next.stderr.contains("another process is fetching a token"), "{next:?}");
}

#[test]
fn killed_at_any_moment_they_leave_a_whole_file_and_all_go_on() {
    let fetches = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&fetches);
    let server = Server::start(move |_| {
        let fetch = counted.fetch_add(1, Ordering::Relaxed);
        Reply::json(format!(r#"{{"data":"TOKEN-{fetch}","status":200,"info":0}}"#))
    });
    let store = SharedStore::new();
    // A new appid for each, so that no brake holds.
    let program = |appid: usize, arguments| {
        let program = store.under(Program::at(&server.url(), arguments)).trusting_nobody().arg("--json");
        program.env("WEIFEN_WEITING_APPID", &format!("wt-{appid}"))
    };
    let rounds = 30;
    for round in 0..rounds {
        let command: &[&str] = if round % 2 == 0 { &["weiting", "token"] } else { &["weiting", "token", "refresh"] };
        let running = program(round, command).arg("--timeout=1").start();
        thread::sleep(Duration::from_millis(3 * round as u64));
        running.end(Signal::KILL);
        store.content();
        program(round, &["weiting", "token", "show"]).run().done();
    }
    // Those that had the right to fetch keep it for six seconds more.
    for some in (0..rounds).collect::<Vec<_>>().chunks(5) {
        let patient = |round: &usize| program(*round, &["weiting", "token"]).arg("--timeout=60").start();
        let running: Vec<Running> = some.iter().map(patient).collect();
        for process in running {
            process.ended().done();
        }
    }
    let tokens = store.content()["tokens"].as_object().unwrap().len();
    assert_eq!(tokens, rounds);
}
