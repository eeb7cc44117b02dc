//! What a database's files have to be: opening a pipe waits for another program, and opening a device can do anything.

use std::fs::{self, FileType};
use std::path::Path;

use crate::OpenError;

/// That `path` is a file, or is not there, or leads to one. What can't be looked at is told by its opening.
pub(crate) fn check(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(OpenError::NotAFile { path: path.to_owned(), kind: kind(found.file_type()) })
        }
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
