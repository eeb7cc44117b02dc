//! Errors that keep a server from starting: in words, with the key to be changed.

use std::net::TcpListener;

use serde_json::Value;

use super::setup::{DELIVER_SECRET, PUSH_SECRET, Setup};
use crate::support::Ended;

/// A run that ended with `code` before it was ready, and named `key`, for programs and for people.
#[track_caller]
fn is_refused(setup: &Setup, flags: &[&str], code: i32, key: &str) -> Value {
    let run = |mode: &[&str]| setup.run(&[&["serve"], mode, flags].concat());
    let (json, people) = (run(&["--json"]), run(&[]));
    let error = json.error(code);
    let kind = match code {
        2 => "usage",
        5 => "store",
        _ => "config",
    };
    assert_eq!(error["kind"], kind, "{error}");
    assert!(error["message"].as_str().unwrap().contains(key), "{key}: {error}");
    assert_eq!((people.code, people.stdout.as_str()), (code, ""), "{people:?}");
    assert!(people.stderr.contains(key), "{people:?}");
    for ended in [&json, &people] {
        tells_no_secret(ended);
    }
    error
}

fn tells_no_secret(ended: &Ended) {
    for secret in [PUSH_SECRET, DELIVER_SECRET, "CANARY"] {
        assert!(!ended.printed().contains(secret), "{ended:?}");
    }
}

#[test]
fn a_push_secret_is_needed_and_must_be_strong() {
    let setup = Setup::new();
    let (weak, three) = (setup.file("weak", "CANARY-weak"), setup.file("three", &format!("{PUSH_SECRET}\n").repeat(3)));
    let setup = setup.with("push_secret_file", "");
    is_refused(&setup, &[], 3, "serve.push_secret_file");
    let setup = setup.with("push_secret_file", "nowhere");
    is_refused(&setup, &[], 3, "serve.push_secret_file");
    for file in [&weak, &three] {
        is_refused(&setup, &["--push-secret-file", file], 3, "serve.push_secret_file");
    }
}

#[test]
fn where_to_deliver_needs_a_secret_that_signs() {
    let setup = Setup::new().with("deliver_url", "http://127.0.0.1:1/CANARY");
    is_refused(&setup, &[], 3, "serve.deliver_secret_file");
    for (name, content) in [("short", "whsec_Q0FOQVJZ"), ("other", "CANARY-MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")] {
        let file = setup.file(name, content);
        is_refused(&setup, &["--deliver-secret-file", &file], 3, "serve.deliver_secret_file");
    }
}

#[test]
fn a_secret_that_signs_nothing_is_a_mistake() {
    let setup = Setup::new();
    let setup = {
        let file = setup.file("secret", DELIVER_SECRET);
        setup.with("deliver_secret_file", &file)
    };
    is_refused(&setup, &[], 3, "serve.deliver_secret_file");
}

#[test]
fn an_address_must_be_one() {
    for key in ["listen", "admin_listen"] {
        let setup = Setup::new().with(key, "localhost");
        is_refused(&setup, &[], 3, &format!("serve.{key}"));
    }
    is_refused(&Setup::new().with("deliver_url", "ftp://h/"), &[], 3, "serve.deliver_url");
    is_refused(&Setup::new().with("database", "mysql://h/"), &[], 3, "serve.database");
}

#[test]
fn a_wrong_flag_is_usage() {
    let setup = Setup::new();
    is_refused(&setup, &["--listen", "localhost"], 2, "listen");
    is_refused(&setup, &["--admin-listen", "localhost"], 2, "admin");
    is_refused(&setup, &["--database", "mysql://h/"], 2, "--database");
    is_refused(&setup, &["--database", "postgres://u:CANARY@127.0.0.1:1/i"], 2, "--database");
    is_refused(&setup, &["--deliver-url", "http://u:CANARY@127.0.0.1:1/"], 2, "--deliver-url");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (key, flag) in [("listen", "--listen"), ("admin_listen", "--admin-listen")] {
        for (setup, flags) in [(Setup::new().with(key, &address), &[][..]), (Setup::new(), &[flag, &address])] {
            let error = is_refused(&setup, flags, 3, &format!("serve.{key}"));
            assert!(error["message"].as_str().unwrap().contains(&address), "{error}");
        }
    }
}

#[test]
fn a_file_that_is_served_has_no_second_server() {
    let setup = Setup::new();
    let first = setup.serve();
    let error = is_refused(&setup, &[], 3, &format!("process {}", first.id()));
    assert!(error["message"].as_str().unwrap().contains("inbox.db"), "{error}");
    // A crash leaves nothing behind that keeps the next one away.
    first.kill();
    setup.serve().is_ready();
}

#[test]
fn a_database_that_is_away_is_told() {
    let setup = Setup::at("postgres://user:CANARY@127.0.0.1:1/inbox");
    is_refused(&setup, &[], 5, "127.0.0.1:1");
}

#[test]
fn a_folder_that_is_not_there_is_named_with_the_command_that_makes_it() {
    let folder = Setup::new();
    let nowhere = folder.path().join("not here");
    let setup = Setup::at(&format!("sqlite:{}/inbox.db", nowhere.display()));
    let error = is_refused(&setup, &[], 3, &format!("the folder {} does not exist", nowhere.display()));
    assert_eq!(error["hint"], format!("create it: mkdir -p '{}'", nowhere.display()));
}

#[test]
fn a_secret_file_that_is_not_there_is_made_by_the_command_that_the_hint_shows() {
    let setup = Setup::new();
    let file = setup.path().join("secrets/push");
    let setup = setup.with("push_secret_file", file.to_str().unwrap());
    let error = is_refused(&setup, &[], 3, "serve.push_secret_file");
    let command = error["hint"].as_str().unwrap().strip_prefix("create it: ").unwrap().to_owned();
    assert!(std::process::Command::new("/bin/sh").args(["-c", &command]).status().unwrap().success(), "{command}");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
    setup.serve().is_ready();
}

#[test]
fn each_secret_that_is_missing_is_told_with_what_makes_one() {
    let setup = Setup::new().with("push_secret_file", "");
    assert!(is_refused(&setup, &[], 3, "serve.push_secret_file")["hint"].as_str().unwrap().contains("secret push"));
    let setup = Setup::new().with("deliver_url", "http://127.0.0.1:1/");
    let unset = is_refused(&setup, &[], 3, "serve.deliver_secret_file");
    let absent = is_refused(&setup, &["--deliver-secret-file=nowhere"], 3, "serve.deliver_secret_file");
    for error in [unset, absent] {
        assert!(error["hint"].as_str().unwrap().contains("secret deliver > "), "{error}");
    }
}
