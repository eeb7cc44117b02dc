//! The lock beside the file: held for one read and write, never while a vendor is waited for.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use super::fault::FileFault;
use super::opening;

const FIRST_POLL: Duration = Duration::from_millis(1);
const LAST_POLL: Duration = Duration::from_millis(25);

/// The right to change the file, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for it, for `limit` at the most: a process that is stopped keeps its lock.
    pub(super) fn take(path: &Path, limit: Duration) -> Result<Self, FileFault> {
        let file = opening::to_lock(path)?;
        let (begun, mut poll) = (Instant::now(), FIRST_POLL);
        // A busy machine sleeps longer than it is asked to, and the limit holds all the same.
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
