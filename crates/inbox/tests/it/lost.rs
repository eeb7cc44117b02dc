//! A database that is gone, emptied, another one or damaged: no empty one takes its place in silence.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use weifen_inbox::{Inbox, Inspection, OpenError, Receipt};

use crate::support::{Folder, beside, paying, paying_inbox, push, receive, words};

async fn closed(folder: &Folder) {
    let inbox = folder.inbox_with(paying()).await;
    receive(&inbox, &push("paid")).await;
    inbox.close().await;
}

async fn is_lost(folder: &Folder, what: &str) -> String {
    for database in [folder.database(), folder.database().existing()] {
        let error = Inbox::open(&database).await.unwrap_err();
        assert!(matches!(error, OpenError::Lost { .. }), "{what}: {error:?}");
        let told = words(&error);
        let state = beside(&folder.path(), ".state");
        assert!(told.contains(what) && told.contains(&state.display().to_string()), "{told}");
    }
    fs::read(folder.path()).map_or_else(|_| "nothing".to_owned(), |bytes| bytes.len().to_string())
}

#[tokio::test]
async fn a_database_that_was_deleted_or_emptied_is_not_made_anew() {
    let folder = Folder::new();
    closed(&folder).await;
    let whole = fs::read(folder.path()).unwrap();
    fs::remove_file(folder.path()).unwrap();
    assert_eq!(is_lost(&folder, "the file does not exist").await, "nothing", "none is made");
    assert!(matches!(Inspection::of(&folder.database()).await, Err(OpenError::Lost { .. })));
    fs::write(folder.path(), "").unwrap();
    assert_eq!(is_lost(&folder, "the file is empty").await, "0");
    assert!(matches!(Inspection::of(&folder.database()).await, Err(OpenError::Lost { .. })));
    // A database without any table.
    fs::remove_file(folder.path()).unwrap();
    let mut stranger = {
        fs::write(folder.path(), "").unwrap();
        folder.stranger().await
    };
    sqlx::Executor::execute(&mut stranger, "CREATE TABLE other (id INTEGER)").await.unwrap();
    sqlx::Connection::close(stranger).await.unwrap();
    is_lost(&folder, "the file has no tables").await;
    // Another inbox, which does not know what was paid.
    let other = Folder::new();
    closed(&other).await;
    fs::copy(other.path(), folder.path()).unwrap();
    is_lost(&folder, "the file is another database").await;
    // Put back, it is the inbox.
    fs::write(folder.path(), whole).unwrap();
    assert_eq!(receive(&folder.inbox_with(paying()).await, &push("paid")).await, Receipt::Duplicate);
}

#[tokio::test]
async fn a_new_start_is_made_by_removing_the_note_or_all_files_together() {
    for endings in [&["", ".state"][..], &[".state"]] {
        let folder = Folder::new();
        closed(&folder).await;
        for ending in endings {
            fs::remove_file(beside(&folder.path(), ending)).unwrap();
        }
        let is_kept = !endings.contains(&"");
        let expected = if is_kept { Receipt::Duplicate } else { Receipt::Stored };
        assert_eq!(receive(&folder.inbox_with(paying()).await, &push("paid")).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_takes_nothing_more() {
    let (folder, inbox) = paying_inbox().await;
    for user in 0..200 {
        receive(&inbox, &push(&format!("u{user}"))).await;
    }
    inbox.purge(std::time::Duration::from_secs(60)).await.unwrap();
    inbox.close().await;
    let inbox = folder.inbox_with(paying()).await;
    // As a failing disk does it: no program has written there.
    let file = File::options().write(true).open(folder.path()).unwrap();
    let (length, modified) = (file.metadata().unwrap().len(), file.metadata().unwrap().modified().unwrap());
    for page in 3..length / 4096 {
        file.write_all_at(&[0x5a; 4096], page * 4096).unwrap();
    }
    file.set_modified(modified).unwrap();
    let error = words(&inbox.receive(push("new")).await.unwrap_err());
    assert!(error.contains("malformed") || error.contains("damaged"), "{error}");
    for _ in 0..2 {
        let error = words(&inbox.receive(push("newer")).await.unwrap_err());
        assert!(error.contains("damaged") && error.contains("weifen inbox restore --from"), "{error}");
        let error = words(&inbox.probe().await.unwrap_err());
        assert!(error.contains("damaged"), "{error}");
    }
    inbox.close().await;
}
