//! The secrets' files: missing, empty, reachable by others, with white space, without an end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use super::clinic::{Clinic, PUSH_SECRET, Report};
use crate::support::{Program, Server};

const KEY: &str = "weiting.secret_file";

fn report(clinic: &Clinic, path: &str) -> Report {
    Report::of(clinic.doctor().env("WEIFEN_WEITING_SECRET_FILE", path))
}

#[test]
fn one_that_is_missing_or_empty_is_a_problem() {
    let clinic = Clinic::new();
    report(&clinic, &clinic.path("missing")).says("secrets", KEY, "problem", "does not exist");
    report(&clinic, &clinic.file("empty", "\n")).says("secrets", KEY, "problem", "it is empty");
}

#[test]
fn why_one_can_t_be_read_is_said_once() {
    let clinic = Clinic::new();
    for (path, told, other) in [
        (clinic.path("missing"), "does not exist", "No such file"),
        (clinic.path(""), "Is a directory", "is a directory"),
    ] {
        let report = report(&clinic, &path);
        let found = report.line("secrets", KEY).1;
        assert_eq!((found.matches(told).count(), found.matches(other).count()), (1, 0), "{found}");
    }
}

#[test]
fn one_that_others_can_reach_is_a_warning_with_the_command_that_mends_it() {
    let clinic = Clinic::new();
    let path = clinic.file("secret", "s");
    report(&clinic, &path).says("secrets", KEY, "ok", "set, from file");
    for (mode, reach) in [(0o640, "read"), (0o604, "read"), (0o620, "written"), (0o666, "read and written")] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let report = report(&clinic, &path);
        report.says("secrets", KEY, "warning", &format!("can be {reach} by others than its owner (mode {mode:04o})"));
        let line = report.checks().iter().find(|check| check["name"] == KEY).unwrap();
        assert_eq!(line["advice"], format!("chmod 600 {path}"));
    }
}

#[test]
fn a_configuration_file_that_holds_a_secret_is_looked_at_like_one() {
    let clinic = Clinic::new();
    for (text, key) in [
        ("[fensi]\napp_secret = 's'\n", "fensi.app_secret"),
        ("[serve]\ndatabase = 'postgres://u:CANARY@127.0.0.1:9/d'\n", "serve.database"),
    ] {
        let path = clinic.file("weifen.toml", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let program = Program::new(&["doctor", "--json", "--config", &path]);
        Report::of(program).says("secrets", "configuration file", "warning", &format!("the file contains {key}; "));
    }
}

#[test]
fn white_space_in_or_around_one_is_a_warning_and_the_secret_is_used_as_it_stands() {
    let clinic = Clinic::new();
    for content in [" CANARY", "CANARY \n", "CANARY\n\n", "\0CANARY", "CAN ARY"] {
        let secret = clinic.file("secret", content);
        let program = Program::at(&Server::nowhere(), &["doctor", "--json"]).without("WEIFEN_WEITING_SECRET");
        let program = program.without("WEIFEN_FENSI_APP_SECRET").env("WEIFEN_FENSI_APP_SECRET_FILE", &secret);
        let report = Report::of(clinic.with(program).env("WEIFEN_WEITING_SECRET_FILE", &secret));
        assert!(!report.ended.printed().contains("CAN"));
        for (key, vendor) in [(KEY, "weiting"), ("fensi.app_secret_file", "fensi")] {
            report.says("secrets", key, "warning", "white space");
            report.says(vendor, "credentials", "ok", "set");
        }
        report.says("signature", "own secret", "ok", "signs");
    }
}

#[test]
fn a_file_that_is_wrong_in_its_text_and_its_mode_is_told_for_both() {
    let clinic = Clinic::new();
    for (content, due) in [("CANARY \n", ["warning", "warning"]), ("\n", ["problem", "warning"])] {
        let path = clinic.file("secret", content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let report = report(&clinic, &path);
        let lines = report.checks().iter().filter(|check| check["name"] == KEY);
        let states: Vec<_> = lines.map(|line| line["state"].as_str().unwrap()).collect();
        assert_eq!(states, due, "{content:?}");
    }
}

#[test]
fn one_that_nobody_writes_to_hides_nothing_and_is_not_waited_for() {
    let clinic = Clinic::new();
    let pipe = clinic.pipe("pipe");
    let begun = Instant::now();
    let report = Report::of(
        clinic
            .doctor()
            .env("WEIFEN_WEITING_APPID", "wt")
            .env("WEIFEN_WEITING_BASE_URL", "http://127.0.0.1:9")
            .env("WEIFEN_WEITING_SECRET_FILE", &pipe)
            .env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", PUSH_SECRET)),
    );
    assert!(begun.elapsed() < Duration::from_secs(30));
    report.says("secrets", KEY, "problem", "reading the file timed out");
    report.says("weiting", "credentials", "warning", "not checked");
    report.says("push", "secret", "ok", "1, strong enough");
}

#[test]
fn stdin_is_left_alone() {
    let clinic = Clinic::new();
    let report = Report::of(clinic.doctor().env("WEIFEN_WEITING_SECRET_FILE", "-").stdin("CANARY"));
    report.says("secrets", KEY, "ok", "comes from stdin, which doctor does not read");
    assert_eq!(report.setting(KEY).0, "-");
}

#[test]
fn one_given_in_both_forms_is_told_once_and_used_in_neither() {
    let clinic = Clinic::new();
    let program = clinic.doctor().env("WEIFEN_FENSI_APP_SECRET", "s").env("WEIFEN_FENSI_APP_SECRET_FILE", "f");
    let report = Report::of(program);
    report.says("configuration", "fensi.app_secret", "problem", "are both set");
    report.says("fensi", "credentials", "warning", "not checked");
}
