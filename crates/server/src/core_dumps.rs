//! What a crash may leave behind: a file with the memory of the process holds its secrets.

use std::io;

/// Keeps the system from writing this process's memory into a file, and other processes of this user from reading it.
///
/// # Errors
/// When the system refuses the setting.
#[cfg(unix)]
pub(crate) fn forbid() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    setrlimit(Resource::Core, Rlimit { current: Some(0), ..getrlimit(Resource::Core) })?;
    // The limit does not count where a program takes the file by a pipe.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Does nothing: elsewhere a crash leaves no such file by default.
#[cfg(not(unix))]
pub(crate) fn forbid() -> io::Result<()> {
    Ok(())
}
