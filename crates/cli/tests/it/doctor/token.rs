//! The token's store: what it holds is told, and looking costs nothing.

use std::fs;

use serde_json::{Value, json};

use super::clinic::{Clinic, Report};
use crate::support::{Program, Reply, Sandboxed, Server};

fn fetch(clinic: &Clinic, sandbox: &Sandboxed) {
    clinic.with(sandbox.program(&["weiting", "token", "--json"])).run().done();
}

#[test]
fn a_stored_token_is_told_by_its_generation_and_its_end_alone() {
    let (clinic, sandbox) = (Clinic::new(), Sandboxed::start());
    let token = clinic.with(sandbox.program(&["weiting", "token", "--json"])).run().done();
    let before = clinic.content();
    let report = Report::of(clinic.with(sandbox.program(&["doctor", "--json"])));
    report.says("token", "store", "ok", "exists");
    report.says("token", "token", "ok", "generation 1, valid for 1 h 59 min");
    report.says("token", "ledger", "ok", "1 of 200 fetches today");
    assert!(!report.ended.printed().contains(token["access_token"].as_str().unwrap()));
    assert_eq!(clinic.content(), before);
    assert_eq!(sandbox.fetches(), 1);
}

#[test]
fn a_full_ledger_is_a_problem_and_a_nearly_full_one_a_warning() {
    let (clinic, sandbox) = (Clinic::new(), Sandboxed::start());
    fetch(&clinic, &sandbox);
    let with_limit = |limit: &str| {
        let program = clinic.with(sandbox.program(&["doctor", "--json"]));
        Report::of(program.env("WEIFEN_WEITING_DAILY_LIMIT", limit))
    };
    with_limit("1").says("token", "ledger", "problem", "1 of 1 fetches today: no token can be fetched before");
    with_limit("2").says("token", "ledger", "ok", "1 of 2 fetches today");
    let file = clinic.path("state/weifen/token.json");
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let ledger = document["ledgers"].as_object_mut().unwrap().values_mut().next().unwrap();
    *ledger.as_object_mut().unwrap().values_mut().next().unwrap() = json!(190);
    fs::write(&file, document.to_string()).unwrap();
    with_limit("200").says("token", "ledger", "warning", "190 of 200 fetches today");
    assert_eq!(sandbox.fetches(), 1);
}

#[test]
fn a_stored_end_that_no_token_has_is_told_by_all_who_read_it_and_the_next_call_fetches() {
    for both in [false, true] {
        let (clinic, sandbox) = (Clinic::new(), Sandboxed::start());
        fetch(&clinic, &sandbox);
        let file = clinic.path("state/weifen/token.json");
        let mut document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let token = &mut document["tokens"].as_object_mut().unwrap().values_mut().next().unwrap()["token"];
        let names = if both { &["fetched_at_ms", "expires_at_ms"][..] } else { &["expires_at_ms"] };
        for name in names {
            token[name] = json!(token[name].as_u64().unwrap() + 8 * 3_600_000);
        }
        fs::write(&file, document.to_string()).unwrap();
        let report = Report::of(clinic.with(sandbox.program(&["doctor", "--json"])));
        report.says("token", "token", "warning", "generation 1 expires too late");
        let shown = clinic.with(sandbox.program(&["weiting", "token", "show", "--json"])).run().done();
        assert_eq!((&shown["access_token"], &shown["expires_at"]), (&Value::Null, &Value::Null));
        fetch(&clinic, &sandbox);
        assert_eq!(sandbox.fetches(), 2);
        let shown = clinic.with(sandbox.program(&["weiting", "token", "show", "--json"])).run().done();
        assert_eq!(shown["generation"], 2);
    }
}

#[test]
fn a_brake_is_told() {
    let clinic = Clinic::new();
    let server = Server::start(|_| Reply::json(json!({"status": 0, "errMsg": "no"}).to_string()));
    for _ in 0..3 {
        clinic.with(Program::at(&server.url(), &["weiting", "token", "--json"])).trusting_nobody().run();
    }
    let report = Report::of(clinic.with(Program::at(&server.url(), &["doctor", "--json"])));
    report.says("token", "brake", "warning", "no fetch before 2");
}

#[test]
fn a_damaged_file_and_one_that_has_no_place_are_problems() {
    let clinic = Clinic::new();
    let with_store = |path: &str| {
        let program = clinic.doctor().env("WEIFEN_WEITING_TOKEN_STORE", &format!("file:{path}"));
        Report::of(program)
    };
    with_store(&clinic.file("token.json", "{")).says("token", "store", "problem", "incomplete");
    clinic.file("file", "");
    with_store(&clinic.path("file/token.json")).says("token", "store", "problem", "");
    let linked = clinic.path("link");
    std::os::unix::fs::symlink(clinic.file("target", "{}"), &linked).unwrap();
    with_store(&linked).says("token", "store", "problem", "symbolic link");
}

#[test]
fn a_store_in_memory_is_told_to_be_of_little_use_here() {
    let clinic = Clinic::new();
    let report = Report::of(clinic.doctor().env("WEIFEN_WEITING_TOKEN_STORE", "memory"));
    report.says("token", "store", "warning", "memory");
}

#[test]
fn nowhere_to_keep_one_is_a_problem_where_one_is_needed() {
    let program = || Program::new(&["doctor", "--json"]).without("XDG_STATE_HOME");
    let needed = Report::of(program().env("WEIFEN_WEITING_USER_PATH", "/user"));
    needed.says("token", "store", "problem", "no folder for the token");
    Report::of(program()).says("token", "set up", "ok", "no");
}
