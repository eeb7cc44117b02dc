//! A SQLite file has one server.

use std::thread;
use std::time::{Duration, Instant};

use weifen_inbox::{Database, OpenError, ServerLock};

use crate::support::Folder;

/// A program that is just being started from another thread has the right too, until it is another program.
fn until_nobody_serves(database: &Database) {
    let begun = Instant::now();
    while database.served_by().unwrap().is_some() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_second_server_of_a_file_is_refused_and_told_who_has_it() {
    let folder = Folder::new();
    let first = ServerLock::take(&folder.database()).unwrap();
    let error = ServerLock::take(&folder.database()).unwrap_err();
    assert!(matches!(error, OpenError::Served { .. }));
    assert!(error.to_string().contains(&format!("process {} already serves this file", std::process::id())), "{error}");
    drop(first);
    until_nobody_serves(&folder.database());
    ServerLock::take(&folder.database()).map(drop).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_to_the_file_is_the_file() {
    let folder = Folder::new();
    std::fs::write(folder.path(), "").unwrap();
    let link = folder.path().with_file_name("link.db");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let _first = ServerLock::take(&folder.database()).unwrap();
    assert!(matches!(ServerLock::take(&Database::sqlite(link)), Err(OpenError::Served { .. })));
}

#[test]
fn postgresql_has_as_many_servers_as_want_it() {
    let database = Database::postgres("postgres://127.0.0.1:1/inbox");
    let _first = ServerLock::take(&database).unwrap();
    ServerLock::take(&database).map(drop).unwrap();
}

#[test]
fn whoever_asks_who_serves_it_makes_no_file_and_takes_no_right() {
    let folder = Folder::new();
    let database = folder.database();
    assert_eq!(database.served_by().unwrap(), None);
    assert_eq!(std::fs::read_dir(folder.path().parent().unwrap()).unwrap().count(), 0);
    let first = ServerLock::take(&database).unwrap();
    assert_eq!(database.served_by().unwrap(), Some(format!("process {}", std::process::id())));
    drop(first);
    until_nobody_serves(&database);
    ServerLock::take(&database).map(drop).unwrap();
    assert_eq!(Database::postgres("postgres://127.0.0.1:1/inbox").served_by().unwrap(), None);
}
