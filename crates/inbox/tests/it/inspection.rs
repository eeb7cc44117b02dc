//! A database looked at from outside: what it tells, and that it is left as it was.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use weifen_inbox::{Database, Inspection, OpenError, Stats};

use crate::support::{Folder, Receiving, TestDatabase, behaviours, beside, paying, push, receive, words};

behaviours![what_is_in_it_is_counted_while_it_is_in_use, one_of_a_newer_version_is_told_and_not_counted];

async fn stats(database: &Database) -> Stats {
    ageless(Inspection::of(database).await.unwrap().stats.unwrap())
}

/// Without what changes from one look to the next.
fn ageless(mut stats: Stats) -> Stats {
    stats.oldest_pending_s = 0;
    stats
}

async fn what_is_in_it_is_counted_while_it_is_in_use(database: TestDatabase) {
    let inbox = database.inbox_with(paying()).await;
    for user in ["u-1", "u-2"] {
        receive(&inbox, &push(user)).await;
        assert_eq!(stats(&database.address).await, ageless(inbox.stats().await.unwrap()));
    }
    assert_eq!(stats(&database.address).await.events["pending"], 2);
    let found = Inspection::of(&database.address).await.unwrap();
    assert_eq!(found.version, Some(found.latest));
}

async fn one_of_a_newer_version_is_told_and_not_counted(database: TestDatabase) {
    use sqlx::Executor;

    database.inbox().await.close().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 1000, 'newer', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    database.stranger().await.execute(newer).await.unwrap();
    let found = Inspection::of(&database.address).await.unwrap();
    assert_eq!((found.version, found.stats), (Some(1000), None));
}

/// Every file of a folder with a digest of what it holds, but for the log's index, which those in one process share.
fn content(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let digest = |path: &Path| {
        let mut hasher = DefaultHasher::new();
        let bytes = if path.to_string_lossy().ends_with("-shm") { Vec::new() } else { fs::read(path).unwrap() };
        bytes.hash(&mut hasher);
        hasher.finish()
    };
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.clone(), digest(&path))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_not_made() {
    let folder = Folder::new();
    let error = Inspection::of(&folder.database()).await.unwrap_err();
    assert!(matches!(error, OpenError::NoSuchFile(_)), "{error:?}");
    assert!(content(folder.path().parent().unwrap()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_any_name_is_left_as_it_is_and_so_is_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b%3F?readonly_shm=0#ü&x.db");
    let database = Database::sqlite(&path);
    let inbox = Receiving::open(&database, paying()).await;
    receive(&inbox, &push("u-1")).await;
    let in_use = content(folder.path());
    assert!(in_use.keys().any(|path| path.to_string_lossy().ends_with("-wal")), "{:?}", in_use.keys());
    assert_eq!(stats(&database).await.events["pending"], 1);
    assert_eq!(content(folder.path()), in_use);

    inbox.close().await;
    let closed = content(folder.path());
    assert_eq!(closed.len(), 2, "the file and its note");
    let found = Inspection::of(&database).await.unwrap();
    assert_eq!(found.stats.unwrap().events["pending"], 1);
    assert_eq!(found.settings, [("journal_mode", "wal".to_owned())]);
    assert_eq!(content(folder.path()), closed);
}

/// SQLite writes the log into the file first, and removes it then.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_program_is_just_closing_is_looked_at_and_opened_once_it_is_closed() {
    use sqlx::{Connection, Executor};

    let folder = Folder::new();
    let log = beside(&folder.path(), "-wal");
    folder.inbox().await.close().await;
    let mut stranger = folder.stranger().await;
    stranger.execute("PRAGMA user_version = 7").await.unwrap();
    let left = fs::read(&log).unwrap();
    stranger.close().await.unwrap();
    for is_opened in [false, true] {
        fs::write(&log, &left).unwrap();
        let closing = std::thread::spawn({
            let log = log.clone();
            move || {
                std::thread::sleep(std::time::Duration::from_millis(50));
                fs::remove_file(log).unwrap();
            }
        });
        if is_opened {
            folder.inbox().await.close().await;
        } else {
            Inspection::of(&folder.database()).await.unwrap();
        }
        closing.join().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_has_no_version_yet() {
    let folder = Folder::new();
    fs::write(folder.path(), "").unwrap();
    let found = Inspection::of(&folder.database()).await.unwrap();
    assert_eq!((found.version, found.stats), (None, None));
    assert_eq!(found.settings, [("journal_mode", "rollback".to_owned())]);
    assert_eq!(fs::read(folder.path()).unwrap(), b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_can_t_be_reached_is_an_error_without_its_password() {
    let away = Database::postgres("postgres://user:CANARY@127.0.0.1:1/inbox");
    let error = Inspection::of(&away).await.unwrap_err();
    let told = format!("{error:?} {}", words(&error));
    assert!(told.contains("refused") && !told.contains("CANARY"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_is_not_understood_is_not_repeated() {
    let error = Inspection::of(&Database::postgres("postgres://127.0.0.1:1/d?sslmode=CANARY")).await.unwrap_err();
    let told = format!("{error:?} {}", words(&error));
    assert!(told.contains("an option in the database's URL can't be used") && !told.contains("CANARY"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv6_address_is_no_name_to_look_up() {
    for query in ["", "?sslmode=disable"] {
        let error = Inspection::of(&Database::postgres(format!("postgres://u@[::1]:1/d{query}"))).await.unwrap_err();
        assert!(!words(&error).contains("lookup"), "{}", words(&error));
    }
}
