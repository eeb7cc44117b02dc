//! The user that root has run a server which refuses root.

use std::path::Path;
use std::process::Command;

use crate::server::Failure;

/// A user that isn't root.
#[cfg(unix)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    user: u32,
    group: u32,
}

#[cfg(unix)]
impl Account {
    /// The first of these users that the machine has, if this process is root's.
    pub(crate) fn instead_of_root(names: &[&str]) -> Option<Self> {
        let is_root = rustix::process::geteuid().is_root();
        names.iter().filter(|_| is_root).find_map(|name| Self::named(name))
    }

    fn named(name: &str) -> Option<Self> {
        Some(Self { user: id("-u", name)?, group: id("-g", name)? })
    }

    /// Makes the folder this user's.
    pub(crate) fn take(self, folder: &Path) -> Result<(), Failure> {
        let taken = std::os::unix::fs::chown(folder, Some(self.user), Some(self.group));
        taken.map_err(Failure::to("give a temporary folder to another user"))
    }

    /// Has this user run the command.
    pub(crate) fn run(self, command: &mut Command) {
        use std::os::unix::process::CommandExt;
        command.uid(self.user).gid(self.group);
    }
}

/// The user's number or its group's, from wherever the machine has its users.
#[cfg(unix)]
fn id(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// There is no root elsewhere.
#[cfg(not(unix))]
#[derive(Debug, Clone, Copy)]
pub(crate) enum Account {}

#[cfg(not(unix))]
impl Account {
    pub(crate) fn instead_of_root(_names: &[&str]) -> Option<Self> {
        None
    }

    pub(crate) fn take(self, _folder: &Path) -> Result<(), Failure> {
        match self {}
    }

    pub(crate) fn run(self, _command: &mut Command) {
        match self {}
    }
}
