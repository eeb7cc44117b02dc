//! Processes that share a file, and are stopped or killed while they write it.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::Duration;

use weifen_weiting::token::TokenStore;

use super::another_process::{AnotherProcess, Task};
use super::{TokenFolder, claim, key, morning, text, words, write_next};

const KILLS: u32 = 60;

#[tokio::test]
async fn a_writer_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let folder = TokenFolder::with_a_token().await;
    let mut last = 1;
    for kill in 0..KILLS {
        let writer = AnotherProcess::start(Task::Write, &folder.path());
        while generation(&folder).await == last {
            thread::sleep(Duration::from_millis(1));
        }
        // A different moment of its work each time.
        thread::sleep(Duration::from_micros(400) * kill);
        writer.kill();

        let left = folder.names();
        let expected = [".token.json.new", "token.json", "token.json.lock"];
        assert!(left.iter().all(|name| expected.contains(&name.as_str())), "{left:?}");
        let file: serde_json::Value = serde_json::from_slice(&folder.bytes()).unwrap();
        let token = &file["tokens"][key().as_str()]["token"];
        let generation = token["generation"].as_u64().unwrap();
        assert_eq!(token["access_token"], text(generation));
        assert!(generation > last, "the token of generation {generation} took the folder of {last}");

        let stored = folder.store().load(&key(), morning()).await.unwrap().token.unwrap();
        assert_eq!(stored.generation(), generation);
        // After the end of any lease of the killed writer.
        let now = stored.fetched_at() + Duration::from_secs(1800);
        last = write_next(&folder.store(), now, generation).await.unwrap();
        assert_eq!(folder.names(), ["token.json", "token.json.lock"]);
    }
}

async fn generation(folder: &TokenFolder) -> u64 {
    folder.store().load(&key(), morning()).await.unwrap().token.unwrap().generation()
}

#[test]
fn of_ten_processes_that_claim_at_once_one_gets_the_right() {
    let folder = TokenFolder::new();
    let mut processes: Vec<_> = (0..10).map(|_| AnotherProcess::start(Task::Claim, &folder.path())).collect();
    for process in &mut processes {
        process.go();
    }
    let mut outcomes: Vec<_> = processes.iter_mut().map(AnotherProcess::outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes, [vec!["granted"], vec!["taken"; 9]].concat());
    let file: serde_json::Value = serde_json::from_slice(&folder.bytes()).unwrap();
    assert_eq!(file["ledgers"]["wx1@one.example"]["2024-01-02"], 1);
}

#[tokio::test]
async fn a_process_that_is_stopped_with_the_lock_holds_nobody_up_for_long() {
    let folder = TokenFolder::with_a_token().await;
    let process = AnotherProcess::start(Task::Write, &folder.path());
    stop_with_the_lock(&process, &folder);
    let before = folder.bytes();

    let read = folder.store().load(&key(), morning()).await.unwrap();
    assert!(read.token.is_some());
    let refused = words(&folder.store().claim(&key(), &claim(morning(), 0)).await.unwrap_err());
    let lock = folder.beside("token.json.lock");
    for part in [lock.to_str().unwrap(), "locked by another process for 5 s", "Resume that process, or end it"] {
        assert!(refused.contains(part), "`{part}` is not in: {refused}");
    }
    let hasty = folder.store().at_most(Duration::from_millis(300));
    let refused = words(&hasty.claim(&key(), &claim(morning(), 0)).await.unwrap_err());
    assert!(refused.contains("locked by another process for 0.3 s"), "{refused}");
    let longer = folder.store().at_most(Duration::from_mins(1));
    let refused = words(&longer.claim(&key(), &claim(morning(), 0)).await.unwrap_err());
    assert!(refused.contains("locked by another process for 5 s"), "{refused}");
    assert_eq!(folder.bytes(), before);

    process.go_on();
    // The other process writes without a pause, and the lock is not fair.
    let claimed = async { while folder.store().claim(&key(), &claim(morning(), 0)).await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(60), claimed).await.unwrap();
    stop_with_the_lock(&process, &folder);
    process.kill();
    folder.store().claim(&key(), &claim(morning(), 0)).await.unwrap();
}

fn stop_with_the_lock(process: &AnotherProcess, folder: &TokenFolder) {
    let lock = File::open(folder.beside("token.json.lock")).unwrap();
    loop {
        process.stop();
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => return,
            outcome => outcome.unwrap(),
        }
        lock.unlock().unwrap();
        process.go_on();
        thread::sleep(Duration::from_millis(1));
    }
}
