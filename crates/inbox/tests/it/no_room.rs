//! A disk that is full, and files that may not be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use weifen_inbox::Receipt;

use crate::another_process::AnotherProcess;
use crate::support::{Folder, paying, push, receive};

fn is_stored(answer: &str) -> bool {
    answer == format!("{:?}", Receipt::Stored)
}

#[tokio::test]
async fn a_full_disk_is_an_error_while_it_lasts_and_takes_nothing_that_was_acknowledged() {
    let folder = Folder::new();
    let mut process = AnotherProcess::start_limited(&folder.path());
    assert_eq!(process.ask("open"), "opened");
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let size = |end| fs::metadata(format!("{}{end}", folder.path().display())).map_or(0, |file| file.len());
        process.leave_room(Some(size("").max(size("-wal")) + 100_000));
        let mut refused = 0;
        for number in 0..100 {
            let user = format!("u{round}-{number}");
            if is_stored(&process.ask(&format!("push {user}"))) {
                acknowledged.push(user);
            } else {
                refused += 1;
            }
        }
        assert!(refused > 50 && refused < 100, "{refused} of 100 were refused");
        process.leave_room(None);
        let user = format!("after-{round}");
        assert!(is_stored(&process.ask(&format!("push {user}"))), "it works again at once");
        acknowledged.push(user);
    }
    drop(process);
    let inbox = folder.inbox_with(paying()).await;
    for user in acknowledged {
        assert_eq!(receive(&inbox, &push(&user)).await, Receipt::Duplicate, "{user}");
    }
}

/// Sets a mode without write permission; returns a function that restores the old one.
fn forbid(path: &Path, mode: u32) -> impl FnOnce() + use<> {
    let (path, before) = (path.to_owned(), fs::metadata(path).unwrap().permissions());
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    move || fs::set_permissions(&path, before).unwrap()
}

#[tokio::test]
async fn a_file_or_folder_that_may_not_be_written_is_an_error_until_it_may() {
    for (is_file, mode) in [(true, 0o400), (false, 0o500)] {
        let folder = Folder::new();
        folder.inbox().await.close().await;
        let path = folder.path();
        let mut process = AnotherProcess::start_as_nobody(&path);
        let allow = forbid(if is_file { &path } else { path.parent().unwrap() }, mode);
        let error = process.ask("open");
        assert!(error.contains("inbox.db can't be used"), "{error}");
        allow();
        assert_eq!(process.ask("open"), "opened");
        assert!(is_stored(&process.ask("push u")));
    }
}
