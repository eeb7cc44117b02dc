//! A configuration file that was found, not named. It is used only if nobody but this user and root can change it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use super::ConfigError;

/// Reason for which a found configuration file is not used: others can change it, and could name the host that secrets
/// are sent to. Name the file if it is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// The file belongs to another user.
    #[error("the file belongs to user {owner}, but this process runs as user {user}")]
    ForeignOwner {
        /// The uid of its owner.
        owner: u32,
        /// The effective uid of this process.
        user: u32,
    },
    /// Every user can write the file.
    #[error("every user can write the file (mode {mode:04o})")]
    WritableByAll {
        /// Its permission bits.
        mode: u32,
    },
    /// The file's group can write it, and is not this user's own.
    #[error("group {group} can write the file (mode {mode:04o}) and is not this user's primary group")]
    WritableByGroup {
        /// The gid of its group.
        group: u32,
        /// Its permission bits.
        mode: u32,
    },
}

/// Opens the file at `path`, and follows links; `None` where there is none.
pub(super) fn open(path: &Path) -> Result<Option<File>, ConfigError> {
    let opened = (|| {
        // Checked also before opening, as opening another user's pipe would block until that user opens it.
        check(&fs::metadata(path)?)?;
        let file = File::open(path)?;
        check(&file.metadata()?)?;
        Ok(file)
    })();
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(Refusal::BySystem(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(Refusal::BySystem(source)) => Err(ConfigError::File { path: path.to_owned(), source }),
        Err(Refusal::ByUs(why)) => Err(ConfigError::Distrusted { path: path.to_owned(), why }),
    }
}

/// Reason for which a file was not opened.
enum Refusal {
    ByUs(Distrust),
    BySystem(io::Error),
}

impl From<Distrust> for Refusal {
    fn from(why: Distrust) -> Self {
        Self::ByUs(why)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::BySystem(error)
    }
}

#[cfg(unix)]
fn check(metadata: &Metadata) -> Result<(), Distrust> {
    use std::os::unix::fs::MetadataExt;

    use rustix::process::{getegid, geteuid};

    let file = Ownership { owner: metadata.uid(), group: metadata.gid(), mode: metadata.mode() & 0o7777 };
    file.distrust(geteuid().as_raw(), getegid().as_raw()).map_or(Ok(()), Err)
}

#[cfg(not(unix))]
fn check(_: &Metadata) -> Result<(), Distrust> {
    Ok(())
}

#[cfg(unix)]
struct Ownership {
    owner: u32,
    group: u32,
    mode: u32,
}

#[cfg(unix)]
impl Ownership {
    /// Returns the reason for which a process of this user and primary group does not use the file.
    fn distrust(&self, user: u32, primary_group: u32) -> Option<Distrust> {
        const ROOT: u32 = 0;
        let Self { owner, group, mode } = *self;
        if owner != user && owner != ROOT {
            return Some(Distrust::ForeignOwner { owner, user });
        }
        if mode & 0o002 != 0 {
            return Some(Distrust::WritableByAll { mode });
        }
        (mode & 0o020 != 0 && group != primary_group).then_some(Distrust::WritableByGroup { group, mode })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const ROOT: u32 = 0;
    const ME: u32 = 1000;
    const OTHER: u32 = 1001;

    fn distrust(owner: u32, group: u32, mode: u32, user: u32) -> Option<Distrust> {
        Ownership { owner, group, mode }.distrust(user, user)
    }

    #[test]
    fn a_file_of_this_user_or_of_root_is_used() {
        // Modes under umask 002, and of a ConfigMap that Kubernetes mounts.
        for (owner, group, mode, user) in [
            (ME, ME, 0o600, ME),
            (ME, ME, 0o664, ME),
            (ME, OTHER, 0o644, ME),
            (ROOT, ROOT, 0o644, ME),
            (ROOT, OTHER, 0o644, ME),
            (ROOT, ROOT, 0o664, ROOT),
        ] {
            assert_eq!(distrust(owner, group, mode, user), None, "{owner} {group} {mode:o} {user}");
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_not() {
        assert_eq!(distrust(OTHER, ROOT, 0o400, ROOT), Some(Distrust::ForeignOwner { owner: OTHER, user: ROOT }));
        assert_eq!(distrust(OTHER, ME, 0o600, ME), Some(Distrust::ForeignOwner { owner: OTHER, user: ME }));
        assert_eq!(distrust(ME, ME, 0o666, ME), Some(Distrust::WritableByAll { mode: 0o666 }));
        assert_eq!(distrust(ROOT, ROOT, 0o602, ROOT), Some(Distrust::WritableByAll { mode: 0o602 }));
        assert_eq!(distrust(ME, OTHER, 0o660, ME), Some(Distrust::WritableByGroup { group: OTHER, mode: 0o660 }));
        assert_eq!(distrust(ROOT, ROOT, 0o664, ME), Some(Distrust::WritableByGroup { group: ROOT, mode: 0o664 }));
    }
}
