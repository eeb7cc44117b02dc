//! A token in a Redis that processes share; each test starts one of its own.

use xtask_services::Redis;

use crate::support::{Program, Reply, Sandboxed, Server};
use crate::token_processes::ten_with_one_store_fetch_once;

#[test]
fn ten_processes_make_one_fetch() {
    let redis = Redis::start();
    ten_with_one_store_fetch_once(&redis.url());
}

#[test]
fn its_password_is_never_printed() {
    let redis = Redis::with_password("CANARY");
    let sandbox = Sandboxed::start();
    let with = |password: &str, arguments: &[&str]| {
        let url = format!("redis://:{password}@127.0.0.1:{}", redis.port());
        sandbox.program(arguments).env("WEIFEN_WEITING_TOKEN_STORE", &url).arg("-vv").run()
    };
    let shown = with("CANARY", &["weiting", "token", "show", "--json"]);
    assert_eq!(shown.done()["store"], redis.url());
    let refreshed = with("CANARY", &["weiting", "token", "refresh"]);
    let wrong = with("CANARY-WRONG", &["weiting", "token", "--json"]);
    assert_eq!((refreshed.code, &wrong.error(3)["kind"]), (0, &"config".into()), "{wrong:?}");
    for ended in [shown, refreshed, wrong] {
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
    assert_eq!(sandbox.fetches(), 1);
}

#[test]
fn while_it_is_away_nothing_is_fetched() {
    let mut redis = Redis::start();
    redis.stop();
    let server = Server::behind_token(|_| Reply::Close);
    for command in [&["weiting", "token"][..], &["weiting", "token", "show"], &["weiting", "token", "watch"]] {
        let program = Program::at(&server.url(), command).env("WEIFEN_WEITING_TOKEN_STORE", &redis.url());
        let error = program.arg("--json").run().error(5);
        assert_eq!((&error["kind"], &error["retryable"]), (&"store".into(), &true.into()), "{error}");
        assert!(error["message"].as_str().unwrap().contains(&redis.url()), "{error}");
    }
    assert!(server.requests().is_empty());
}
