//! The file of a SQLite inbox: that it is private, on a local disk, and still the one that was opened.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::OpenError;

/// What a path may not hold literally in SQLite's URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// A file that was opened, and the two files that SQLite keeps its data in.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    log: PathBuf,
    opened: Mutex<Opened>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Opened {
    file: Option<Node>,
    log: Option<Node>,
}

/// Device and number of a file: two files of one name differ in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node(u64, u64);

/// The file is not the one that was opened: what is written now goes nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the file was moved, removed or replaced while it was in use; put it back")]
pub(super) struct Gone;

impl File {
    /// Makes the file where there is none and that is wanted, for its owner's eyes alone.
    pub(super) fn prepare(path: &Path, may_be_made: bool) -> Result<Self, OpenError> {
        let fault = |source| OpenError::File { path: path.to_owned(), source };
        let path = std::path::absolute(path).map_err(fault)?;
        let exists = path.try_exists().map_err(fault)?;
        if !exists && !may_be_made {
            return Err(OpenError::NoSuchFile(path));
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        if let Some(kind) = network_file_system(folder).map_err(fault)? {
            return Err(OpenError::NetworkFileSystem { path, kind });
        }
        if !exists {
            make_private(&path).map_err(fault)?;
        }
        let log = PathBuf::from(format!("{}-wal", path.to_str().ok_or_else(|| OpenError::PathNotUtf8(path.clone()))?));
        Ok(Self { path, log, opened: Mutex::default() })
    }

    /// The address under which SQLite opens it. It never makes it: an inbox that vanished is no empty inbox.
    pub(super) fn url(&self) -> String {
        format!("sqlite://{}?mode=rw", utf8_percent_encode(&self.path.to_string_lossy(), RESERVED))
    }

    /// To be told when a connection has been opened.
    pub(super) fn was_opened(&self) {
        let now = Opened { file: node(&self.path), log: node(&self.log) };
        if let Ok(mut opened) = self.opened.lock() {
            *opened = now;
        }
    }

    /// Whether what was just committed is where the next one who opens the path finds it.
    pub(super) fn check(&self) -> Result<(), Gone> {
        let Ok(mut opened) = self.opened.lock() else { return Err(Gone) };
        let log = node(&self.log);
        // It may have come into being with the first write.
        let known = *opened.log.get_or_insert(log.ok_or(Gone)?);
        if node(&self.path) == opened.file && log == Some(known) { Ok(()) } else { Err(Gone) }
    }
}

#[cfg(unix)]
fn node(path: &Path) -> Option<Node> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some(Node(metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn node(path: &Path) -> Option<Node> {
    fs::metadata(path).ok().map(|_| Node(0, 0))
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// The file systems on which SQLite's locks and shared memory don't hold.
#[cfg(target_os = "linux")]
fn network_file_system(folder: &Path) -> io::Result<Option<&'static str>> {
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
    let magic = u64::try_from(rustix::fs::statfs(folder)?.f_type).unwrap_or_default();
    Ok(NETWORKED.iter().find(|(known, _)| *known == magic).map(|(_, name)| *name))
}

#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}
