//! A file system for one test, small enough to be filled.

use std::io;
use std::path::Path;

use tempfile::TempDir;

/// An empty file system of 8 MiB in a temporary folder. Dropping it unmounts it.
#[derive(Debug)]
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts a new file system.
    ///
    /// # Errors
    ///
    /// This process may not mount a file system: only root on Linux may, and not in every container.
    pub fn mount() -> io::Result<Self> {
        let folder = TempDir::new()?;
        mount(folder.path())?;
        Ok(Self(folder))
    }

    /// Returns its folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Open files stay usable; for all others the folder is gone.
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
