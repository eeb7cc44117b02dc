//! Checks of a database's files: opening a pipe waits for another program, and opening a device can do anything. A
//! file with two names has two locks and two logs, one beside each name.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use super::OpenError;

/// Checks that `path` is, or leads to, a file with a single name, or is not there. A path that can't be examined
/// passes: opening it reports the error.
pub fn check(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(OpenError::NotAFile { path: path.to_owned(), kind: kind(found.file_type()) })
        }
        Ok(found) if names(&found) > 1 => Err(OpenError::HardLinked { path: path.to_owned(), names: names(&found) }),
        _ => Ok(()),
    }
}

/// [`check`]s a file of ours beside the database, and refuses a link, which would redirect writes to another file.
pub fn check_unlinked(path: &Path) -> Result<(), OpenError> {
    check(path)?;
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(OpenError::NotAFile { path: path.to_owned(), kind: "a symbolic link" }),
        _ => Ok(()),
    }
}

/// Options to open or make a file that only its owner reads. Links are not followed.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

/// Opens or makes a file of ours beside the database. If root makes it, it gets the database's owner.
pub fn open_beside(database: &Path, path: &Path) -> io::Result<File> {
    let file = private().create(true).truncate(false).open(path)?;
    #[cfg(unix)]
    if rustix::process::geteuid().is_root()
        && let Ok(database) = fs::metadata(database)
    {
        use std::os::unix::fs::{MetadataExt, fchown};

        fchown(&file, Some(database.uid()), Some(database.gid()))?;
    }
    Ok(file)
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

/// Number of names (hard links) of a file.
#[cfg(unix)]
fn names(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(found)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}
