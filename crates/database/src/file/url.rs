//! URLs for SQLite to open a file.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that a path may not hold literally in SQLite's URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// The URL for SQLite to open a file.
pub fn url(path: &Path, parameters: &str) -> String {
    format!("sqlite://{}?{parameters}", escaped(path))
}

/// The name for SQLite to attach a file that nobody writes. Nothing is made beside it.
pub fn unchanging_uri(path: &Path) -> String {
    format!("file:{}?mode=ro&immutable=1", escaped(path))
}

/// The URL for SQLite to read a file by itself. Nothing else is opened, locked or written.
pub fn alone(path: &Path) -> String {
    url(path, "mode=ro&immutable=true")
}

/// The URL for SQLite to read a file and its log through the log's index, which it does not write.
pub(super) fn beside_others(path: &Path) -> String {
    // sqlx knows no such parameter, so SQLite gets a URI as the file's name.
    let uri = format!("file:{}?readonly_shm=1", escaped(path));
    format!("sqlite:{}?mode=ro", utf8_percent_encode(&uri, NON_ALPHANUMERIC))
}

fn escaped(path: &Path) -> String {
    utf8_percent_encode(&path.to_string_lossy(), RESERVED).to_string()
}
