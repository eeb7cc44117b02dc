//! The inbox's database, new, full, in use, left behind by a crash, or none: told, and left as it is.

use xtask_services::signal::Signal;

use super::clinic::{Clinic, PUSH_SECRET, Report};
use super::ours::Ours;
use crate::support::{InboxFile, Program, push};

/// A doctor for this inbox.
fn report(inbox: &InboxFile) -> Report {
    Report::of(Program::new(&["doctor", "--json"]).env("WEIFEN_SERVE_DATABASE", &inbox.name()))
}

#[test]
fn one_that_is_not_there_is_not_made() {
    let clinic = Clinic::new();
    let report = Report::of(clinic.doctor());
    report.says("database", "database", "ok", "does not exist yet");
    assert_eq!(clinic.names(), Vec::<std::path::PathBuf>::new());
    let nowhere = clinic.doctor().env("WEIFEN_SERVE_DATABASE", &format!("sqlite:{}", clinic.path("no/inbox.db")));
    Report::of(nowhere).says("database", "database", "problem", "its folder does not exist either");
}

#[test]
fn what_waits_for_people_is_a_warning_with_the_command() {
    let inbox = InboxFile::with(&[push("u-1").as_bytes(), push("u-2").as_bytes(), b"no push"]);
    inbox.receive_booked("u-3");
    inbox.change("UPDATE events SET status = 'dead', due_at = NULL WHERE id = 2");
    let before = inbox.bytes();
    let report = report(&inbox);
    report.says("database", "held", "warning", "1 wait");
    report.says("database", "dead", "warning", "1 given up");
    report.says("database", "pending", "warning", "no server delivers");
    report.says("database", "quarantine", "ok", "1;");
    report.says("database", "durability", "ok", "journal_mode wal");
    report.says("database", "server", "ok", "no server uses the file now");
    let advice = |name: &str| report.checks().iter().find(|check| check["name"] == name).unwrap()["advice"].to_string();
    assert!(advice("held").contains("weifen inbox release ID") && advice("dead").contains("weifen inbox redrive ID"));
    assert_eq!(inbox.bytes(), before);
}

#[test]
fn a_clock_that_was_wrong_and_a_pause_are_warnings_with_what_to_do() {
    let inbox = InboxFile::with(&[push("u-1").as_bytes(), push("u-2").as_bytes(), push("u-3").as_bytes()]);
    let told = |name: &str| report(&inbox).checks().iter().any(|check| check["name"] == name);
    assert!(!told("clock") && !told("deliveries"));
    inbox.change("UPDATE events SET received_at = received_at + 28800000 WHERE id = 1");
    inbox.change("UPDATE events SET received_at = 60000 WHERE id = 2");
    inbox.change("UPDATE deliveries SET paused_in = resumptions");
    let report = report(&inbox);
    report.says("database", "clock", "warning", "2 events were received while the clock was wrong");
    report.says("database", "deliveries", "warning", "paused");
    let paused = report.checks().iter().find(|check| check["name"] == "deliveries").unwrap();
    assert!(paused["advice"].as_str().unwrap().contains("weifen inbox resume"), "{paused}");
}

#[test]
fn an_empty_one_is_well() {
    let report = report(&InboxFile::with(&[]));
    for name in ["pending", "held", "dead", "quarantine"] {
        report.says("database", name, "ok", "no");
    }
}

#[test]
fn one_that_a_server_uses_is_read_beside_it_and_left_as_it_is() {
    let clinic = Clinic::new();
    let server = Ours::start(&clinic);
    server.push(&push("u-1"));
    let before = clinic.names();
    let report = Report::of(clinic.doctor());
    report.says("database", "server", "ok", &format!("in use by a server, process {}", server.id()));
    report.says("database", "held", "warning", "1 wait");
    assert_eq!(clinic.names(), before);
    server.push(&push("u-2"));
    Report::of(clinic.doctor()).says("database", "held", "warning", "2 wait");
    assert_eq!(server.end(Signal::TERM).code, 0);
}

#[test]
fn what_a_crash_left_in_the_log_is_counted_and_not_touched() {
    let clinic = Clinic::new();
    let server = Ours::start(&clinic);
    server.push(&push("u-1"));
    server.end(Signal::KILL);
    let before = clinic.content();
    assert!(before.keys().any(|path| path.ends_with("inbox.db-wal")), "there is a log: {:?}", before.keys());
    let report = Report::of(clinic.doctor());
    report.says("database", "held", "warning", "1 wait");
    report.says("database", "server", "ok", "no server uses the file now");
    assert_eq!(clinic.content(), before);
}

#[test]
fn another_program_s_file_and_a_newer_version_s_are_told() {
    let inbox = InboxFile::nowhere();
    std::fs::write(inbox.path(), "this is no database at all, and longer than its head would be: ".repeat(10)).unwrap();
    report(&inbox).says("database", "database", "problem", "not a database");
    let inbox = InboxFile::with(&[]);
    inbox.change(
        "INSERT INTO _sqlx_migrations SELECT 99, 'x', installed_on, 1, checksum, 1 FROM _sqlx_migrations LIMIT 1",
    );
    report(&inbox).says("database", "database", "problem", "has version 99");
}

#[test]
fn what_is_no_file_is_told_and_holds_up_nobody() {
    let clinic = Clinic::new();
    clinic.pipe("inbox.db");
    let doctor = Report::of(clinic.doctor());
    doctor.says("database", "database", "problem", "inbox.db: this is a pipe, but it must be a regular file");
    doctor.says("signature", "known ones", "ok", "");
    let refuses = |arguments: &[&str]| {
        let program = clinic.with(Program::new(arguments)).env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid");
        let secret = clinic.file("push-secret", PUSH_SECRET);
        let error = program.env("WEIFEN_SERVE_PUSH_SECRET_FILE", &secret).run().error(3);
        assert!(error["message"].as_str().unwrap().contains("this is a pipe"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("move the file away"), "{error}");
    };
    refuses(&["serve", "--json"]);
    refuses(&["inbox", "stats", "--json"]);

    let inbox = InboxFile::with(&[]);
    std::fs::create_dir(format!("{}.lock", inbox.path().display())).unwrap();
    report(&inbox).says("database", "server", "problem", "inbox.db.lock: this is a directory");
}

#[test]
fn one_with_two_names_is_a_problem() {
    let clinic = Clinic::new();
    let path = clinic.file("inbox.db", "");
    std::fs::hard_link(path, clinic.path("copy.db")).unwrap();
    Report::of(clinic.doctor()).says("database", "database", "problem", "has 2 names (hard links)");
}
