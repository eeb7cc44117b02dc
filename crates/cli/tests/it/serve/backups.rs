//! Backups of a server's inbox: made beside it, put back by hand and by the command. What was acknowledged before is
//! there once, and nothing starts on what is gone.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};
use xtask_services::signal::Signal;

use super::pushes;
use super::serving::Serving;
use super::setup::Setup;

/// A server with an inbox of pushes from two moments, and a backup of the first.
fn of_two_moments() -> (Setup, Serving, PathBuf) {
    let setup = Setup::new().paying_all();
    let serving = setup.serve();
    push(&serving, 0..20);
    let backup = setup.path().join("backup.db");
    let made = setup.inbox(&["backup", "--to", backup.to_str().unwrap()]);
    assert_eq!(made["backup"]["events"], 20, "{made}");
    push(&serving, 20..40);
    setup.inbox(&["purge", "--older-than", "1d"]);
    push(&serving, 40..60);
    (setup, serving, backup)
}

fn push(serving: &Serving, users: std::ops::Range<u32>) {
    for user in users {
        assert_eq!(serving.push(&pushes::json(&format!("u{user}"))).status, 200);
    }
}

#[track_caller]
fn is_refused(setup: &Setup) -> String {
    let error = setup.run(&["serve", "--json"]).error(3);
    error["message"].as_str().unwrap().to_owned()
}

fn check_integrity(setup: &Setup) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("sqlite://{}", setup.path().join("inbox.db").display());
    let found: String = runtime.block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap()
    });
    assert_eq!(found, "ok");
}

fn restore(setup: &Setup, backup: &std::path::Path) -> Value {
    setup.inbox(&["restore", "--from", backup.to_str().unwrap()])["restored"].clone()
}

/// The first moment's events are there, once; all that came later is new.
fn has_the_first_moment(setup: &Setup) {
    let serving = setup.serve();
    push(&serving, 0..60);
    assert_eq!(setup.events().len(), 60);
    assert_eq!(setup.inbox(&["stats"])["stats"]["duplicates"], 20);
    check_integrity(setup);
    serving.kill();
}

#[test]
fn a_backup_copied_over_a_running_server_s_inbox_stops_pushes_and_a_restore_mends_it() {
    let (setup, serving, backup) = of_two_moments();
    let path = setup.path().join("inbox.db");
    fs::copy(&backup, &path).unwrap();
    assert_eq!(serving.push(&pushes::json("lost")).status, 503);
    assert_eq!(serving.ask("/readyz").status, 503);
    assert!(setup.log().contains("weifen inbox restore --from"), "{}", setup.log());
    let error = setup.run(&["inbox", "restore", "--from", backup.to_str().unwrap(), "--json"]).error(3);
    assert!(error["message"].as_str().unwrap().contains("already serves this file"), "{error}");
    assert_eq!(error["hint"], "stop that server first, or use another database");
    serving.end(Signal::TERM);
    assert!(fs::read(&path).unwrap() == fs::read(&backup).unwrap(), "nothing was written into it");

    let told = is_refused(&setup);
    assert!(told.contains("mv ") && told.contains("inbox.db-wal"), "{told}");
    let restored = restore(&setup, &backup);
    assert_eq!((&restored["events"], &restored["since"]), (&20.into(), &Value::Null), "{restored}");
    assert_eq!(restored["set_aside"].as_array().unwrap().len(), 2, "{restored}");
    has_the_first_moment(&setup);
}

#[test]
fn a_backup_moved_over_a_killed_server_s_inbox_is_refused_until_its_log_is_moved_away() {
    for is_moved in [true, false] {
        let (setup, serving, backup) = of_two_moments();
        let path = setup.path().join("inbox.db");
        serving.kill();
        let _ = if is_moved { fs::rename(&backup, &path).map(|()| 0) } else { fs::copy(&backup, &path) }.unwrap();
        let told = is_refused(&setup);
        let log = setup.path().join("inbox.db-wal");
        assert!(told.contains(&format!("mv {0} {0}.aside", log.display())), "{told}");
        fs::rename(&log, setup.path().join("inbox.db-wal.aside")).unwrap();
        has_the_first_moment(&setup);
    }
}

#[test]
fn a_restore_reports_what_came_since_and_keeps_it() {
    let (setup, serving, backup) = of_two_moments();
    serving.kill();
    let restored = restore(&setup, &backup);
    assert_eq!(restored["since"]["newer_events"], 40, "{restored}");
    let aside = format!("sqlite:{}", restored["set_aside"][0].as_str().unwrap());
    assert_eq!(setup.inbox(&["list", "--database", &aside])["events"].as_array().unwrap().len(), 60);
    has_the_first_moment(&setup);
}

#[test]
fn an_inbox_that_is_gone_is_not_made_anew_until_its_note_is_removed() {
    let (setup, serving, _) = of_two_moments();
    serving.kill();
    for ending in ["", "-wal", "-shm"] {
        fs::remove_file(setup.path().join(format!("inbox.db{ending}"))).unwrap();
    }
    let note = setup.path().join("inbox.db.state");
    let told = is_refused(&setup);
    assert!(told.contains("a database was here before") && told.contains(note.to_str().unwrap()), "{told}");
    assert!(!setup.path().join("inbox.db").exists());
    fs::remove_file(note).unwrap();
    let serving = setup.serve();
    push(&serving, 0..1);
    assert_eq!(setup.events().len(), 1);
}
