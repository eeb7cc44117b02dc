//! `weifen demo`: the whole thing on a machine that has nothing.

use std::process::Command;
use std::time::{Duration, Instant};

use xtask_specimens::{SPECIMENS, Specimen};

use crate::support::Program;

/// Every operation, the push and the HTTP API.
fn names() -> Vec<&'static str> {
    SPECIMENS.iter().map(Specimen::name).chain(["push", "api"]).collect()
}

#[test]
fn every_operation_does_what_it_should_in_under_five_seconds() {
    let document = Program::new(&["demo", "--json"]).run().done();
    // On a busy machine one run of several is enough.
    let in_time = || {
        let began = Instant::now();
        Program::new(&["demo", "--json"]).run().done();
        began.elapsed() < Duration::from_secs(5)
    };
    assert!((0..5).any(|_| in_time()), "five runs took longer");
    assert_eq!(document["ok"], true);
    let steps = document["steps"].as_array().unwrap();
    for operation in names() {
        assert!(steps.iter().any(|step| step["operation"] == operation), "{operation}");
    }
    for step in steps {
        assert_eq!(step["ok"], true, "{step}");
        assert!(step["ms"].is_u64() && !step["detail"].as_str().unwrap().is_empty(), "{step}");
        assert_eq!(step.as_object().unwrap().len(), 4);
    }
}

#[test]
fn neither_configuration_nor_environment_nor_authorities_play_a_part() {
    let ended = Program::new(&["demo"])
        .file("weifen.toml", "[nonsense")
        .env("WEIFEN_CONFIG", "none.toml")
        .env("WEIFEN_WEITING_BASE_URL", "https://192.0.2.1")
        .env("WEIFEN_WEITING_SECRET", "wrong")
        .env("WEIFEN_FENSI_NO_SUCH_KEY", "x")
        .env("http_proxy", "http://192.0.2.1:1")
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", "/nonexistent")
        .run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    let oks = ended.stdout.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(oks >= names().len(), "{ended:?}");
}

#[test]
fn no_file_is_left_behind() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_str().unwrap();
    Program::new(&["demo", "--json"]).env("HOME", path).env("XDG_STATE_HOME", path).run().done();
    assert_eq!(home.path().read_dir().unwrap().count(), 0);
}

#[test]
fn its_requests_really_go_over_http() {
    let ended = Program::new(&["demo", "-v"]).run();
    for path in [
        "/service/1.0/access/token",
        "/connect/oauth2/authorize",
        "/open/commercial/get_qrcode",
        "/qrcode/1.png",
        "/v1/fensi/qrcodes",
    ] {
        assert!(ended.stderr.contains(&format!("{path}: HTTP 200")), "{path}: {ended:?}");
    }
    assert!(ended.stderr.contains("/service/wxoauth/2.0/wxcode: HTTP 302"), "{ended:?}");
}

#[test]
fn lines_are_written_as_steps_happen() {
    let script = format!("'{}' demo -v 2>&1", env!("CARGO_BIN_EXE_weifen"));
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let first_step = text.lines().position(|line| line.starts_with("ok ")).unwrap();
    let last_request = text.lines().collect::<Vec<_>>().iter().rposition(|line| line.starts_with("weifen: ")).unwrap();
    assert!(first_step < last_request, "{text}");
}
