//! Backups: made beside everything, restored while nothing runs, and nothing written over.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::{Connection, Executor};
use weifen_inbox::{BackupError, Database, OpenError, Receipt, Restored, ServerLock, Status};

use crate::support::{Folder, Receiving, beside, check_integrity, paying, paying_inbox, push, receive, users, words};

fn backup_in(folder: &Folder) -> PathBuf {
    folder.path().with_file_name("backup.db")
}

/// An inbox with one event, and its backup.
async fn backed_up() -> (Folder, Receiving, PathBuf) {
    let (folder, inbox) = paying_inbox().await;
    receive(&inbox, &push("before")).await;
    let backup = backup_in(&folder);
    inbox.back_up(&backup).await.unwrap();
    (folder, inbox, backup)
}

fn names(folder: &Folder) -> Vec<String> {
    let files = fs::read_dir(folder.path().parent().unwrap()).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_whole_while_pushes_come_in() {
    let (folder, inbox) = paying_inbox().await;
    let pushing = tokio::spawn({
        let inbox = inbox.clone();
        async move {
            for user in 0..600 {
                receive(&inbox, &push(&format!("u{user}"))).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    let mut counts = Vec::new();
    for number in 0..5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let to = folder.path().with_file_name(format!("backup-{number}.db"));
        let backup = inbox.back_up(&to).await.unwrap();
        assert_eq!(backup.bytes, fs::metadata(&to).unwrap().len());
        assert_eq!(fs::metadata(&to).unwrap().mode() & 0o777, 0o600);
        counts.push(backup.events);
        let copied = Receiving::open(&Database::sqlite(to), paying()).await;
        assert_eq!(users(&copied).await.len() as u64, backup.events);
        copied.close().await;
    }
    assert!(counts.is_sorted() && counts[4] > counts[0], "{counts:?}");
    pushing.await.unwrap();
}

#[tokio::test]
async fn a_backup_is_never_written_over_a_file_and_leaves_nothing_where_it_fails() {
    let (folder, inbox) = paying_inbox().await;
    let to = backup_in(&folder);
    fs::write(&to, "precious").unwrap();
    let error = inbox.back_up(&to).await.unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error:?}");
    assert_eq!(fs::read_to_string(&to).unwrap(), "precious");
    inbox.back_up(&folder.path().with_file_name("nowhere/backup.db")).await.unwrap_err();
    assert_eq!(names(&folder).iter().filter(|name| name.contains("partial")).count(), 0);
}

#[tokio::test]
async fn a_restore_sets_the_inbox_aside_and_tells_what_is_newer_in_it() {
    let (folder, inbox) = paying_inbox().await;
    for user in ["delivered-later", "before"] {
        receive(&inbox, &push(user)).await;
    }
    inbox.back_up(&backup_in(&folder)).await.unwrap();
    for user in ["new", "newer", "newest"] {
        receive(&inbox, &push(user)).await;
    }
    let mut stranger = folder.stranger().await;
    stranger.execute("UPDATE events SET status = 'delivered', due_at = NULL WHERE id IN (1, 3)").await.unwrap();
    let ids: Vec<_> = inbox.events(None, 0).await.unwrap().into_iter().map(|event| event.key).collect();
    // The log is left, as by a crash: this connection is none of ours.
    inbox.close().await;
    let log = beside(&folder.path(), "-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);

    let restored = Restored::from_backup(&folder.database(), &backup_in(&folder)).await.unwrap();
    assert_eq!(restored.events, 2);
    let since = restored.since.unwrap();
    assert_eq!((since.newer_events, since.delivered_events), (3, 1));
    assert_eq!(restored.set_aside.len(), 2, "{restored:?}");
    drop(stranger);

    let inbox = folder.inbox_with(paying()).await;
    assert_eq!(users(&inbox).await, ["before", "delivered-later"]);
    let again: Vec<_> = inbox.events(Some(Status::Pending), 0).await.unwrap();
    assert!(again.iter().zip(&ids).all(|(event, id)| event.key == *id), "under the same ids");
    receive(&inbox, &push("new")).await;
    check_integrity(&folder).await;
    let aside = Receiving::open(&Database::sqlite(&restored.set_aside[0]), paying()).await;
    assert_eq!(users(&aside).await.len(), 5, "what was set aside is whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_mends_a_file_that_was_restored_by_hand_beside_another_log() {
    let (folder, inbox, backup) = backed_up().await;
    receive(&inbox, &push("after")).await;
    fs::copy(&backup, folder.path()).unwrap();
    inbox.receive(push("lost")).await.unwrap_err();
    inbox.close().await;
    let restored = Restored::from_backup(&folder.database(), &backup).await.unwrap();
    assert_eq!((restored.events, restored.since), (1, None), "what was there is no inbox any more");
    assert_eq!(users(&folder.inbox_with(paying()).await).await, ["before"]);
}

#[tokio::test]
async fn a_restore_brings_back_an_inbox_that_is_gone() {
    let (folder, inbox, backup) = backed_up().await;
    inbox.close().await;
    fs::remove_file(folder.path()).unwrap();
    let restored = Restored::from_backup(&folder.database(), &backup).await.unwrap();
    assert_eq!((restored.events, restored.set_aside.len(), restored.since), (1, 0, None));
    assert_eq!(receive(&folder.inbox_with(paying()).await, &push("before")).await, Receipt::Duplicate);
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_changes_nothing() {
    let (folder, inbox) = paying_inbox().await;
    for user in 0..50 {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    let backup = backup_in(&folder);
    inbox.back_up(&backup).await.unwrap();
    inbox.close().await;
    let (before, files) = (fs::read(folder.path()).unwrap(), names(&folder));
    let refused = async |path: PathBuf, why: &str| {
        let error = words(&Restored::from_backup(&folder.database(), &path).await.unwrap_err());
        assert!(error.contains(why), "{error}");
        assert!(fs::read(folder.path()).unwrap() == before, "{why}: the inbox is as it was");
    };

    let lock = ServerLock::take(&folder.database()).unwrap();
    let error = Restored::from_backup(&folder.database(), &backup).await.unwrap_err();
    assert!(matches!(error, BackupError::Open(OpenError::Served { .. })), "{error:?}");
    drop(lock);
    refused(folder.path(), "the file is the inbox itself").await;
    let other = folder.path().with_file_name("other");
    refused(other.clone(), "No such file").await;
    fs::write(&other, "").unwrap();
    refused(other.clone(), "the file is empty").await;
    fs::write(&other, "These are the accounts of our shop.".repeat(100)).unwrap();
    refused(other.clone(), "cannot be read").await;
    let mut damaged = fs::read(&backup).unwrap();
    let length = damaged.len();
    damaged[length - 3 * 4096..].fill(0x5a);
    fs::write(&other, damaged).unwrap();
    refused(other.clone(), "damaged").await;
    fs::write(&other, "").unwrap();
    let mut stranger = sqlx::AnyConnection::connect(&format!("sqlite://{}?mode=rw", other.display())).await.unwrap();
    stranger.execute("CREATE TABLE other (id INTEGER)").await.unwrap();
    stranger.close().await.unwrap();
    refused(other.clone(), "not an inbox").await;
    fs::copy(&backup, &other).unwrap();
    fs::write(beside(&other, "-wal"), "frames").unwrap();
    refused(other.clone(), "a log (-wal) is beside the file").await;
    fs::remove_file(beside(&other, "-wal")).unwrap();
    fs::remove_file(&other).unwrap();
    let mut files: Vec<_> = files.into_iter().chain(["inbox.db.lock".to_owned()]).collect();
    files.sort_unstable();
    assert_eq!(names(&folder), files, "nothing is left behind");
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_brought_up_to_date_and_one_of_a_newer_is_refused() {
    let (folder, inbox, backup) = backed_up().await;
    inbox.close().await;
    let mut stranger = sqlx::AnyConnection::connect(&format!("sqlite://{}?mode=rw", backup.display())).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 1000, 'newer', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    stranger.execute(newer).await.unwrap();
    stranger.close().await.unwrap();
    let error = words(&Restored::from_backup(&folder.database(), &backup).await.unwrap_err());
    assert!(error.contains("newer version of weifen"), "{error}");
    assert_eq!(users(&folder.inbox_with(paying()).await).await, ["before"]);
}

#[tokio::test]
async fn postgresql_makes_its_backups_itself() {
    let database = Database::postgres("postgres://u:canary@127.0.0.1:1/inbox");
    let error = words(&Restored::from_backup(&database, "backup.db".as_ref()).await.unwrap_err());
    assert!(error.contains("pg_dump") && !error.contains("canary"), "{error}");
}
