//! The addresses under which SQLite opens a file.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that a path may not hold literally in SQLite's URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// The address under which SQLite opens a file.
pub(crate) fn url(path: &Path, parameters: &str) -> String {
    format!("sqlite://{}?{parameters}", escaped(path))
}

/// The name by which SQLite attaches a file that nobody writes, and makes nothing beside it.
pub(crate) fn unchanging_uri(path: &Path) -> String {
    format!("file:{}?mode=ro&immutable=1", escaped(path))
}

/// The address under which SQLite reads a file by itself. Nothing else is opened, and nothing locked or written.
pub(crate) fn alone(path: &Path) -> String {
    url(path, "mode=ro&immutable=true")
}

/// The address under which SQLite reads a file and its log through the log's index, which it does not write.
pub(super) fn beside_others(path: &Path) -> String {
    // sqlx knows no such parameter, so that SQLite is told by a URI in the place of the name.
    let uri = format!("file:{}?readonly_shm=1", escaped(path));
    format!("sqlite:{}?mode=ro", utf8_percent_encode(&uri, NON_ALPHANUMERIC))
}

fn escaped(path: &Path) -> String {
    utf8_percent_encode(&path.to_string_lossy(), RESERVED).to_string()
}
