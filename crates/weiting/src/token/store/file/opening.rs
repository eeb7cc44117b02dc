//! Opening a file that must be ours alone: no link, no pipe, no other's.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::fault::FileFault;

/// Opens what is ours; `None` where there is nothing.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> Result<Option<File>, FileFault> {
    // Looked at before it is opened, as opening a device can do something already; and after, as it may be another then.
    match fs::symlink_metadata(path) {
        Ok(metadata) => check(path, &metadata)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(FileFault::io(path, error)),
    }
    match neither_follow_nor_wait(options).open(path) {
        Ok(file) => {
            let metadata = file.metadata().map_err(|error| FileFault::io(path, error))?;
            check(path, &metadata)?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileFault::io(path, error)),
    }
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

/// The last part of the path is no link then, and a pipe that nobody writes to does not hold us up.
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

/// Makes a new file that only its owner can read and write.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    neither_follow_nor_wait(OpenOptions::new().write(true).create_new(true)).open(path)
}
