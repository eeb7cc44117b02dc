//! Origins of settings. All faults are found at once, and none hides another.

use super::clinic::{Clinic, Report};
use crate::support::{Program, Sandboxed};

#[test]
fn each_setting_is_told_with_its_source() {
    let clinic = Clinic::new();
    let text = "[weiting]\nappid = 'from-file'\nsecret_file = 'secret'\n[http]\nconnect_timeout_s = 2\n";
    clinic.file("secret", "s");
    let file = clinic.file("weifen.toml", text);
    let report = Report::of(
        clinic
            .doctor()
            .arg("--config")
            .arg(&file)
            .arg("--timeout=4")
            .env("WEIFEN_WEITING_BASE_URL", "http://127.0.0.1:9"),
    );
    assert_eq!(report.setting("weiting.appid"), (&"from-file".into(), format!("{file}:2").as_str()));
    assert_eq!(report.setting("weiting.secret_file"), (&clinic.path("secret").into(), format!("{file}:3").as_str()));
    assert_eq!(report.setting("weiting.base_url"), (&"http://127.0.0.1:9".into(), "WEIFEN_WEITING_BASE_URL"));
    assert_eq!(report.setting("http.timeout_s"), (&"4".into(), "the command's flag"));
    assert_eq!(report.setting("weiting.daily_limit"), (&"200".into(), "default"));
    assert_eq!(report.setting("fensi.app_secret").0, &serde_json::Value::Null);
    report.says("secrets", "weiting.secret_file", "ok", &format!("from file {}", clinic.path("secret")));
}

#[test]
fn it_says_which_file_was_taken_and_why() {
    let why = |program: Program| Report::of(program).line("configuration", "file").1.to_owned();
    let with_files = || Program::new(&["doctor", "--json"]).file("weifen.toml", "").file("other.toml", "");
    let (by_environment, by_flag) =
        (with_files().env("WEIFEN_CONFIG", "other.toml"), with_files().env("WEIFEN_CONFIG", "weifen.toml"));
    let user = rustix::process::geteuid().as_raw();
    for (program, begins, file) in [
        (with_files(), "./weifen.toml (found in this folder): /", "weifen.toml"),
        (by_environment, "other.toml (named by WEIFEN_CONFIG): /", "other.toml"),
        (by_flag.arg("--config=other.toml"), "other.toml (named by --config): /", "other.toml"),
    ] {
        let told = why(program);
        assert!(told.starts_with(begins) && told.ends_with(&format!("/{file}, of user {user}")), "{told}");
    }
    assert!(why(Program::new(&["doctor", "--json"])).starts_with("none: "));
}

#[test]
fn a_found_file_that_others_can_write_is_a_problem_and_nothing_of_it_is_used() {
    let text = "[fensi]\nbase_url = 'http://127.0.0.1:9'\n";
    let report = Report::of(Program::new(&["doctor", "--json"]).file_of_all("weifen.toml", text));
    report.says("configuration", "file", "problem", "every user can write the file");
    assert_eq!(report.setting("fensi.base_url").1, "default");
}

#[test]
fn every_unknown_key_and_bad_value_is_a_line_with_what_was_expected() {
    let text = "[weiting]\napid = 'x'\ndaily_limit = 0\n[fency]\n[serve]\nlisten = 'nowhere'\n";
    let report =
        Report::of(Program::new(&["doctor", "--json"]).file("weifen.toml", text).env("WEIFEN_HTTP_BODY_CAP", "x"));
    report.says(
        "configuration",
        "weiting.apid",
        "problem",
        "weifen.toml:2: unknown key weiting.apid; did you mean weiting.appid?",
    );
    report.says("configuration", "weiting.daily_limit", "problem", "weifen.toml:3");
    report.says("configuration", "fency", "problem", "did you mean [fensi]?");
    report.says("configuration", "serve.listen", "problem", "an IP address and a port");
    report.says("configuration", "http.body_cap", "problem", "WEIFEN_HTTP_BODY_CAP");
    report.says("push", "listen", "warning", "not checked: serve.listen");
}

#[test]
fn a_broken_file_hides_nothing_that_the_environment_gives() {
    let (clinic, sandbox) = (Clinic::new(), Sandboxed::start());
    let file = clinic.file("weifen.toml", "[weiting]\nuser_path = '/x\nsecret = 'CANARY\n");
    let report = Report::of(clinic.with(sandbox.program(&["doctor", "--json", "--config", &file])));
    report.says("configuration", "file", "problem", "weifen.toml:2:");
    report.says("weiting", "answer", "ok", "HTTP 404");
    report.says("fensi", "clock", "ok", "");
    report.says("database", "database", "ok", "");
    // The file's possible values are not guessed.
    report.says("token", "store", "warning", "may be in the configuration file");
    assert!(!report.ended.printed().contains("CANARY"));
}

#[test]
fn a_missing_file_and_one_that_nobody_writes_to_end_in_a_line() {
    let clinic = Clinic::new();
    let missing = Report::of(clinic.doctor().arg("--config=missing.toml"));
    missing.says("configuration", "file", "problem", "does not exist");
    let pipe = clinic.pipe("pipe");
    let hung = Report::of(clinic.doctor().env("WEIFEN_CONFIG", &pipe));
    hung.says("configuration", "file", "problem", "timed out");
    hung.says("signature", "known ones", "ok", "");
}

#[test]
fn a_wrong_flag_is_an_error_of_usage_as_everywhere() {
    let error = Program::new(&["doctor", "--json", "--timeout=0"]).run().error(2);
    assert_eq!(error["kind"], "usage");
}
