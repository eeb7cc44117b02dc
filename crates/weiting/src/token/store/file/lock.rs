//! The lock beside the file: held for one read and write, never while a vendor is waited for.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::fault::FileFault;
use super::opening;

/// How long to wait for others' changes. One takes milliseconds, and a process that is stopped keeps its lock.
const PATIENCE: Duration = Duration::from_secs(5);

const FIRST_POLL: Duration = Duration::from_millis(1);
const LAST_POLL: Duration = Duration::from_millis(25);

/// The right to change the file, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for it, for some seconds at the most.
    pub(super) fn take(path: &Path) -> Result<Self, FileFault> {
        let mut waited = Duration::ZERO;
        let mut poll = FIRST_POLL;
        while waited < PATIENCE {
            if let Some(lock) = Self::try_take(path)? {
                return Ok(lock);
            }
            thread::sleep(poll);
            waited += poll;
            poll = (poll * 2).min(LAST_POLL);
        }
        Err(FileFault::Locked { path: path.to_owned(), seconds: PATIENCE.as_secs() })
    }

    fn try_take(path: &Path) -> Result<Option<Self>, FileFault> {
        let mut options = OpenOptions::new();
        let opened = opening::open(path, options.write(true).create(true).truncate(false));
        let Some(file) = opened.map_err(as_write)? else {
            return Err(FileFault::io(path, ErrorKind::NotFound.into()));
        };
        match file.try_lock() {
            Ok(()) => Ok(is_still_there(path, &file)?.then_some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(FileFault::io(path, error)),
        }
    }
}

fn as_write(fault: FileFault) -> FileFault {
    match fault {
        FileFault::Io { path, source } => FileFault::of_write(&path, source),
        other => other,
    }
}

/// Whether another would lock the same file: somebody may have removed it between opening and locking.
fn is_still_there(path: &Path, file: &File) -> Result<bool, FileFault> {
    let held = file.metadata().map_err(|error| FileFault::io(path, error))?;
    Ok(fs::symlink_metadata(path).is_ok_and(|there| is_same(&held, &there)))
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere a file that is open can't be removed.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
