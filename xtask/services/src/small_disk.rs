//! A file system of a test's own, small enough to be filled.

use std::io;
use std::path::Path;

use tempfile::TempDir;

/// An empty file system of 8 MiB in a temporary folder. Dropping it takes it away.
#[derive(Debug)]
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one.
    ///
    /// # Errors
    ///
    /// This process may not mount a file system: root may, though not in every container, and only on Linux.
    pub fn mount() -> io::Result<Self> {
        let folder = TempDir::new()?;
        mount(folder.path())?;
        Ok(Self(folder))
    }

    /// The folder that it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What uses it still may go on; the folder is gone for everybody else.
        #[cfg(target_os = "linux")]
        let _ = rustix::mount::unmount(self.path(), rustix::mount::UnmountFlags::DETACH);
    }
}

#[cfg(target_os = "linux")]
fn mount(folder: &Path) -> io::Result<()> {
    use rustix::mount::{MountFlags, mount};
    Ok(mount("tmpfs", folder, "tmpfs", MountFlags::empty(), c"size=8m")?)
}

#[cfg(not(target_os = "linux"))]
fn mount(_folder: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
