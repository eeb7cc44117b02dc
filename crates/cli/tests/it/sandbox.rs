//! `weifen sandbox`: prints one ready line, and runs until it is told to end.

use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};
use xtask_services::signal::Signal;

use crate::serve::client::{get, post};
use crate::support::{Program, Reply, Running, Server};

fn start(arguments: &[&str]) -> Running {
    Program::new(arguments).start()
}

fn program(ready: &Value, arguments: &[&str]) -> Program {
    let text = |name: &str| ready[name].as_str().unwrap();
    Program::new(arguments)
        .env("WEIFEN_WEITING_BASE_URL", text("weiting_base_url"))
        .env("WEIFEN_WEITING_APPID", text("appid"))
        .env("WEIFEN_WEITING_SECRET", text("secret"))
        .env("WEIFEN_WEITING_USER_PATH", text("user_path"))
        .env("WEIFEN_FENSI_BASE_URL", text("fensi_base_url"))
        .env("WEIFEN_FENSI_DEVELOP_APPID", text("develop_appid"))
        .env("WEIFEN_FENSI_APP_SECRET", text("app_secret"))
        .env("WEIFEN_FENSI_KEY", text("key"))
}

#[test]
fn one_line_tells_a_program_all_it_needs() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut sandbox = start(&["sandbox", "--json"]);
        let ready: Value = serde_json::from_str(&sandbox.line()).unwrap();
        let mut names: Vec<_> = ready.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "app_secret",
                "appid",
                "control_url",
                "develop_appid",
                "fensi_base_url",
                "key",
                "secret",
                "user_path",
                "weiting_base_url",
            ]
        );
        program(&ready, &["weiting", "token", "--json"]).run().done();
        program(&ready, &["fensi", "scenes", "--json"]).run().done();
        let ended = sandbox.end(signal);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    }
}

#[test]
fn pushes_go_where_the_flag_says() {
    let receiver = Server::start(|_| Reply::json("{}"));
    let mut sandbox = start(&["sandbox", "--json", "--push-url", &format!("{}/push/x", receiver.url())]);
    let ready: Value = serde_json::from_str(&sandbox.line()).unwrap();
    let arguments =
        ["fensi", "qrcode", "--auth-open-id", "u", "--nickname", "n", "--sex", "0", "--ip", "1.1.1.1", "--json"];
    program(&ready, &arguments).run().done();

    post(control(&ready), "/_sandbox/follow", r#"{"auth_open_id":"u"}"#);

    let push = receiver.calls().pop().unwrap();
    assert_eq!(push.path(), "/push/x");
    let read = Program::new(&["fensi", "push", "--file", "-", "--json"]).stdin(push.body).run().done();
    assert_eq!(read["push"]["auth_open_id"], "u");
}

#[test]
fn a_wrong_flag_is_usage_and_a_taken_port_is_not() {
    for arguments in [
        &["sandbox", "--listen", "nonsense"][..],
        &["sandbox", "--push-url", "https://127.0.0.1/CANARY"],
        &["sandbox", "--push-url", "http://192.0.2.1/CANARY"],
    ] {
        let ended = Program::new(arguments).arg("--json").run();
        assert_eq!(ended.error(2)["kind"], "usage");
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = Program::new(&["sandbox", "--listen", &address, "--json"]).run().error(3);
    assert_eq!(error["kind"], json!("config"));
    assert!(error["message"].as_str().unwrap().contains(&address), "{error}");
}

#[test]
fn chaos_is_told_to_people_and_stands_in_the_state() {
    let mut sandbox = start(&["sandbox", "--chaos", "7"]);
    let told = sandbox.error_line();
    assert!(told.starts_with("weifen: chaos with seed 7: "), "{told}");
    assert_eq!(sandbox.end(Signal::INT).code, 0);

    let mut sandbox = start(&["sandbox", "--chaos", "7", "--json"]);
    let ready: Value = serde_json::from_str(&sandbox.line()).unwrap();
    let faults = state(&ready)["faults"].clone();
    assert_eq!((&faults["seed"], &faults["chaos"]), (&json!(7), &json!(true)));
    // One call in three fails or comes oddly: of so many at least one.
    let happened = || {
        let faults = state(&ready)["faults"]["list"].take();
        faults.as_array().unwrap().iter().any(|fault| fault["happened"].as_u64().unwrap() > 0)
    };
    assert!((0..30).any(|_| {
        program(&ready, &["fensi", "scenes", "--json", "--timeout", "1"]).run();
        happened()
    }));
    let ended = sandbox.end(Signal::TERM);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
}

#[test]
fn without_chaos_nothing_goes_wrong() {
    let mut sandbox = start(&["sandbox", "--json"]);
    let ready: Value = serde_json::from_str(&sandbox.line()).unwrap();
    assert_eq!(state(&ready)["faults"], json!({ "seed": 0, "chaos": false, "list": [] }));
}

#[test]
fn a_seed_that_is_no_number_is_usage() {
    for seed in ["x", "-1", "1.5", "18446744073709551616", ""] {
        let ended = Program::new(&["sandbox", "--json", &format!("--chaos={seed}")]).run();
        assert_eq!(ended.error(2)["kind"], "usage", "{seed}");
    }
}

/// The address of the sandbox's control.
fn control(ready: &Value) -> SocketAddr {
    let url = ready["control_url"].as_str().unwrap();
    url.strip_prefix("http://").unwrap().split_once('/').unwrap().0.parse().unwrap()
}

/// The sandbox's state, by its control.
fn state(ready: &Value) -> Value {
    serde_json::from_str(&get(control(ready), "/_sandbox/state").body).unwrap()
}
