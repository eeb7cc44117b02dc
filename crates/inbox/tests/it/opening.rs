//! Opening an inbox: where it is, whose it is, and what others may have made of it.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::{fs, iter};

use sqlx::Executor;
use tokio::task::JoinSet;
use weifen_inbox::{Database, Inbox, OpenError, Receipt};

use crate::another_process::AnotherProcess;
use crate::support::{Folder, Receiving, TestDatabase, behaviours, paying, paying_inbox, push, receive, words};

behaviours![
    a_database_of_a_newer_version_is_refused,
    many_that_open_a_new_database_at_once_all_succeed,
    one_that_is_closed_takes_nothing_more,
];

async fn a_database_of_a_newer_version_is_refused(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("u")).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 1000, 'newer', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    database.stranger().await.execute(newer).await.unwrap();
    let error = Inbox::open(&database.address).await.unwrap_err();
    assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
    assert!(words(&error).contains("created by a newer version"), "{}", words(&error));
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Duplicate, "one that runs goes on");
}

async fn many_that_open_a_new_database_at_once_all_succeed(database: TestDatabase) {
    let mut opening = JoinSet::new();
    for _ in 0..16 {
        let database = database.address.clone();
        opening.spawn(async move {
            let inbox = Receiving::open(&database, paying()).await;
            inbox.receive(push("u")).await.unwrap()
        });
    }
    let receipts = opening.join_all().await;
    assert_eq!(receipts.iter().filter(|receipt| **receipt == Receipt::Stored).count(), 1, "{receipts:?}");
}

async fn one_that_is_closed_takes_nothing_more(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    receive(&inbox, &push("u")).await;
    inbox.close().await;
    inbox.receive(push("v")).await.unwrap_err();
    inbox.events(None, 0).await.unwrap_err();
    assert_eq!(receive(&database.inbox_with(paying()).await, &push("u")).await, Receipt::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_inbox_is_one_file_and_the_note_of_it() {
    let (folder, inbox) = paying_inbox().await;
    receive(&inbox, &push("u")).await;
    inbox.events(None, 0).await.unwrap();
    inbox.close().await;
    let files = fs::read_dir(folder.path().parent().unwrap()).unwrap();
    let names: BTreeSet<_> = files.map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["inbox.db", "inbox.db.state"].map(Into::into).into());
}

#[test]
fn processes_that_open_a_new_file_at_once_all_succeed() {
    let folder = Folder::new();
    let mut processes: Vec<_> = iter::repeat_with(|| AnotherProcess::start(&folder.path())).take(8).collect();
    for process in &mut processes {
        process.tell("open");
    }
    for process in &mut processes {
        assert_eq!(process.answer(), "opened");
    }
    for process in &mut processes {
        process.tell("push u");
    }
    let answers: Vec<_> = processes.iter_mut().map(AnotherProcess::answer).collect();
    assert_eq!(answers.iter().filter(|answer| *answer == "Stored").count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| *answer == "Duplicate").count(), 7, "{answers:?}");
}

#[tokio::test]
async fn a_path_is_taken_as_it_is_written() {
    let folder = Folder::new();
    for name in [
        "with space.db",
        "what?mode=memory",
        "a#b",
        "100%41.db",
        "收件箱.db",
        "file:x.db",
        ":memory:",
        "a&b=c",
        "back\\slash",
    ] {
        let path = folder.path().with_file_name(name);
        let inbox = Receiving::open(&Database::sqlite(&path), paying()).await;
        receive(&inbox, &push("u")).await;
        assert!(path.is_file(), "{name}");
        assert_eq!(receive(&inbox, &push("u")).await, Receipt::Duplicate, "{name}");
    }
}

#[tokio::test]
async fn what_is_made_is_for_its_owner_alone() {
    let (folder, inbox) = paying_inbox().await;
    receive(&inbox, &push("u")).await;
    for end in ["", "-wal", "-shm", ".state"] {
        let mode = fs::metadata(format!("{}{end}", folder.path().display())).unwrap().mode();
        assert_eq!(mode & 0o7777, 0o600, "{end}");
    }
}

#[tokio::test]
async fn a_link_leads_to_the_inbox() {
    let folder = Folder::new();
    drop(folder.inbox_with(paying()).await);
    let elsewhere = Folder::new();
    symlink(folder.path(), elsewhere.path()).unwrap();
    let inbox = elsewhere.inbox_with(paying()).await;
    assert_eq!(receive(&inbox, &push("u")).await, Receipt::Stored);
    assert_eq!(receive(&folder.inbox_with(paying()).await, &push("u")).await, Receipt::Duplicate);
}

#[tokio::test]
async fn what_someone_set_in_the_file_is_set_back() {
    let folder = Folder::new();
    let mode = async || -> String {
        sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut folder.stranger().await).await.unwrap()
    };
    folder.inbox().await.close().await;
    folder.stranger().await.execute("PRAGMA journal_mode = DELETE").await.unwrap();
    assert_eq!(mode().await, "delete");
    let inbox = folder.inbox_with(paying()).await;
    receive(&inbox, &push("u")).await;
    assert_eq!(mode().await, "wal");
}

#[tokio::test]
async fn what_is_no_inbox_is_refused_and_left_alone() {
    let folder = Folder::new();
    let text = "These are the accounts of our shop, and no database at all.\n".repeat(100);
    fs::write(folder.path(), &text).unwrap();
    let error = words(&Inbox::open(&folder.database()).await.unwrap_err());
    assert!(error.contains("inbox.db") && error.contains("file is not a database"), "{error}");
    assert_eq!(fs::read_to_string(folder.path()).unwrap(), text);
}

#[tokio::test]
async fn what_can_not_be_opened_is_named() {
    let folder = Folder::new();
    let missing = Database::sqlite(folder.path()).existing();
    let error = words(&Inbox::open(&missing).await.unwrap_err());
    assert!(error.contains("inbox.db: the file does not exist"), "{error}");
    assert!(!folder.path().exists());

    let nowhere = Database::sqlite(folder.path().join("nowhere/inbox.db"));
    let error = words(&Inbox::open(&nowhere).await.unwrap_err());
    assert!(error.ends_with("/nowhere does not exist"), "{error}");

    let directory = Database::sqlite(folder.path().parent().unwrap());
    let error = words(&Inbox::open(&directory).await.unwrap_err());
    assert!(error.contains("directory"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_path_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    let path = folder.path().with_file_name(OsStr::from_bytes(b"inbox-\xff.db"));
    let error = Inbox::open(&Database::sqlite(&path)).await.unwrap_err();
    assert!(matches!(error, OpenError::PathNotUtf8(_)), "{error:?}");
    assert!(!Path::new(&path).exists(), "nothing is half made");
}

#[tokio::test]
async fn an_option_in_the_url_that_is_not_understood_is_not_repeated() {
    let database = Database::postgres("postgres://u:canary@127.0.0.1:1/d?sslmode=canary");
    let error = Inbox::open(&database).await.unwrap_err();
    let mut shown = format!("{error:?} {error}");
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        shown.extend([" ", &error.to_string()]);
        source = error.source();
    }
    assert!(shown.contains("an option in the database's URL can't be used"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}
