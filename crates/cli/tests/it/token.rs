//! `weifen weiting token` and its subcommands, one process at a time: what they print, cost and keep.

use serde_json::{Value, json};

use crate::support::{Connection, Ended, Program, RawServer, Reply, Sandboxed, Server, SharedStore, TOKEN};

/// Answers fetches with this token.
fn giving(token: &'static str) -> Server {
    Server::start(move |_| Reply::json(format!(r#"{{"data":"{token}","status":200,"info":0}}"#)))
}

fn run(server: &Server, store: &SharedStore, arguments: &[&str]) -> Ended {
    store.under(Program::at(&server.url(), arguments)).run()
}

#[test]
fn a_token_is_kept_for_the_next_command() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    let first = store.under(sandbox.program(&["weiting", "token", "--json"])).run().done();
    assert_eq!(store.under(sandbox.program(&["weiting", "token", "--json"])).run().done(), first);
    store.under(sandbox.program(&["weiting", "mobile", "--ticket", "sandbox-ticket-1", "--json"])).run().done();
    assert_eq!(sandbox.fetches(), 1);
}

#[test]
fn showing_it_spends_nothing_and_prints_no_whole_token() {
    let (server, store) = (giving("0123456789abcdef"), SharedStore::new());
    let show = ["weiting", "token", "show", "--json"];
    let empty = run(&server, &store, &show).done();
    let key = format!("wt-appid@{}#", server.url());
    assert!(empty["key"].as_str().unwrap().starts_with(&key), "{empty}");
    let nothing = json!({
        "access_token": null, "generation": null, "age_s": null, "expires_in_s": null, "expires_at": null,
        "fetches_today": 0, "daily_limit": 200, "fetches_left": 200, "braked_until": null, "taken_until": null,
        "store": store.name(), "key": empty["key"],
    });
    assert_eq!(empty, nothing);
    assert!(server.requests().is_empty());
    assert_eq!(store.content(), Value::Null, "looking leaves no file");

    let token = run(&server, &store, &["weiting", "token", "--json"]).done();
    let ended = run(&server, &store, &show);
    let shown = ended.done();
    assert_eq!((&shown["access_token"], &shown["generation"]), (&json!("0123…"), &json!(1)));
    assert_eq!((&shown["fetches_today"], &shown["fetches_left"]), (&json!(1), &json!(199)));
    assert_eq!(shown["expires_at"], token["expires_at"]);
    let life = shown["age_s"].as_u64().unwrap() + shown["expires_in_s"].as_u64().unwrap();
    assert!((7199..=7200).contains(&life), "{shown}");

    let people = run(&server, &store, &["weiting", "token", "show"]);
    assert_eq!(people.code, 0);
    for line in ["access_token   0123…", "generation     1", "fetches today  1 of 200; 199 left"] {
        assert!(people.stdout.lines().any(|shown| shown == line), "{people:?}");
    }
    assert!(!ended.printed().contains("01234") && !people.printed().contains("01234"), "{people:?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn of_a_short_token_nothing_is_shown_and_of_one_that_ended_the_end() {
    let (server, store) = (giving("0123456789abcde"), SharedStore::new());
    let short_lived = |arguments| {
        let program = store.under(Program::at(&server.url(), arguments)).env("WEIFEN_WEITING_TOKEN_LIFE_S", "1");
        program.env("WEIFEN_WEITING_REFRESH_BEFORE_S", "0").run()
    };
    short_lived(&["weiting", "token", "--json"]).done();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let shown = short_lived(&["weiting", "token", "show", "--json"]).done();
    assert_eq!((&shown["access_token"], &shown["expires_in_s"]), (&json!("…"), &json!(0)));
    let people = short_lived(&["weiting", "token", "show"]).stdout;
    assert!(people.lines().any(|line| line == "time left      ended"), "{people}");
}

#[test]
fn in_memory_there_is_never_a_token_to_show_and_it_says_so() {
    let server = giving("0123456789abcdef");
    let program = |arguments| Program::at(&server.url(), arguments).env("WEIFEN_WEITING_TOKEN_STORE", "memory");
    program(&["weiting", "token", "--json"]).run().done();
    let shown = program(&["weiting", "token", "show", "--json"]).run().done();
    assert_eq!((&shown["access_token"], &shown["store"]), (&Value::Null, &json!("memory")));
    let people = program(&["weiting", "token", "show"]).run().stdout;
    assert!(people.contains("none: a store in memory is empty when a command starts"), "{people}");
}

#[test]
fn a_rejected_generation_is_replaced_once() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    let first = store.under(sandbox.program(&["weiting", "token", "--json"])).run().done();
    let replace = || store.under(sandbox.program(&["weiting", "token", "refresh", "--rejected", "1", "--json"])).run();
    let ended = replace();
    assert!(ended.stderr.contains("this costs 1 of today's 200 token fetches"), "{ended:?}");
    let second = ended.done();
    assert_ne!(second["access_token"], first["access_token"]);
    for _ in 0..3 {
        let ended = replace();
        assert_eq!((ended.done(), ended.stderr.as_str()), (second.clone(), ""));
    }
    assert_eq!(sandbox.fetches(), 2);
}

#[test]
fn a_refresh_says_first_what_it_costs_and_is_braked() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    let refresh = || store.under(sandbox.program(&["weiting", "token", "refresh", "--json"])).trusting_nobody().run();
    let issued = |index: usize| sandbox.state()["weiting"]["tokens"]["issued"][index]["access_token"].clone();
    for (index, cost) in ["0 are used, 199 will be left", "1 is used, 198 will be left"].into_iter().enumerate() {
        let ended = refresh();
        assert_eq!(ended.done()["access_token"], issued(index));
        assert_eq!(ended.stderr, format!("weifen: this costs 1 of today's 200 token fetches; {cost}\n"));
    }
    let ended = refresh();
    let error = ended.error(5);
    assert_eq!((&error["kind"], &error["retryable"]), (&json!("not_delivered"), &json!(true)));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("nothing was sent") && message.contains("the next request is allowed at 20"), "{message}");
    assert_eq!(ended.stderr, "", "what is not fetched costs nothing");
    assert_eq!(sandbox.fetches(), 2);

    let shown = store.under(sandbox.program(&["weiting", "token", "show", "--json"])).trusting_nobody().run().done();
    assert!(shown["braked_until"].as_str().unwrap().ends_with('Z'), "{shown}");
    let token = store.under(sandbox.program(&["weiting", "token", "--json"])).run().done();
    assert_eq!(token["access_token"], issued(1), "the last one stays in use");
}

#[test]
fn with_the_days_fetches_used_up_nothing_is_sent() {
    let (sandbox, store) = (Sandboxed::start(), SharedStore::new());
    let limited = |arguments| store.under(sandbox.program(arguments)).env("WEIFEN_WEITING_DAILY_LIMIT", "1").run();
    limited(&["weiting", "token", "--json"]).done();
    let ended = limited(&["weiting", "token", "refresh", "--json"]);
    let error = ended.error(5);
    assert_eq!(error["kind"], "not_delivered");
    assert!(error["message"].as_str().unwrap().contains("the daily limit of 1 is used up"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("daily_limit"), "{error}");
    assert_eq!((ended.stderr.as_str(), sandbox.fetches()), ("", 1));
    assert_eq!(limited(&["weiting", "token", "show", "--json"]).done()["fetches_left"], 0);
    let people = limited(&["weiting", "token", "show"]).stdout;
    let next = people.lines().find(|line| line.starts_with("next fetch")).unwrap();
    assert!(
        next.starts_with("next fetch     not today; the next day begins at 2") && next.ends_with("T16:00:00Z"),
        "{people}"
    );
}

#[test]
fn different_secrets_share_no_token() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |_| {
        let fetch = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Reply::json(format!(r#"{{"data":"TOKEN-{fetch}","status":200,"info":0}}"#))
    });
    let store = SharedStore::new();
    let token = |secret| {
        let program = store.under(Program::at(&server.url(), &["weiting", "token", "--json"]));
        program.env("WEIFEN_WEITING_SECRET", secret).run().done()["access_token"].clone()
    };
    assert_eq!(
        [token("one"), token("other"), token("one"), token("other")],
        ["TOKEN-0", "TOKEN-1", "TOKEN-0", "TOKEN-1"]
    );
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn without_a_setting_the_token_is_kept_in_the_users_state_folder() {
    let sandbox = Sandboxed::start();
    let home = tempfile::tempdir().unwrap();
    let path = |below: &str| home.path().join(below).to_str().unwrap().to_owned();
    let places = [
        (path("state"), path("state/weifen/token.json")),
        ("relative".to_owned(), path(".local/state/weifen/token.json")),
    ];
    for (index, (state, file)) in places.iter().enumerate() {
        let program = |arguments| sandbox.program(arguments).env("HOME", &path("")).env("XDG_STATE_HOME", state);
        for _ in 0..2 {
            program(&["weiting", "token", "--json"]).run().done();
        }
        assert!(std::fs::exists(file).unwrap(), "{file}");
        assert_eq!(sandbox.fetches(), index + 1);
        let shown = program(&["weiting", "token", "show", "--json"]).run().done();
        assert_eq!(shown["store"], format!("file:{file}"));
    }
}

#[test]
fn a_user_without_a_state_folder_is_asked_for_a_store_when_a_token_is_needed() {
    let sandbox = Sandboxed::start();
    let homeless = |arguments: &[&str]| sandbox.program(arguments).without("XDG_STATE_HOME").arg("--json");
    let error = homeless(&["weiting", "token"]).run().error(3);
    assert_eq!(error["kind"], "config");
    assert!(error["hint"].as_str().unwrap().contains("weiting.token_store"), "{error}");
    homeless(&["fensi", "scenes"]).run().done();
    homeless(&["weiting", "token"]).env("WEIFEN_WEITING_TOKEN_STORE", "memory").run().done();
}

#[test]
fn a_damaged_store_is_told_with_its_place_and_a_way_out() {
    let (server, store) = (giving("0123456789abcdef"), SharedStore::new());
    std::fs::write(store.path(), r#"{"tokens": {"half"#).unwrap();
    for arguments in [&["weiting", "token"][..], &["weiting", "token", "show"], &["weiting", "token", "refresh"]] {
        let error = run(&server, &store, &[arguments, &["--json"]].concat()).error(3);
        assert_eq!(error["kind"], "config");
        let message = error["message"].as_str().unwrap();
        let told = message.contains(&store.name()) && message.contains("Move the file away");
        assert!(told && message.matches("incomplete or not a token store file").count() == 1, "{message}");
        let people = run(&server, &store, arguments);
        assert_eq!((people.code, people.stdout.as_str()), (3, ""));
        assert!(people.stderr.contains("Move the file away"), "{people:?}");
    }
    assert!(server.requests().iter().all(|request| request.path() != TOKEN));
}

/// Every command that waits for the token's store, ended after a second.
const HASTY: [&[&str]; 4] = [
    &["weiting", "token", "--timeout=1", "--json"],
    &["weiting", "token", "refresh", "--timeout=1", "--json"],
    &["weiting", "token", "show", "--timeout=1", "--json"],
    &["weiting", "mobile", "--ticket", "a-ticket", "--timeout=1", "--json"],
];

#[test]
fn a_store_that_hangs_is_waited_for_no_longer_than_the_time_out() {
    let silent = RawServer::start(Connection::hang).unwrap();
    for arguments in HASTY {
        let program = Program::at(&Server::nowhere(), arguments).trusting_nobody();
        let url = format!("redis://{}", silent.address());
        let error = program.env("WEIFEN_WEITING_TOKEN_STORE", &url).run().error(5);
        let message = error["message"].as_str().unwrap();
        assert_eq!(error["kind"], "store");
        assert!(message.contains("timed out after 0.9 s"), "{arguments:?}: {message}");
    }
}

#[test]
fn a_lock_that_is_held_is_waited_for_no_longer_than_the_time_out() {
    let (server, store) = (giving("0123456789abcdef"), SharedStore::new());
    let lock = std::fs::File::create(store.path().with_file_name("token.json.lock")).unwrap();
    lock.lock().unwrap();
    for arguments in HASTY.iter().filter(|arguments| !arguments.contains(&"show")) {
        let program = store.under(Program::at(&server.url(), arguments)).trusting_nobody();
        let error = program.run().error(5);
        let message = error["message"].as_str().unwrap();
        assert_eq!(error["kind"], "store");
        assert!(message.contains("locked by another process for 0.9 s"), "{arguments:?}: {message}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn another_processs_fetch_is_waited_for_no_longer_than_the_time_out() {
    let (hung, store) = (Server::start(|_| Reply::Hang), SharedStore::new());
    let fetching = store.under(Program::at(&hung.url(), &["weiting", "token", "--timeout=60"])).start();
    while hung.requests().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for arguments in HASTY.iter().filter(|arguments| !arguments.contains(&"show")) {
        let error = store.under(Program::at(&hung.url(), arguments)).trusting_nobody().run().error(5);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("another process holds the fetch lease until 20"), "{arguments:?}: {message}");
    }
    assert_eq!(hung.requests().len(), 1);
    drop(fetching);
}
