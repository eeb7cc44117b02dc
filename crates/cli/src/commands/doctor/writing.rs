//! Checks by its permissions that a file could be written or made. Nothing is written.

use std::path::{Path, PathBuf};

/// The file or folder that prevents writing `path`, or the files beside it whose names end in one of `suffixes`.
#[cfg(unix)]
pub(super) fn obstacle(path: &Path, suffixes: &[&str]) -> Option<PathBuf> {
    use rustix::fs::{Access, access};

    let absolute = std::path::absolute(path).ok()?;
    let folder = absolute.ancestors().skip(1).find(|folder| folder.exists())?.to_owned();
    if !folder.is_dir() || access(&folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Some(folder);
    }
    let beside = suffixes.iter().map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    });
    let mut files = std::iter::once(path.to_owned()).chain(beside);
    files.find(|file| file.exists() && access(file, Access::WRITE_OK).is_err())
}

#[cfg(not(unix))]
pub(super) fn obstacle(path: &Path, _: &[&str]) -> Option<PathBuf> {
    std::fs::metadata(path).ok().filter(|file| file.permissions().readonly()).map(|_| path.to_owned())
}
