//! What a database's files have to be: opening a pipe waits for another program, and opening a device can do anything.
//! A file that has two names has two locks and two logs beside it, one beside each name.

use std::fs::{self, FileType, Metadata};
use std::path::Path;

use super::OpenError;

/// That `path` is a file with a single name, or is not there, or leads to one. What can't be looked at is told by its
/// opening.
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(OpenError::NotAFile { path: path.to_owned(), kind: kind(found.file_type()) })
        }
        Ok(found) if names(&found) > 1 => Err(OpenError::HardLinked { path: path.to_owned(), names: names(&found) }),
        _ => Ok(()),
    }
}

fn kind(found: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        if found.is_fifo() {
            return "a pipe";
        }
        if found.is_socket() {
            return "a socket";
        }
    }
    if found.is_dir() { "a directory" } else { "a device" }
}

/// Number of names, hard links, that a file has.
#[cfg(unix)]
fn names(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(found)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}
