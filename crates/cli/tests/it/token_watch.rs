//! `weifen weiting token watch`: keeps a store's token fresh for other programs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use crate::patience::eventually;
use crate::support::{Program, Reply, Sandboxed, Server, SharedStore};

const WATCH: [&str; 4] = ["weiting", "token", "watch", "--json"];

/// Polls the store as another process, until it is as wanted.
#[track_caller]
fn shown(show: impl Fn() -> Program, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually("the store is as wanted", || Some(show().run().done()).filter(&wanted))
}

#[test]
fn a_store_is_kept_warm_across_a_renewal_until_the_watch_is_ended() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    // Renewed after four seconds, with sixteen to go.
    let program = |arguments: &[&str]| {
        let program = store.under(sandbox.program(arguments)).env("WEIFEN_WEITING_TOKEN_LIFE_S", "20");
        program.env("WEIFEN_WEITING_REFRESH_BEFORE_S", "17")
    };
    for signal in [Signal::TERM, Signal::INT] {
        let mut watch = program(&WATCH).start();
        let ready: Value = serde_json::from_str(&watch.line()).unwrap();
        let first = ready["generation"].as_u64().unwrap();
        assert_eq!((&ready["store"], &ready["pid"]), (&json!(store.name()), &json!(watch.id())));
        assert!(ready["expires_at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(ready.as_object().unwrap().len(), 4);

        let show = || program(&["weiting", "token", "show", "--json"]);
        if first == 1 {
            let renewed = shown(show, |shown| shown["generation"].as_u64().unwrap() > first);
            assert_ne!(renewed["expires_in_s"], 0);
        }
        let ended = watch.end(signal);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
        for issued in sandbox.state()["weiting"]["tokens"]["issued"].as_array().unwrap() {
            assert!(!ended.printed().contains(issued["access_token"].as_str().unwrap()), "{ended:?}");
        }
    }
}

#[test]
fn a_vendor_that_is_away_at_the_start_is_waited_for() {
    let fetches = AtomicUsize::new(0);
    let server = Server::start(move |_| match fetches.fetch_add(1, Ordering::Relaxed) {
        0 => Reply::Close,
        _ => Reply::json(r#"{"data":"CANARY-TOKEN","status":200,"info":0}"#),
    });
    let store = SharedStore::new();
    let mut watch = store.under(Program::at(&server.url(), &WATCH)).start();
    let error = watch.error_line();
    assert!(error.starts_with("weifen: error: weiting access_token (获取AccessToken): no reply;"), "{error}");
    let ready: Value = serde_json::from_str(&watch.line()).unwrap();
    assert_eq!(ready["generation"], 2, "{ready}");
    let ended = watch.end(Signal::TERM);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    assert!(!ended.printed().contains("CANARY"), "{ended:?}");
}

#[test]
fn a_renewal_that_is_under_way_at_the_end_is_told_and_waited_for_until_asked_again() {
    let server = Server::start(|_| Reply::Hang);
    let store = SharedStore::new();
    let program = store.under(Program::at(&server.url(), &WATCH)).env("WEIFEN_HTTP_TIMEOUT_S", "600");
    let mut watch = program.start();
    eventually("it asks", || (!server.requests().is_empty()).then_some(()));
    watch.signal(Signal::TERM);
    let line = watch.error_line();
    assert!(line.starts_with("weifen: waiting for the running renewal"), "{line}");
    let ended = watch.end(Signal::INT);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
}

#[test]
fn a_store_that_fails_for_a_while_is_told_once_and_so_is_its_return() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    let program = store.under(sandbox.program(&WATCH)).env("WEIFEN_WEITING_REFRESH_BEFORE_S", "1");
    let mut watch = program.start();
    watch.line();
    let content = std::fs::read(store.path()).unwrap();
    // A file that is just being written has no place in a store.
    let put = |content: &[u8]| {
        let beside = store.path().with_extension("new");
        std::fs::write(&beside, content).unwrap();
        std::fs::rename(beside, store.path()).unwrap();
    };
    put(b"nonsense");
    let error = watch.error_line();
    assert!(error.starts_with("weifen: error: ") && error.contains(&store.name()), "{error}");
    // Time for looks that find the same.
    thread::sleep(Duration::from_millis(2500));
    put(&content);
    let back = watch.error_line();
    assert!(back.starts_with("weifen: token of generation 1, until 2"), "{back}");
    assert_eq!(watch.end(Signal::TERM).code, 0);
    assert_eq!(sandbox.fetches(), 1);
}

#[test]
fn another_programs_token_is_taken_over_and_told() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    let mut watch = store.under(sandbox.program(&WATCH)).start();
    watch.line();
    store.under(sandbox.program(&["weiting", "token", "refresh", "--json"])).run().done();
    let line = watch.error_line();
    assert!(line.starts_with("weifen: token of generation 2, until 2"), "{line}");
    assert_eq!(watch.end(Signal::TERM).code, 0);
    assert_eq!(sandbox.fetches(), 2);
}

#[test]
fn what_can_not_be_kept_warm_is_refused_at_the_start() {
    let server = Server::behind_token(|_| Reply::Close);
    let program = Program::at(&server.url(), &WATCH).env("WEIFEN_WEITING_TOKEN_STORE", "memory");
    let error = program.run().error(3);
    assert!(error["message"].as_str().unwrap().contains("memory"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("file:PATH"), "{error}");

    let store = SharedStore::new();
    std::fs::write(store.path(), "nonsense").unwrap();
    let error = store.under(Program::at(&server.url(), &WATCH)).run().error(3);
    assert!(error["message"].as_str().unwrap().contains(&store.name()), "{error}");
    assert_eq!(Program::at(&server.url(), &WATCH).without("WEIFEN_WEITING_SECRET").run().error(3)["kind"], "config");
    assert!(server.requests().is_empty());
}
