//! The permissions of a file that holds a secret.

use std::path::Path;

/// Access of others to the file, and the command that removes it.
pub(super) struct Exposure {
    pub(super) found: String,
    pub(super) advice: String,
}

#[cfg(unix)]
pub(super) fn exposure(path: &Path) -> Option<Exposure> {
    use std::os::unix::fs::MetadataExt;

    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mode = metadata.mode() & 0o777;
    let reach = match (mode & 0o044 != 0, mode & 0o022 != 0) {
        (false, false) => return None,
        (true, false) => "read",
        (false, true) => "written",
        (true, true) => "read and written",
    };
    Some(Exposure {
        found: format!("{} can be {reach} by others than its owner (mode {mode:04o})", path.display()),
        advice: format!("chmod 600 {}", path.display()),
    })
}

#[cfg(not(unix))]
pub(super) fn exposure(_: &Path) -> Option<Exposure> {
    None
}
