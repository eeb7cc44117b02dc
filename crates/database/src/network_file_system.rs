//! The file systems on which a SQLite database is refused.

use std::io;
use std::path::Path;

use super::OpenError;

/// Refuses a file on a network file system.
pub(super) fn refuse_network(place: &Path, file: &Path) -> Result<(), OpenError> {
    match network_file_system(place) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => Err(OpenError::NetworkFileSystem { path: file.to_owned(), kind }),
        Err(source) => Err(OpenError::at(file, source)),
    }
}

/// Returns the file system's name if SQLite's locks and shared memory don't hold on it.
#[cfg(target_os = "linux")]
fn network_file_system(place: &Path) -> io::Result<Option<&'static str>> {
    const NETWORKED: [(u64, &str); 10] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xfe53_4d42, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0x7461_636f, "OCFS2"),
        (0x0116_1970, "GFS2"),
        (0x00c3_6400, "Ceph"),
        (0x0bd0_0bd0, "Lustre"),
        (0x5346_414f, "AFS"),
        (0x0102_1997, "9P"),
    ];
    let magic = u64::try_from(rustix::fs::statfs(place)?.f_type).unwrap_or_default();
    Ok(NETWORKED.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name))
}

#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}
