//! A backup of another moment that is put in the place of the file, while its log lies beside it: the log is never
//! written into it, and what was put there is refused, or taken whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::Executor;
use weifen_inbox::{Database, Inbox, Inspection, OpenError, Receipt};

use crate::another_process::AnotherProcess;
use crate::support::{Folder, Receiving, beside, check_integrity, paying, paying_inbox, push, receive, until, users};

/// Ways to put a file in another one's place.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// `mv`, and `rsync` at its end.
    Move,
    /// `cp`, and `rsync --inplace`: the file keeps its number.
    Copy,
    /// `cp -p`: it has the backup's time as well.
    CopyWithTime,
}

const WAYS: [Way; 3] = [Way::Move, Way::Copy, Way::CopyWithTime];

impl Way {
    fn put(self, backup: &Path, path: &Path) {
        match self {
            Self::Move => fs::rename(backup, path).unwrap(),
            Self::Copy => assert!(fs::copy(backup, path).unwrap() > 0),
            Self::CopyWithTime => {
                assert!(Command::new("cp").arg("-p").args([backup, path]).status().unwrap().success());
            }
        }
    }
}

/// Ways to make a backup.
#[derive(Debug, Clone, Copy)]
enum Copying {
    /// `VACUUM INTO`: other pages hold the same.
    Vacuumed,
    /// `.backup`: page by page, with what the log holds.
    ByPages,
}

/// The file as it is at this moment, without a log.
async fn back_up(folder: &Folder, copying: Copying) -> PathBuf {
    let backup = folder.path().with_file_name("backup.db");
    match copying {
        Copying::Vacuumed => {
            let sql = format!("VACUUM INTO '{}'", backup.display());
            let mut stranger = folder.stranger().await;
            stranger.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
            sqlx::Connection::close(stranger).await.unwrap();
        }
        Copying::ByPages => {
            let elsewhere = copied(folder);
            // Whoever closes it last leaves one file.
            let mut stranger = elsewhere.stranger().await;
            stranger.execute("SELECT count(*) FROM events").await.unwrap();
            sqlx::Connection::close(stranger).await.unwrap();
            assert!(!beside(&elsewhere.path(), "-wal").exists());
            fs::rename(elsewhere.path(), &backup).unwrap();
        }
    }
    backup
}

/// Every way to make a backup and to put it back, with a checkpoint in between and without one.
fn cases() -> impl Iterator<Item = (Copying, Way, bool)> {
    [Copying::Vacuumed, Copying::ByPages].into_iter().flat_map(|copying| {
        WAYS.into_iter().flat_map(move |way| [true, false].map(|is_checkpointed| (copying, way, is_checkpointed)))
    })
}

/// A start is refused in words; once the log is moved away as they say, the backup is there as a whole.
async fn is_refused_then_taken_whole(folder: &Folder, case: &str) {
    let (log, aside) = (beside(&folder.path(), "-wal"), beside(&folder.path(), "-wal.aside"));
    let told = AnotherProcess::start(&folder.path()).ask("open");
    assert!(told.contains(&format!("mv {} {}", log.display(), aside.display())), "{case}: {told}");
    let seen = Inspection::of(&folder.database()).await;
    assert!(matches!(seen, Err(OpenError::OtherLog { .. })), "{case}: doctor sees {seen:?}");

    fs::rename(&log, &aside).unwrap();
    let mut server = AnotherProcess::opened(&folder.path());
    assert_eq!(server.ask("push before"), "Duplicate", "{case}");
    for user in ["after", "later", "new"] {
        assert_eq!(server.ask(&format!("push {user}")), "Stored", "{case}");
    }
    drop(server);
    // Under another name, as this process may have had the file open.
    let copied = copied(folder);
    check_integrity(&copied).await;
    assert_eq!(users(&copied.inbox_with(paying()).await).await, ["after", "before", "later", "new"], "{case}");
    assert!(fs::metadata(&aside).unwrap().len() > 0, "{case}: what the log holds is still there");
}

/// The file with its log in another folder, as after a crash.
fn copied(folder: &Folder) -> Folder {
    let copied = Folder::new();
    for end in ["", "-wal"] {
        fs::copy(beside(&folder.path(), end), beside(&copied.path(), end)).unwrap();
    }
    copied
}

/// A server whose inbox has changed since the backup, with and without a checkpoint.
async fn with_backup_of_another_moment(copying: Copying, is_checkpointed: bool) -> (Folder, AnotherProcess, PathBuf) {
    let folder = Folder::new();
    let mut server = AnotherProcess::opened(&folder.path());
    assert_eq!(server.ask("push before"), "Stored");
    let backup = back_up(&folder, copying).await;
    assert_eq!(server.ask("push after"), "Stored");
    if is_checkpointed {
        assert_eq!(server.ask("purge now"), "purged");
        assert_eq!(server.ask("push later"), "Stored");
        // The connection of the purge is closed behind it. Until then the file may change.
        let state = beside(&folder.path(), ".state");
        let is_done = async || fs::read_to_string(&state).unwrap().contains("\"is_changing\":false");
        until("the checkpoint is noted", is_done).await;
    }
    (folder, server, backup)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_put_over_the_file_of_a_running_server_gets_no_log_of_another() {
    for (copying, way, is_checkpointed) in cases() {
        let case = format!("{copying:?}, {way:?}, {is_checkpointed}");
        let (folder, mut server, backup) = with_backup_of_another_moment(copying, is_checkpointed).await;
        way.put(&backup, &folder.path());
        let put = fs::read(folder.path()).unwrap();
        let told = server.ask("push lost");
        assert!(told.contains("weifen inbox restore --from"), "{case}: {told}");
        drop(server);
        assert!(fs::read(folder.path()).unwrap() == put, "{case}: nothing was written into it");
        is_refused_then_taken_whole(&folder, &case).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_put_over_the_file_of_a_killed_server_gets_no_log_of_another() {
    for (copying, way, is_checkpointed) in cases() {
        let case = format!("{copying:?}, {way:?}, {is_checkpointed}");
        let (folder, server, backup) = with_backup_of_another_moment(copying, is_checkpointed).await;
        drop(server);
        way.put(&backup, &folder.path());
        is_refused_then_taken_whole(&folder, &case).await;
    }
}

/// Its note can't tell then whether the file is the one that was being changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_put_over_the_file_of_a_server_that_was_killed_in_a_checkpoint_gets_no_log_of_another() {
    let (folder, server, backup) = with_backup_of_another_moment(Copying::ByPages, true).await;
    drop(server);
    Way::CopyWithTime.put(&backup, &folder.path());
    let state = beside(&folder.path(), ".state");
    let note = fs::read_to_string(&state).unwrap();
    assert!(note.contains("\"is_changing\""), "{note}");
    fs::write(&state, note.replace("\"is_changing\":false", "\"is_changing\":true")).unwrap();
    is_refused_then_taken_whole(&folder, "in a checkpoint").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_put_over_the_file_of_a_server_that_has_ended_is_the_inbox() {
    for way in WAYS {
        let (folder, inbox) = paying_inbox().await;
        receive(&inbox, &push("before")).await;
        let backup = back_up(&folder, Copying::Vacuumed).await;
        receive(&inbox, &push("after")).await;
        inbox.close().await;
        way.put(&backup, &folder.path());
        let inbox = folder.inbox_with(paying()).await;
        assert_eq!(users(&inbox).await, ["before"], "{way:?}");
        receive(&inbox, &push("new")).await;
        check_integrity(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_left_is_checked_before_its_log_is_used() {
    for is_replaced in [false, true] {
        let folder = Folder::new();
        let mut server = AnotherProcess::opened(&folder.path());
        server.push((0..50).map(|user| format!("a{user}")));
        let backup = back_up(&folder, Copying::Vacuumed).await;
        server.ask("purge now");
        server.push((0..50).map(|user| format!("b{user}")));
        drop(server);
        fs::remove_file(beside(&folder.path(), ".state")).unwrap();
        if is_replaced {
            Way::Copy.put(&backup, &folder.path());
            let refused = Inbox::open(&folder.database()).await;
            assert!(matches!(refused, Err(OpenError::OtherLog { .. })), "{refused:?}");
        } else {
            let inbox = folder.inbox_with(paying()).await;
            assert_eq!(inbox.events(None, 0).await.unwrap().len(), 100);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_s_folder_can_be_copied_to_another_place() {
    for options in [&["-r"][..], &["-a"]] {
        let folder = Folder::new();
        let mut server = AnotherProcess::opened(&folder.path());
        server.ask("push one");
        server.ask("purge now");
        server.ask("push two");
        drop(server);
        let elsewhere = folder.path().parent().unwrap().with_file_name(format!("elsewhere{}", options[0]));
        let copied = Command::new("cp").args(options).arg(folder.path().parent().unwrap()).arg(&elsewhere).status();
        assert!(copied.unwrap().success());
        let inbox = Receiving::open(&Database::sqlite(elsewhere.join("inbox.db")), paying()).await;
        assert_eq!(receive(&inbox, &push("one")).await, Receipt::Duplicate, "{options:?}");
        assert_eq!(receive(&inbox, &push("two")).await, Receipt::Duplicate, "{options:?}");
        inbox.close().await;
        fs::remove_dir_all(elsewhere).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_a_crash_has_cut_is_done_again() {
    let folder = Folder::new();
    let mut server = AnotherProcess::opened(&folder.path());
    server.push((0..50).map(|user| format!("u{user}")));
    drop(server);
    // As SQLite leaves it: some pages of the log are in the file, and the note says that it is being changed.
    let state = beside(&folder.path(), ".state");
    let note = fs::read_to_string(&state).unwrap();
    fs::write(&state, note.replace("\"is_changing\":false", "\"is_changing\":true ")).unwrap();
    let elsewhere = copied(&folder);
    let mut stranger = elsewhere.stranger().await;
    stranger.execute("PRAGMA wal_checkpoint(PASSIVE)").await.unwrap();
    let (whole, mut cut) = (fs::read(elsewhere.path()).unwrap(), fs::read(folder.path()).unwrap());
    let half = whole.len() / 2 / 4096 * 4096;
    cut.resize(cut.len().max(half), 0);
    cut[..half].copy_from_slice(&whole[..half]);
    fs::write(folder.path(), cut).unwrap();
    let inbox = folder.inbox_with(paying()).await;
    assert_eq!(inbox.events(None, 0).await.unwrap().len(), 50);
    check_integrity(&folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_s_checkpoint_is_no_restore() {
    for mode in ["PASSIVE", "TRUNCATE"] {
        let (folder, inbox) = paying_inbox().await;
        for round in 0..3 {
            receive(&inbox, &push(&format!("u{round}"))).await;
            let checkpoint = format!("PRAGMA wal_checkpoint({mode})");
            folder.stranger().await.execute(sqlx::AssertSqlSafe(checkpoint)).await.unwrap();
            assert_eq!(receive(&inbox, &push(&format!("u{round}"))).await, Receipt::Duplicate, "{mode}");
        }
        inbox.close().await;
        assert_eq!(users(&folder.inbox_with(paying()).await).await, ["u0", "u1", "u2"]);
        check_integrity(&folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_carried_over_while_pushes_come_in() {
    const LONG: u64 = 64 * 1024 * 1024;
    let (folder, inbox) = paying_inbox().await;
    let size = |end| fs::metadata(beside(&folder.path(), end)).map_or(0, |file| file.len());
    let mut pushed = 0;
    while size("") < LONG {
        let batch: tokio::task::JoinSet<_> = (0..200)
            .map(|number| {
                let push = push(&format!("u{}", pushed + number)).replace("an account", &"x".repeat(60_000));
                let inbox = inbox.clone();
                async move { inbox.receive(push).await.unwrap() }
            })
            .collect();
        assert!(batch.join_all().await.iter().all(|receipt| *receipt == Receipt::Stored));
        pushed += 200;
        assert!(pushed < 20_000, "the log is never carried over");
    }
    assert!(size("-wal") < 4 * LONG, "the log is begun anew: {}", size("-wal"));
    // As after a crash.
    let copied = copied(&folder);
    assert_eq!(copied.inbox_with(paying()).await.stats().await.unwrap().events["pending"], pushed);
    check_integrity(&copied).await;
}
