//! Refused files: the message of each refusal, and that the file is unchanged.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::Command;

use weifen_weiting::token::store::{Claim, ClaimOutcome, FileFault};
use weifen_weiting::token::{FileStore, TokenStore};

use super::another_process::{AnotherProcess, Task};
use super::{LIFE, TokenFolder, claim, fault, key, mode, morning, set_mode, text, words, write_next};

/// Message with which the store refuses a read, and in the same words a change.
async fn refusal(store: &FileStore) -> String {
    let read = store.load(&key(), morning()).await.unwrap_err();
    let changed = store.claim(&key(), &claim(morning() + LIFE, 0)).await.unwrap_err();
    assert_eq!(words(&changed), words(&read));
    words(&read)
}

/// Message with which it refuses a change.
async fn refusal_of_a_change(store: &FileStore) -> String {
    words(&store.claim(&key(), &claim(morning() + LIFE, 0)).await.unwrap_err())
}

fn assert_says(refusal: &str, path: &Path, parts: &[&str]) {
    for part in parts.iter().copied().chain([path.to_str().unwrap()]) {
        assert!(refusal.contains(part), "`{part}` is not in: {refusal}");
    }
}

#[tokio::test]
async fn a_path_that_names_no_file_is_refused() {
    for path in ["", "/", "somewhere/.."] {
        let refusal = refusal(&FileStore::new(path)).await;
        assert_says(&refusal, Path::new(path), &["is not the path of a file", "token.json"]);
    }
}

#[tokio::test]
async fn a_symbolic_link_is_not_followed() {
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    symlink(folder.path(), folder.beside("link")).unwrap();
    let refused = refusal(&FileStore::new(folder.beside("link"))).await;
    assert_says(&refused, &folder.beside("link"), &["symbolic link", "the path of the file itself"]);
    assert_eq!(folder.bytes(), before);
    assert!(folder.beside("link").is_symlink());

    symlink(folder.beside("nowhere"), folder.beside("dangling")).unwrap();
    refusal(&FileStore::new(folder.beside("dangling"))).await;
    assert!(!folder.beside("nowhere").exists());
}

#[tokio::test]
async fn a_pipe_or_a_folder_is_refused_without_waiting() {
    let folder = TokenFolder::new();
    let made = Command::new("mkfifo").arg(folder.beside("pipe")).status().unwrap();
    assert!(made.success());
    fs::create_dir(folder.beside("folder")).unwrap();
    for name in ["pipe", "folder"] {
        let refusal = refusal(&FileStore::new(folder.beside(name))).await;
        assert_says(&refusal, &folder.beside(name), &["not a regular file", "give the path of a regular file"]);
    }
}

#[tokio::test]
async fn another_users_file_is_refused() {
    let says = ["belongs to user", "this process runs as user", "its own file"];
    if !rustix::process::geteuid().is_root() {
        // Only root can change a file's owner. For all other users this file is another user's.
        let refused = FileStore::new("/etc/passwd").load(&key(), morning()).await.unwrap_err();
        return assert_says(&words(&refused), Path::new("/etc/passwd"), &says);
    }
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    chown(folder.path(), Some(65_534), None).unwrap();
    assert_says(&refusal(&folder.store()).await, &folder.path(), &says);
    assert_eq!(folder.bytes(), before);

    chown(folder.path(), Some(0), None).unwrap();
    let lock = folder.beside("token.json.lock");
    chown(&lock, Some(65_534), None).unwrap();
    assert_says(&refusal_of_a_change(&folder.store()).await, &lock, &says);
    assert_eq!(folder.bytes(), before);
}

#[tokio::test]
async fn a_file_that_others_may_write_is_refused() {
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    for others in [0o620, 0o602, 0o666] {
        set_mode(&folder.path(), others);
        let refusal = refusal(&folder.store()).await;
        assert_says(&refusal, &folder.path(), &[&format!("mode {others:04o}"), "`chmod 600`"]);
        assert_eq!((folder.bytes(), mode(&folder.path())), (before.clone(), others));
    }
}

#[tokio::test]
async fn a_file_that_breaks_off_anywhere_is_refused() {
    let folder = TokenFolder::with_a_token().await;
    let whole = folder.bytes();
    let end = whole.len() - 1;
    // Leaves out most of the ten thousand bytes of the token itself.
    for cut in (0..end).filter(|cut| cut % 1000 == 0 || *cut < 200 || *cut > end - 500) {
        fs::write(folder.path(), &whole[..cut]).unwrap();
        let refused = folder.store().load(&key(), morning()).await.unwrap_err();
        assert!(matches!(fault(&refused), FileFault::Damaged { .. }), "{cut}: {refused:?}");
        assert!(!format!("{refused:?}").contains("xxxx"), "the token is in: {refused:?}");
    }
    for cut in [0, end / 2, end - 1] {
        fs::write(folder.path(), &whole[..cut]).unwrap();
        let refused = refusal(&folder.store()).await;
        assert_says(
            &refused,
            &folder.path(),
            &["line", "column", "Move the file away", "one fetch", "resets the daily count"],
        );
        assert_eq!(folder.bytes(), &whole[..cut]);
    }
    fs::remove_file(folder.path()).unwrap();
    assert_eq!(write_next(&folder.store(), morning(), 0).await.unwrap(), 1);
}

#[tokio::test]
async fn a_file_of_something_else_is_refused_and_none_of_it_repeated() {
    let folder = TokenFolder::with_a_token().await;
    let whole = String::from_utf8(folder.bytes()).unwrap();
    let canary = "canary-of-a-token";
    for other in [
        format!("{{\"access_token\": \"{canary}\"}}"),
        format!("{{\"format\": \"{canary}\", \"tokens\": {{}}, \"ledgers\": {{}}}}"),
        format!("{{\"format\": 1, \"tokens\": \"{canary}\", \"ledgers\": {{}}}}"),
        whole.replace("\"generation\": 1", &format!("\"generation\": \"{canary}\"")),
        whole.replace(&text(1), &format!("{canary} with a space")),
        whole.replace("2024-01-02", canary),
        whole.replace("\"expires_at_ms\": 17", "\"expires_at_ms\": 4611686018427387"),
        format!("{whole}{canary}"),
    ] {
        fs::write(folder.path(), &other).unwrap();
        let refused = refusal(&folder.store()).await;
        assert_says(&refused, &folder.path(), &["not a token store file", "line", "Move the file away"]);
        let debug = format!("{:?}", folder.store().load(&key(), morning()).await.unwrap_err());
        assert!(!refused.contains("canary") && !debug.contains("canary"), "{refused}, {debug}");
        assert_eq!(folder.bytes(), other.as_bytes());
    }
}

#[tokio::test]
async fn a_file_of_another_format_is_refused() {
    let folder = TokenFolder::new();
    let later = "{\"format\": 2, \"what_comes_then\": []}";
    fs::write(folder.path(), later).unwrap();
    let refused = refusal(&folder.store()).await;
    assert_says(&refused, &folder.path(), &["format 2", "reads format 1", "the version that wrote it", "one fetch"]);
    assert_eq!(folder.bytes(), later.as_bytes());
}

#[tokio::test]
async fn a_file_beyond_all_reason_is_refused() {
    let folder = TokenFolder::new();
    let huge = " ".repeat((1 << 20) + 1);
    fs::write(folder.path(), &huge).unwrap();
    let refused = refusal(&folder.store()).await;
    assert_says(&refused, &folder.path(), &["larger than 1048576 bytes", "move it away", "one fetch"]);
    assert_eq!(folder.bytes(), huge.as_bytes());
}

#[tokio::test]
async fn a_change_that_would_make_the_file_larger_than_can_be_read_is_refused() {
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    let huge = Claim { holder: "x".repeat(1 << 20), ..claim(morning(), 1) };
    let refused = folder.store().claim(&key(), &huge).await.unwrap_err();
    assert!(matches!(fault(&refused), FileFault::TooLarge { .. }), "{refused:?}");
    assert_eq!(folder.bytes(), before);
}

#[tokio::test]
async fn a_file_that_may_only_be_read_serves_its_token_and_is_not_replaced() {
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    set_mode(&folder.path(), 0o400);
    let stored = folder.store().load(&key(), morning()).await.unwrap();
    assert_eq!(stored.token.unwrap().generation(), 1);
    let current = folder.store().claim(&key(), &claim(morning(), 0)).await.unwrap();
    assert!(matches!(current, ClaimOutcome::Current(_)), "{current:?}");

    let refused = refusal_of_a_change(&folder.store()).await;
    assert_says(&refused, &folder.path(), &["cannot be written", "set another path"]);
    assert_eq!((folder.bytes(), mode(&folder.path())), (before, 0o400));
    assert_eq!(folder.names(), ["token.json", "token.json.lock"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_where_nothing_can_be_made_is_refused() {
    // Not even root may make a file in these folders. A bare chroot has only the second.
    let (folder, told) = if Path::new("/sys/kernel").exists() {
        (Path::new("/sys"), &["cannot be written", "the file and its folder"][..])
    } else {
        (Path::new("/proc"), &["can't be used"][..])
    };
    let store = FileStore::new(folder.join("weifen-token.json"));
    assert_eq!(store.load(&key(), morning()).await.unwrap().token, None);
    let refused = refusal_of_a_change(&store).await;
    assert_says(&refused, &folder.join("weifen-token.json"), told);
    let refused = refusal_of_a_change(&FileStore::new(folder.join("weifen/token.json"))).await;
    assert_says(&refused, &folder.join("weifen"), &["can't be"]);
}

#[tokio::test]
async fn a_lock_file_that_is_not_ours_is_refused() {
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    let lock = folder.beside("token.json.lock");
    fs::remove_file(&lock).unwrap();
    symlink(folder.beside("victim"), &lock).unwrap();
    let refused = refusal_of_a_change(&folder.store()).await;
    assert_says(&refused, &lock, &["symbolic link"]);
    assert!(!folder.beside("victim").exists());

    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let refused = refusal_of_a_change(&folder.store()).await;
    assert_says(&refused, &lock, &["not a regular file"]);
    assert_eq!(folder.bytes(), before);
}

#[tokio::test]
async fn a_disk_without_room_leaves_the_old_token() {
    let folder = TokenFolder::with_a_token().await;
    let before = folder.bytes();
    let outcome = AnotherProcess::without_room(Task::Claim, &folder.path()).go().outcome();
    assert_says(&outcome, &folder.path(), &["no space left to write", "free space on the disk"]);
    assert_eq!(folder.bytes(), before);
    assert_eq!(folder.names(), ["token.json", "token.json.lock"]);
    let stored = folder.store().load(&key(), morning()).await.unwrap();
    assert_eq!(stored.token.unwrap().generation(), 1);

    fs::remove_file(folder.path()).unwrap();
    let outcome = AnotherProcess::without_room(Task::Claim, &folder.path()).go().outcome();
    assert_says(&outcome, &folder.path(), &["no space left to write"]);
    assert_eq!(folder.names(), ["token.json.lock"]);
}
