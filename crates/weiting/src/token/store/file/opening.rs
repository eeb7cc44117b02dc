//! Opens a file only if it is a regular file of this user that nobody else can write.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::fault::FileFault;

/// Opens a file for reading; `None` where there is none.
pub(super) fn to_read(path: &Path) -> Result<Option<File>, FileFault> {
    match open(path, OpenOptions::new().read(true)) {
        Err(Refusal::BySystem(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some).map_err(|refusal| refusal.or(|error| FileFault::of_read(path, error))),
    }
}

/// Opens a file for locking, and makes it where there is none.
pub(super) fn to_lock(path: &Path) -> Result<File, FileFault> {
    let opened = open(path, OpenOptions::new().write(true).create(true).truncate(false));
    opened.map_err(|refusal| refusal.or(|error| FileFault::of_write(path, error)))
}

/// Makes a new file that only its owner can read and write.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    neither_follow_nor_wait(OpenOptions::new().write(true).create_new(true)).open(path)
}

/// Reason for which a file was not opened.
enum Refusal {
    ByUs(FileFault),
    BySystem(io::Error),
}

impl Refusal {
    fn or(self, by_system: impl FnOnce(io::Error) -> FileFault) -> FileFault {
        match self {
            Self::ByUs(fault) => fault,
            Self::BySystem(error) => by_system(error),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::BySystem(error)
    }
}

fn open(path: &Path, options: &mut OpenOptions) -> Result<File, Refusal> {
    // Checked before opening, as opening a device can have effects; and after, as the file may have been replaced.
    match fs::symlink_metadata(path) {
        Ok(metadata) => check(path, &metadata).map_err(Refusal::ByUs)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let file = neither_follow_nor_wait(options).open(path)?;
    check(path, &file.metadata()?).map_err(Refusal::ByUs)?;
    Ok(file)
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), FileFault> {
    if metadata.is_symlink() {
        return Err(FileFault::Symlink { path: path.to_owned() });
    }
    if !metadata.is_file() {
        return Err(FileFault::NotAFile { path: path.to_owned() });
    }
    check_owner(path, metadata)
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &Metadata) -> Result<(), FileFault> {
    use std::os::unix::fs::MetadataExt;

    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return Err(FileFault::ForeignOwner { path: path.to_owned(), owner: metadata.uid(), user });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(FileFault::WritableByOthers { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Metadata) -> Result<(), FileFault> {
    Ok(())
}

/// Refuses a symbolic link as the last part of the path, and does not block on a pipe without a writer.
#[cfg(unix)]
fn neither_follow_nor_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.mode(0o600).custom_flags(flags.bits().cast_signed())
}

#[cfg(not(unix))]
fn neither_follow_nor_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
