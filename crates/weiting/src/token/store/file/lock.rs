//! The lock beside the file: held for one read and write, never during a call of the vendor.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use super::fault::FileFault;
use super::opening;

const FIRST_POLL: Duration = Duration::from_millis(1);
const LAST_POLL: Duration = Duration::from_millis(25);

/// Holds the lock on the file until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock, for `limit` at most: a stopped process keeps its lock.
    pub(super) fn take(path: &Path, limit: Duration) -> Result<Self, FileFault> {
        let file = opening::to_lock(path)?;
        let (begun, mut poll) = (Instant::now(), FIRST_POLL);
        // A sleep can take longer than asked on a busy machine, so the elapsed time decides.
        while begun.elapsed() < limit {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(FileFault::io(path, error)),
            }
            thread::sleep(poll);
            poll = (poll * 2).min(LAST_POLL);
        }
        Err(FileFault::Locked { path: path.to_owned(), waited: limit })
    }
}
