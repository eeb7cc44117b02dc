//! The user as whom root runs a server that refuses root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::server::Failure;

/// A user that isn't root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    user: u32,
    group: u32,
}

impl Account {
    /// Returns the first of these users that exists, if this process runs as root.
    pub(crate) fn instead_of_root(names: &[&str]) -> Option<Self> {
        let is_root = rustix::process::geteuid().is_root();
        names.iter().filter(|_| is_root).find_map(|name| Self::named(name))
    }

    fn named(name: &str) -> Option<Self> {
        Some(Self { user: id("-u", name)?, group: id("-g", name)? })
    }

    /// Makes this user the owner of the folder.
    pub(crate) fn take(self, folder: &Path) -> Result<(), Failure> {
        let taken = std::os::unix::fs::chown(folder, Some(self.user), Some(self.group));
        taken.map_err(Failure::to("give a temporary folder to another user"))
    }

    /// Lets the command run as this user.
    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }
}

/// Number of the user or of its group, from the machine's user database.
fn id(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
