//! Receiving pushes: what is missing, and what is to be entered at the vendor.

use super::clinic::{Clinic, PUSH_SECRET, Report};
use crate::support::{InboxFile, Program};

/// A doctor of one who receives pushes.
pub(super) fn with_secret(clinic: &Clinic) -> Program {
    clinic.doctor().env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", PUSH_SECRET))
}

#[test]
fn secrets_are_counted_and_weak_ones_refused_without_being_shown() {
    let clinic = Clinic::new();
    let report = |content: &str| {
        let program = clinic.doctor().env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", content));
        Report::of(program)
    };
    report(PUSH_SECRET).says("push", "secret", "ok", "1, strong enough");
    report(&format!("{PUSH_SECRET}\n{PUSH_SECRET}\n")).says("push", "secret", "ok", "2, strong enough");
    let weak = report("CANARY");
    weak.says("secrets", "serve.push_secret_file", "problem", "22 or more base64url");
    assert!(!weak.ended.printed().contains("CANARY"));
    Report::of(clinic.doctor()).says("push", "secret", "problem", "does not start");
}

#[test]
fn the_url_to_enter_is_told_without_the_secret() {
    let clinic = Clinic::new();
    let report = Report::of(with_secret(&clinic));
    report.says("push", "push URL", "ok", "https://YOUR.HOST/push/SECRET");
    assert!(!report.ended.printed().contains(PUSH_SECRET));
}

#[test]
fn whose_pushes_they_are_has_to_be_known() {
    let clinic = Clinic::new();
    let report = Report::of(with_secret(&clinic));
    report.says("push", "develop_appid", "problem", "does not start");
    report.says("push", "keys", "warning", "none known");
    let known = with_secret(&clinic).env("WEIFEN_SERVE_KEYS", "a,b");
    Report::of(known).says("push", "keys", "ok", "2 known");
    let spaced = with_secret(&clinic).env("WEIFEN_FENSI_KEY", "a ").env("WEIFEN_FENSI_DEVELOP_APPID", " fs");
    let spaced = Report::of(spaced);
    spaced.says("push", "keys", "problem", "white space");
    spaced.says("push", "develop_appid", "problem", "white space");
}

/// A server and `weifen inbox book` call nobody.
#[test]
fn who_takes_pushes_and_calls_nobody_needs_no_app_secret() {
    let clinic = Clinic::new();
    let serves = with_secret(&clinic).env("WEIFEN_FENSI_KEY", "fs-key");
    let books = Program::new(&["doctor", "--json"]).env("WEIFEN_SERVE_DATABASE", &clinic.database());
    for program in [serves, books] {
        let report = Report::of(program.env("WEIFEN_FENSI_DEVELOP_APPID", "fs"));
        report.says("fensi", "set up", "ok", "only for pushes");
        assert_eq!(report.ended.code, 0, "{report:?}");
    }
    let calls = Report::of(with_secret(&clinic).env("WEIFEN_FENSI_APP_SECRET", "s"));
    calls.says("fensi", "credentials", "problem", "develop_appid");
    let neither = Report::of(Program::new(&["doctor", "--json"]).env("WEIFEN_FENSI_DEVELOP_APPID", "fs"));
    neither.says("fensi", "credentials", "problem", "app_secret");
}

#[test]
fn who_only_names_the_inbox_is_not_asked_for_what_a_server_needs() {
    let inbox = InboxFile::with(&[]);
    let program = Program::new(&["doctor", "--json"]).env("WEIFEN_SERVE_DATABASE", &inbox.name());
    let report = Report::of(program);
    report.says("push", "set up", "ok", "no");
    assert_eq!(report.ended.code, 0, "{report:?}");
}
