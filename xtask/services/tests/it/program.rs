//! Where programs are found, and what is said where they aren't.

use std::env;
use std::path::Path;
use std::process::Command;

use xtask_services::{Missing, Program, Redis};

const NOWHERE: Program = Program {
    name: "a-server-that-nobody-has",
    variable: "WEIFEN_A_SERVER_THAT_NOBODY_HAS",
    debian_package: "its-package",
    homebrew_formula: "its-formula",
};

#[test]
fn a_program_that_is_nowhere_is_missed_in_words_that_help() {
    let missing = NOWHERE.find().unwrap_err();
    assert_eq!(missing, Missing::Nowhere(NOWHERE));
    assert_eq!(
        missing.to_string(),
        "there is no a-server-that-nobody-has in PATH, /usr/bin, /usr/local/bin, /opt/homebrew/bin, /usr/sbin; install \
         it (on Debian and Ubuntu `apt-get install its-package`, with Homebrew `brew install its-formula`), or let \
         WEIFEN_A_SERVER_THAT_NOBODY_HAS name the program"
    );
}

#[test]
fn a_program_is_found_by_its_absolute_path() {
    let shell = Program { name: "sh", ..NOWHERE }.find().unwrap();
    assert!(shell.is_absolute() && shell.ends_with("sh"), "{}", shell.display());
}

#[test]
fn a_test_fails_in_words_where_the_variable_names_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "no program").unwrap();
    for path in [folder.path(), &text, &folder.path().join("absent")] {
        let words = words_of_a_test_with(path);
        assert!(words.contains("WEIFEN_REDIS_SERVER names"), "{words}");
        assert!(words.contains("which is no program; let it name a redis-server, or unset it"), "{words}");
        assert!(words.contains("`cargo xtask test` finds or installs it"), "{words}");
        assert!(words.contains("`cargo xtask test --no-services` leaves out the tests that need it"), "{words}");
    }
}

#[test]
fn a_server_that_ends_at_once_is_shown_with_what_it_wrote() {
    let words = words_of_a_test_with(&Program { name: "cat", ..NOWHERE }.find().unwrap());
    assert!(
        words.contains("redis-server ended (exit status: 0) before it answered; it wrote:\nbind 127.0.0.1"),
        "{words}"
    );
}

/// What a test that starts a Redis says, with this file for the server.
fn words_of_a_test_with(server: &Path) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "needs_redis::it_answers"])
        .env(Redis::SERVER.variable, server)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}
