//! The exit codes: their table, and the output and the requests with each.

mod table;

use serde_json::{Value, json};
use xtask_specimens::{Effect, SPECIMENS};

use crate::support::{Program, RawRequest, Reply, Server, SharedStore, call};

/// The shortest timeout for a reply that hangs, else a generous one.
fn enough_for(reply: &Reply) -> &'static str {
    if matches!(reply, Reply::Hang) { "--timeout=5" } else { "--timeout=60" }
}

/// Runs the operation against a server that gives tokens and answers all else with `reply`; returns the error and the
/// requests that arrived.
fn failed(operation: &str, exit: i32, reply: Reply) -> (Value, Vec<RawRequest>) {
    let timeout = enough_for(&reply);
    let server = Server::behind_token(move |_| reply.clone());
    let program =
        Program::at(&server.url(), call(operation)).trusting_nobody().env("WEIFEN_WEITING_TOKEN_STORE", "memory");
    let ended = program.arg("--json").arg(timeout).run();
    let error = ended.error(exit);
    assert_eq!(error["operation"], operation);
    assert!(ended.stderr.is_empty(), "{ended:?}");
    (error, server.calls())
}

#[test]
fn a_redirect_is_never_followed_and_names_the_host_alone() {
    let other = Server::start(|_| Reply::json(r#"{"status":200}"#));
    let host = other.url();
    for status in ["302 Found", "307 Temporary Redirect"] {
        // The token's own is fetched before others.
        for specimen in SPECIMENS.iter().filter(|specimen| specimen.effect != Effect::Counted) {
            let exit = if specimen.effect == Effect::Write { 7 } else { 6 };
            let location = format!("location: {host}/elsewhere?leak=CANARY\r\n");
            let (error, calls) = failed(specimen.name(), exit, Reply::with(status, &location, ""));
            assert_eq!(error["http_status"], status[..3].parse::<u16>().unwrap());
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("127.0.0.1") && !message.contains("CANARY"), "{message}");
            assert_eq!(calls.len(), 1);
        }
    }
    assert!(other.requests().is_empty());
}

#[test]
fn a_server_without_a_common_cipher_suite_is_no_reason_for_plain_http() {
    let server = Server::refusing_tls(40); // handshake_failure
    let url = format!("https://{}", server.address());
    for operation in ["access_token", "scenes"] {
        let error = Program::at(&url, call(operation)).trusting_nobody().arg("--json").run().error(5);
        assert_eq!(error["kind"], "not_delivered");
        assert!(error["message"].as_str().unwrap().contains("no common cipher suite"), "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("docs/old-tls.md") && !hint.contains("http://") && !hint.contains("plaintext"), "{hint}");
    }
}

#[test]
fn a_connection_without_tls_is_not_delivered_and_names_the_documented_address() {
    let server = Server::start(|_| Reply::Close);
    let url = server.url().replace("http://", "https://");
    let error = Program::at(&url, call("access_token")).arg("--json").run().error(5);
    assert_eq!(error["kind"], "not_delivered");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("http://m.sh.189.cn") && hint.contains("plaintext = true"), "{hint}");
    let people = Program::at(&url, call("access_token")).run();
    assert!(people.stderr.lines().any(|line| line.starts_with("hint: ")), "{people:?}");
}

#[test]
fn a_counted_call_that_gets_no_reply_may_be_sent_again() {
    for (reply, exit, kind) in [
        (Reply::Hang, 5, "no_reply"),
        (Reply::Close, 5, "no_reply"),
        (Reply::with("200 OK", "", "<html>"), 6, "undecodable"),
        (Reply::json(r#"{"status":0,"errMsg":"no"}"#), 4, "refused"),
    ] {
        let timeout = enough_for(&reply);
        let server = Server::start(move |_| reply.clone());
        // The token's own failure is told, not the operation's that needed it: nothing of that was sent.
        for operation in ["access_token", "order_report"] {
            let ended = Program::at(&server.url(), call(operation)).arg("--json").arg(timeout).run();
            let error = ended.error(exit);
            assert_eq!((&error["kind"], &error["operation"]), (&json!(kind), &json!("access_token")));
        }
        assert_eq!(server.calls().len(), 0);
    }
}

#[test]
fn what_a_limit_or_a_store_keeps_back_is_not_sent() {
    let server = Server::start(|_| Reply::Close);
    let token = |store: &SharedStore, operation, limit| {
        let program = store.under(Program::at(&server.url(), call(operation))).trusting_nobody();
        program.env("WEIFEN_WEITING_DAILY_LIMIT", limit).arg("--json").run()
    };
    let [used_up, braked, locked, broken] = std::array::from_fn(|_| SharedStore::new());
    token(&used_up, "access_token", "1").error(5);
    for _ in 0..2 {
        token(&braked, "access_token", "200").error(5);
    }
    std::fs::write(broken.path(), "").unwrap();
    let sent = server.requests().len();
    assert_eq!(sent, 3);
    let held = std::fs::File::create(locked.path().with_file_name("token.json.lock")).unwrap();
    held.lock().unwrap();
    for (store, limit, exit, kind, told) in [
        (&braked, "200", 5, "not_delivered", "the next request is allowed at 20"),
        (&used_up, "1", 5, "not_delivered", "the next day begins at 20"),
        (&locked, "200", 5, "store", "locked by another process"),
        (&broken, "200", 3, "config", "Move the file away"),
    ] {
        for operation in ["access_token", "order_report"] {
            let ended = token(store, operation, limit);
            let error = ended.error(exit);
            assert_eq!((&error["kind"], &error["operation"]), (&json!(kind), &json!("access_token")));
            assert_eq!((&error["vendor"], &error["retryable"]), (&json!("weiting"), &json!(kind != "config")));
            assert!(error["message"].as_str().unwrap().contains(told), "{error}");
        }
    }
    assert_eq!(server.requests().len(), sent);
}

#[test]
fn a_refusal_and_an_answer_are_understood_at_any_http_status() {
    let (error, _) = failed("login_report", 4, Reply::with("500 Oops", "", r#"{"data":"不行","status":0,"info":0}"#));
    assert_eq!(
        error,
        json!({
            "kind": "refused", "vendor": "weiting", "operation": "login_report", "code": 0, "message": "不行",
            "http_status": 500, "retryable": false, "hint": "correct the value that the vendor's message names, and \
                report again",
        })
    );
    let server = Server::behind_token(|_| Reply::with("503 Busy", "", r#"{"data":"N-1","status":200,"info":0}"#));
    let ended = Program::at(&server.url(), call("order_report")).arg("--json").run();
    assert_eq!(ended.done(), json!({"order_number": "N-1"}));
}

#[test]
fn a_refusal_without_words_is_told_in_ours() {
    let (error, _) = failed("login_report", 4, Reply::json(r#"{"status":7}"#));
    assert_eq!(error["code"], 7);
    assert!(error["message"].as_str().unwrap().contains("refused with code 7"), "{error}");
}

#[test]
fn a_value_that_no_request_may_carry_is_refused_before_anything_is_sent() {
    let wrong: [(&str, &[&str]); 10] = [
        ("authorize_url", &["weiting", "authorize-url", "--state", "/relative"]),
        ("openid_by_code", &["weiting", "openid", "--callback", "http://h/declined"]),
        ("bound_user", &["weiting", "user", "--openid", ""]),
        ("mobile_by_ticket", &["weiting", "mobile", "--ticket", "CANARY with space"]),
        ("login_report", &["weiting", "login-report", "--openid", "O", "--deviceno", "CANARY\n"]),
        ("order_report", &["weiting", "order-report", "--openid", "O", "--deviceno", "189", "--package", " "]),
        (
            "order_report",
            &["weiting", "order-report", "--openid", "O", "--deviceno", "189", "--package", "p", "--date", "27.5.16"],
        ),
        (
            "order_report",
            &["weiting", "order-report", "--openid=O", "--deviceno=189", "--package=p", "--date=-0001-01-01"],
        ),
        ("qrcode", &["fensi", "qrcode", "--auth-open-id", "U", "--nickname", "N", "--sex", "7", "--ip", "1.1.1.1"]),
        ("qrcode", &["fensi", "qrcode", "--auth-open-id", "U", "--nickname", "N", "--sex", "0", "--ip", "CANARY"]),
    ];
    let server = Server::start(|_| Reply::Close);
    for (operation, arguments) in wrong {
        let ended = Program::at(&server.url(), arguments).arg("--json").run();
        let error = ended.error(2);
        assert_eq!((&error["kind"], &error["operation"]), (&json!("invalid_request"), &json!(operation)));
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
    // Values come first: no configuration is needed to find them wrong.
    assert_eq!(Program::new(&["weiting", "mobile", "--ticket", ""]).run().code, 2);
    assert!(server.requests().is_empty());
}

#[test]
fn a_missing_key_is_asked_for() {
    let server = Server::start(|_| Reply::Close);
    let error = Program::at(&server.url(), call("qrcode")).without("WEIFEN_FENSI_KEY").arg("--json").run().error(2);
    assert_eq!(error["kind"], "invalid_request");
    assert!(error["message"].as_str().unwrap().contains("key"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn people_are_told_on_stderr_and_see_nothing_on_stdout() {
    let server = Server::behind_token(|_| Reply::json(r#"{"status":40005,"errMsg":"code 已过期"}"#));
    let ended = Program::at(&server.url(), call("openid_by_code")).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""));
    assert_eq!(
        ended.stderr,
        "error: weiting openid_by_code (获取openid): refused with code 40005: code 已过期 (HTTP 200)\n\
         hint: a code is valid once and only for a short time: send the user to the consent page again (authorize-url)\n"
    );
}

#[test]
fn one_code_has_another_hint_where_it_means_something_else() {
    for (operation, words, told) in [
        ("openid_by_code", "code 已过期", "authorize-url"),
        ("prize_notice", "推送接口异常", "send the notice again later"),
        ("mobile_by_ticket", "接口异常，请稍后再试", "call again later"),
    ] {
        let body = json!({ "status": 40005, "errcode": 40005, "errMsg": words }).to_string();
        let (error, _) = failed(operation, 4, Reply::json(body));
        assert!(error["hint"].as_str().unwrap().contains(told), "{operation}: {error}");
    }
}

#[test]
fn every_refusal_has_a_hint() {
    let fensi = [(50000, "IP地址不正确"), (50001, "x"), (50002, "x"), (50003, "x"), (50004, "x"), (1, "x")];
    let weiting = [(7, "x"), (40005, "x")];
    let of = |operation| move |(code, words): (i64, &'static str)| (operation, code, words);
    let refusals = fensi.map(of("qrcode")).into_iter().chain(weiting.map(of("order_report")));
    let mut hints: Vec<String> = Vec::new();
    for (operation, code, words) in refusals {
        let body = json!({ "code": code, "status": code, "message": words, "data": words }).to_string();
        let (error, _) = failed(operation, 4, Reply::json(body));
        hints.push(error["hint"].as_str().unwrap_or_else(|| panic!("no hint: {error}")).to_owned());
    }
    hints.sort_unstable();
    hints.dedup();
    assert_eq!(hints.len(), 7, "but for the reports' one: {hints:#?}");
}
