//! Something else than a file in a file's place, whose opening could wait for good: it is refused and not opened.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use weifen_inbox::{Database, Inbox, Inspection, OpenError, ServerLock};

use crate::support::{Folder, paying, words};

/// Kinds of things in its place. The pipe comes last: opening it would end the test.
const KINDS: [&str; 4] = ["a socket", "a directory", "a device", "a pipe"];

fn make(kind: &str, path: &Path) {
    match kind {
        "a socket" => drop(UnixListener::bind(path).unwrap()),
        "a directory" => std::fs::create_dir(path).unwrap(),
        "a device" => symlink("/dev/null", path).unwrap(),
        _ => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
    }
}

/// An inbox that is there, and the path of what lies beside it under this ending.
async fn inbox_with(ending: &str) -> (Folder, Database, PathBuf) {
    let folder = Folder::new();
    folder.inbox_with(paying()).await.close().await;
    let database = folder.database();
    let mut path = folder.path().into_os_string();
    path.push(ending);
    (folder, database, path.into())
}

#[track_caller]
fn is_refused<T>(outcome: Result<T, OpenError>, kind: &str) {
    let error = outcome.err().unwrap();
    assert!(matches!(error, OpenError::NotAFile { .. }), "{kind}: {error:?}");
    assert!(words(&error).contains(&format!("this is {kind}, but it must be a regular file")), "{error}");
}

#[tokio::test]
async fn an_inbox_is_made_of_regular_files() {
    for kind in KINDS {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let (folder, database, path) = inbox_with(ending).await;
            if ending.is_empty() {
                std::fs::remove_file(&path).unwrap();
            }
            make(kind, &path);
            is_refused(Inspection::of(&database).await, kind);
            is_refused(Inbox::open(&database).await, kind);
            drop(folder);
        }
    }
}

#[tokio::test]
async fn so_is_its_server_s_lock_and_no_lock_is_made_beside_anything_else() {
    for kind in KINDS {
        let (_folder, database, lock) = inbox_with(".lock").await;
        make(kind, &lock);
        is_refused(database.served_by(), kind);
        is_refused(ServerLock::take(&database), kind);

        let folder = Folder::new();
        make(kind, &folder.path());
        is_refused(ServerLock::take(&folder.database()), kind);
        assert_eq!(std::fs::read_dir(folder.path().parent().unwrap()).unwrap().count(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_link_in_the_place_of_a_lock_or_note_leads_nobody_to_another_file() {
    for ending in [".lock", ".state"] {
        let (folder, database, path) = inbox_with(ending).await;
        let precious = folder.path().with_file_name("precious");
        std::fs::write(&precious, "precious").unwrap();
        let _ = std::fs::remove_file(&path);
        symlink(&precious, &path).unwrap();
        if ending == ".lock" {
            is_refused(ServerLock::take(&database), "a symbolic link");
            is_refused(database.served_by(), "a symbolic link");
        } else {
            is_refused(Inbox::open(&database).await, "a symbolic link");
            is_refused(Inspection::of(&database).await, "a symbolic link");
        }
        assert_eq!(std::fs::read_to_string(precious).unwrap(), "precious", "{ending}");
    }
}

#[tokio::test]
async fn a_file_has_one_name() {
    for ending in ["", "-wal"] {
        let (folder, database, path) = inbox_with(ending).await;
        std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
        let other = folder.path().with_file_name("other");
        std::fs::hard_link(&path, &other).unwrap();
        for refused in [
            Inspection::of(&database).await.map(drop),
            Inbox::open(&database).await.map(drop),
            Inbox::open(&Database::sqlite(other.clone())).await.map(drop),
        ] {
            let error = refused.unwrap_err();
            assert!(matches!(error, OpenError::HardLinked { names: 2, .. }), "{ending}: {error:?}");
            assert!(error.to_string().contains("has 2 names"), "{error}");
        }
        if ending.is_empty() {
            assert!(matches!(ServerLock::take(&database), Err(OpenError::HardLinked { .. })));
        }
        std::fs::remove_file(other).unwrap();
        Inbox::open(&database).await.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_symbolic_link_is_no_second_name() {
    let (folder, database, path) = inbox_with("").await;
    let link = folder.path().with_file_name("link");
    symlink(&path, &link).unwrap();
    drop(ServerLock::take(&Database::sqlite(&link)).unwrap());
    Inbox::open(&Database::sqlite(link)).await.unwrap().close().await;
    drop(database);
}
