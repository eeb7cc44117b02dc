//! Group commits to a SQLite file, and the thread on which they run.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};
use weifen_database::{Database, GroupCommit, Pool};
use weifen_transport::SystemClock;

const PANIC: u32 = 0;

/// A group of numbers. Each gets the folder in which Linux shows the thread that committed it.
async fn opened(folder: &TempDir) -> GroupCommit<u32, PathBuf> {
    let database = Database::sqlite(folder.path().join("it.db"));
    let pool = Arc::new(Pool::open(&database, Arc::new(SystemClock)).await.unwrap());
    GroupCommit::start(&pool.clone(), move |numbers: Vec<u32>| {
        let pool = pool.clone();
        async move {
            assert!(!numbers.contains(&PANIC), "a test's panic");
            let writing = pool.write().await.map_err(|error| pool.failed(error))?;
            writing.commit().await?;
            let thread = std::fs::read_link("/proc/thread-self").unwrap_or_default();
            Ok(numbers.iter().map(|_| PathBuf::from("/proc").join(&thread)).collect())
        }
    })
}

#[tokio::test]
async fn a_commit_that_panics_fails_alone() {
    let folder = TempDir::new().unwrap();
    let group = opened(&folder).await;
    let error = group.commit(PANIC).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("the commit panicked"), "{error:?}");
    group.commit(1).await.unwrap();
}

#[test]
fn commits_go_on_when_the_runtime_that_opened_the_database_has_ended() {
    let folder = TempDir::new().unwrap();
    let group = Runtime::new().unwrap().block_on(opened(&folder));
    Runtime::new().unwrap().block_on(group.commit(1)).unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_thread_ends_with_the_last_handle() {
    let folder = TempDir::new().unwrap();
    let group = opened(&folder).await;
    let (another, thread) = (group.clone(), group.commit(1).await.unwrap());
    drop(group);
    assert_eq!(another.commit(2).await.unwrap(), thread);
    drop(another);
    let ended = async {
        while thread.exists() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), ended).await.unwrap();
}
