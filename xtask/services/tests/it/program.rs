//! The search for programs, and the error for a missing one.

use std::fs;

use xtask_services::{Missing, Postgres, Program, Redis, Versions};

use crate::programs::{Programs, words_of_a_failing_test};

const NOWHERE: Program = Program {
    name: "a-server-that-nobody-has",
    variable: "WEIFEN_A_SERVER_THAT_NOBODY_HAS",
    debian_package: "its-package",
    versions: None,
};

#[test]
fn a_program_that_is_nowhere_is_missed_in_words_that_help() {
    let missing = NOWHERE.find().unwrap_err();
    assert_eq!(missing, Missing::Nowhere(NOWHERE));
    assert_eq!(
        missing.to_string(),
        "there is no a-server-that-nobody-has in PATH; install it (on Debian and Ubuntu `apt-get install its-package`), \
         or let WEIFEN_A_SERVER_THAT_NOBODY_HAS name the program"
    );
}

#[test]
fn a_program_is_found_by_its_absolute_path() {
    let shell = Program { name: "sh", ..NOWHERE }.find().unwrap();
    assert!(shell.is_absolute() && shell.ends_with("sh"), "{}", shell.display());
}

#[test]
fn the_newest_of_several_versions_is_found() {
    let programs = Programs::new();
    for version in ["9", "14", "16", "100", "latest", "17-old"] {
        programs.add(&format!("versions/{version}/bin/server"), "");
    }
    let folder: &str = programs.path("versions").display().to_string().leak();
    let find = |oldest| Program { name: "server", versions: Some(Versions { folder, oldest }), ..NOWHERE }.find();
    assert_eq!(find(15).unwrap(), programs.path("versions/100/bin/server"));
    fs::remove_dir_all(programs.path("versions/100/bin")).unwrap();
    assert_eq!(find(15).unwrap(), programs.path("versions/16/bin/server"));
    let words = find(17).unwrap_err().to_string();
    assert!(
        words.starts_with(&format!("there is no server in {folder}/*/bin (17 or newer), PATH; install")),
        "{words}"
    );
}

#[test]
fn a_test_fails_in_words_where_the_variable_names_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    fs::write(&text, "no program").unwrap();
    for (test, server) in [("needs_redis::it_answers", Redis::SERVER), ("needs_postgres::it_answers", Postgres::SERVER)]
    {
        for path in [folder.path(), &text, &folder.path().join("absent")] {
            let words = words_of_a_failing_test(test, server.variable, path);
            let named = format!("{} names {}", server.variable, path.display());
            let advice = format!(", which is no program; let it name a {}, or unset it", server.name);
            assert!(words.contains(&(named + &advice)), "{words}");
            assert!(words.contains("`cargo xtask test` finds or installs it"), "{words}");
            assert!(words.contains("`cargo xtask test --no-services` leaves out the tests that need it"), "{words}");
        }
    }
}

#[test]
fn a_server_that_ends_at_once_is_shown_with_what_it_wrote() {
    let cat = Program { name: "cat", ..NOWHERE }.find().unwrap();
    let words = words_of_a_failing_test("needs_redis::it_answers", Redis::SERVER.variable, cat);
    assert!(
        words.contains("redis-server ended (exit status: 0) before it answered; it wrote:\nbind 127.0.0.1"),
        "{words}"
    );
}
