//! A SQLite file that is locked, moved, removed or replaced while it is in use.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sqlx::Executor;
use tokio::time::timeout;
use weifen_inbox::{Bookings, Receipt};

use crate::support::{Folder, Receiving, beside, booking, check_integrity, eventually, paying, push, receive, words};

/// A time limit that only a hang exceeds.
const FOREVER: Duration = Duration::from_secs(60);

/// All files of an inbox, by the endings of their names.
const ALL: &[&str] = &["", "-wal", "-shm"];

/// Renames these of an inbox's files.
fn rename(from: &Path, to: &Path, ends: &[&str]) {
    for end in ends {
        fs::rename(beside(from, end), beside(to, end)).unwrap();
    }
}

/// Removes these of an inbox's files.
fn remove(path: &Path, ends: &[&str]) {
    for end in ends {
        fs::remove_file(beside(path, end)).unwrap();
    }
}

/// An inbox with a push in it, which was acknowledged.
async fn in_use() -> (Folder, Receiving) {
    let folder = Folder::new();
    let inbox = in_use_at(&folder).await;
    (folder, inbox)
}

async fn in_use_at(folder: &Folder) -> Receiving {
    let inbox = folder.inbox_with(paying()).await;
    receive(&inbox, &push("before")).await;
    inbox
}

/// Checks that every write fails, in time; returns the error of a push.
async fn keeps_nothing(inbox: &Receiving) -> String {
    let error = timeout(FOREVER, inbox.receive(push("away"))).await.expect("it hangs").unwrap_err();
    timeout(FOREVER, inbox.receive("<html>")).await.expect("it hangs").unwrap_err();
    timeout(FOREVER, inbox.book(&booking("u"))).await.expect("it hangs").unwrap_err();
    timeout(FOREVER, inbox.probe()).await.expect("it hangs").unwrap_err();
    words(&error)
}

/// Checks that the inbox works as before, and a newly opened one too.
async fn works_again(folder: &Folder, inbox: &Receiving) {
    for inbox in [inbox, &folder.inbox_with(paying()).await] {
        assert_eq!(receive(inbox, &push("before")).await, Receipt::Duplicate);
        receive(inbox, &push("after")).await;
        assert_eq!(receive(inbox, &push("after")).await, Receipt::Duplicate);
        let users: Vec<_> = inbox.events(None, 0).await.unwrap().into_iter().filter_map(|event| event.push).collect();
        assert!(users.iter().any(|push| push.auth_open_id.as_str() == "before"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_program_has_locked_is_an_error_while_that_lasts() {
    let (folder, inbox) = in_use().await;
    let mut other = folder.stranger().await;
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let error = keeps_nothing(&inbox).await;
    assert!(error.contains("database is locked"), "{error}");
    assert_eq!(inbox.events(None, 0).await.unwrap().len(), 1, "reading goes on");
    other.execute("ROLLBACK").await.unwrap();
    works_again(&folder, &inbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_locks_the_file_for_a_moment_is_waited_for() {
    let (folder, inbox) = in_use().await;
    let mut other = folder.stranger().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let pushed = tokio::spawn(async move { inbox.receive(push("u")).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(pushed.await.unwrap().unwrap(), Receipt::Stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_moved_away_is_an_error_until_it_is_moved_back() {
    for ends in [&[""][..], &["", "-wal"], ALL] {
        let (folder, inbox) = in_use().await;
        let elsewhere = folder.path().with_file_name("elsewhere");
        rename(&folder.path(), &elsewhere, ends);
        let error = keeps_nothing(&inbox).await;
        assert!(error.contains("moved, removed or replaced"), "{ends:?}: {error}");
        inbox.events(None, 0).await.unwrap_err();
        assert!(!folder.path().exists(), "no empty inbox takes its place");
        rename(&elsewhere, &folder.path(), ends);
        works_again(&folder, &inbox).await;
        check_integrity(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_to_a_file_that_was_moved_away_meanwhile_is_not_acknowledged() {
    // A new event, and a copy of a known one.
    for user in ["new", "before"] {
        let mut head_start = Duration::from_millis(50);
        while !is_written_meanwhile(user, head_start).await {
            head_start *= 2;
            assert!(head_start < FOREVER, "{user}: nothing is ever written");
        }
    }
}

/// Moves the file away while a push of `user` waits for its lock. Returns true if the push was written: it had seen
/// the file in its place. False where the head start was too short for that.
async fn is_written_meanwhile(user: &str, head_start: Duration) -> bool {
    let (folder, inbox) = in_use().await;
    let mut other = folder.stranger().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let waiting = tokio::spawn({
        let (inbox, push) = (inbox.clone(), push(user));
        async move { inbox.receive(push).await }
    });
    tokio::time::sleep(head_start).await;
    let elsewhere = folder.path().with_file_name("elsewhere");
    rename(&folder.path(), &elsewhere, ALL);
    other.execute("ROLLBACK").await.unwrap();
    let error = words(&waiting.await.unwrap().unwrap_err());
    assert!(error.contains("moved, removed or replaced"), "{user}: {error}");
    rename(&elsewhere, &folder.path(), ALL);
    let events = folder.inbox_with(paying()).await.events(None, 0).await.unwrap();
    events.len() + usize::try_from(events[0].duplicates).unwrap() == 2
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_comes_back_as_a_copy_with_no_log_beside_it_is_the_inbox_again() {
    let (folder, inbox) = in_use().await;
    comes_back_as_a_copy(&folder, &inbox).await;
}

/// The whole of it is in the file, and the copy takes its place after the log has gone.
async fn comes_back_as_a_copy(folder: &Folder, inbox: &Receiving) {
    inbox.purge(Duration::from_secs(60)).await.unwrap();
    let copy = folder.path().with_file_name("copy");
    fs::copy(folder.path(), &copy).unwrap();
    remove(&folder.path(), ALL);
    keeps_nothing(inbox).await;
    fs::rename(&copy, folder.path()).unwrap();
    assert_eq!(receive(inbox, &push("before")).await, Receipt::Duplicate);
    works_again(folder, inbox).await;
    check_integrity(folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_known_though_another_program_had_the_file_open_when_its_tables_were_made() {
    let folder = Folder::new();
    fs::write(folder.path(), "").unwrap();
    let mut other = folder.stranger().await;
    other.execute("PRAGMA journal_mode = WAL").await.unwrap();
    other.execute("SELECT count(*) FROM sqlite_schema").await.unwrap();
    let inbox = in_use_at(&folder).await;
    comes_back_as_a_copy(&folder, &inbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_moved_away_is_an_error_until_it_is_moved_back() {
    let around = tempfile::tempdir().unwrap();
    let (here, elsewhere) = (around.path().join("here"), around.path().join("elsewhere"));
    fs::create_dir(&here).unwrap();
    let folder = Folder::within(&here);
    let inbox = in_use_at(&folder).await;
    fs::rename(&here, &elsewhere).unwrap();
    keeps_nothing(&inbox).await;
    fs::rename(&elsewhere, &here).unwrap();
    works_again(&folder, &inbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_removed_never_comes_back_as_an_empty_inbox() {
    let (folder, inbox) = in_use().await;
    remove(&folder.path(), ALL);
    keeps_nothing(&inbox).await;
    assert!(!folder.path().exists());
    fs::write(folder.path(), "").unwrap();
    keeps_nothing(&inbox).await;
    inbox.events(None, 0).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_inbox_that_takes_its_place_is_neither_used_nor_touched() {
    for ends in [&[""][..], ALL] {
        let (folder, other) = (Folder::new(), Folder::new());
        let inbox = in_use_at(&folder).await;
        inbox.events(None, 0).await.unwrap();
        other.inbox_with(paying()).await.close().await;
        let (path, elsewhere) = (folder.path(), folder.path().with_file_name("elsewhere"));
        rename(&path, &elsewhere, ends);
        fs::copy(other.path(), &path).unwrap();
        keeps_nothing(&inbox).await;
        inbox.events(None, 0).await.unwrap_err();
        assert!(fs::read(&path).unwrap() == fs::read(other.path()).unwrap(), "it is as it was");
        rename(&elsewhere, &path, ends);
        works_again(&folder, &inbox).await;
        check_integrity(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_the_removal_of_the_log() {
    for ends in [&["-wal"][..], &["-wal", "-shm"], &["-shm"]] {
        let (folder, inbox) = in_use().await;
        // So that readers have it open, too.
        inbox.events(None, 0).await.unwrap();
        remove(&folder.path(), ends);
        eventually(async || inbox.receive(push("u")).await).await;
        works_again(&folder, &inbox).await;
        check_integrity(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_the_file_is_moved_about_is_acknowledged_only_where_the_next_one_finds_it() {
    let (folder, inbox) = in_use().await;
    let elsewhere = folder.path().with_file_name("elsewhere");
    let (path, away) = (folder.path(), elsewhere.clone());
    let moving = tokio::task::spawn_blocking(move || {
        for _ in 0..100 {
            fs::rename(&path, &away).unwrap();
            std::thread::sleep(Duration::from_millis(3));
            fs::rename(&away, &path).unwrap();
            std::thread::sleep(Duration::from_millis(12));
        }
    });
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let user = format!("u{number}");
        if inbox.receive(push(&user)).await.is_ok() {
            acknowledged.push(user);
        }
        if moving.is_finished() {
            break;
        }
    }
    moving.await.unwrap();
    assert!(!acknowledged.is_empty());
    let next = folder.inbox_with(paying()).await;
    for user in acknowledged {
        assert_eq!(receive(&next, &push(&user)).await, Receipt::Duplicate, "{user}");
    }
    check_integrity(&folder).await;
}
