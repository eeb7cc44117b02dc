//! Marks of files, by the file system's metadata: which file it is, and whether its content has changed.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// Marks of a database's files at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    pub(super) main: Mark,
    pub(super) log: Option<Mark>,
    pub(super) index: Option<Node>,
}

/// Fingerprint of a file and its content, from its metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub(super) node: Node,
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    modified: u64,
}

impl Mark {
    pub(super) fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// True where the content is the same. Some file systems keep whole seconds only, once a file has left the cache.
    pub(super) fn has_bytes_of(&self, other: &Self) -> bool {
        const SECOND: u64 = 1_000_000_000;
        let [one, two] = [self.modified, other.modified];
        let is_whole = one % SECOND == 0 || two % SECOND == 0;
        self.size == other.size && (one == two || (is_whole && one / SECOND == two / SECOND))
    }
}

impl Opened {
    pub(super) fn are_the_files_of(&self, other: &Self) -> bool {
        let nodes = |opened: &Self| (opened.main.node, opened.log.map(|log| log.node), opened.index);
        nodes(self) == nodes(other)
    }
}

/// Device and inode of a file: a file that replaced another differs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node(u64, u64);

/// Returns the mark of a file; `None` where there is none.
pub(super) fn mark(path: &Path) -> Option<Mark> {
    let metadata = fs::metadata(path).ok()?;
    let modified = metadata.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let modified = u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX);
    Some(Mark { node: node(&metadata), size: metadata.len(), modified })
}

#[cfg(unix)]
fn node(metadata: &Metadata) -> Node {
    use std::os::unix::fs::MetadataExt;
    Node(metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn node(_: &Metadata) -> Node {
    Node(0, 0)
}
