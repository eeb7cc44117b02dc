//! Paths as people write them: `~/` is their home, which no shell expands in a file, in a variable or after a `=`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A path that is surely a mistake. It displays what is expected instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathFault {
    /// It has quotes around it, as Docker's `--env-file` passes them on.
    #[error("a path without quotes around it")]
    Quoted,
    /// It has white space or a line break around it, as in a secret that was made with `echo`.
    #[error("a path without white space or a line break around it")]
    Surrounded,
    /// It begins with `~USER`.
    #[error("an absolute path, or a path that begins with ~/ (./~NAME is a file whose name begins with ~)")]
    OtherUser,
    /// It begins with `~/`, and `HOME` is not set to a full path.
    #[error("an absolute path instead of ~/, because HOME is not an absolute path")]
    NoHome,
}

/// Reads a path as a shell does: a `~` that stands alone or before a `/` is `home`, the value of `HOME`.
///
/// # Errors
/// The path has quotes or white space around it, or a `~` that can't be expanded: as it stands it would name another
/// file, which some programs would make.
pub fn written_path(path: &Path, home: Option<&OsStr>) -> Result<PathBuf, PathFault> {
    let text = path.to_string_lossy();
    if is_quoted(&text) {
        return Err(PathFault::Quoted);
    }
    if text.trim() != text {
        return Err(PathFault::Surrounded);
    }
    let Ok(in_home) = path.strip_prefix("~") else {
        return if text.starts_with('~') { Err(PathFault::OtherUser) } else { Ok(path.to_owned()) };
    };
    let home = home.map(Path::new).filter(|home| home.is_absolute()).ok_or(PathFault::NoHome)?;
    Ok(if in_home == Path::new("") { home.to_owned() } else { home.join(in_home) })
}

/// Returns true for a text with quotes around it.
pub(super) fn is_quoted(text: &str) -> bool {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_a_shell_reads_it() {
        let table = [
            ("~/t.json", Ok("/home/bo/t.json")),
            ("~//t.json", Ok("/home/bo/t.json")),
            ("~/微厅/my inbox.db", Ok("/home/bo/微厅/my inbox.db")),
            ("~", Ok("/home/bo")),
            ("~/", Ok("/home/bo")),
            ("./~", Ok("./~")),
            ("./~/t.json", Ok("./~/t.json")),
            ("a/~/t.json", Ok("a/~/t.json")),
            ("/srv/~bo", Ok("/srv/~bo")),
            ("it's", Ok("it's")),
            ("\"half", Ok("\"half")),
            ("~bo/t.json", Err(PathFault::OtherUser)),
            ("~+/t.json", Err(PathFault::OtherUser)),
            ("~t.json", Err(PathFault::OtherUser)),
            ("\"/srv/t.json\"", Err(PathFault::Quoted)),
            ("'~/t.json'", Err(PathFault::Quoted)),
            ("/srv/t.json\n", Err(PathFault::Surrounded)),
            ("/srv/t.json\r", Err(PathFault::Surrounded)),
            (" /srv/t.json", Err(PathFault::Surrounded)),
            ("~/t.json ", Err(PathFault::Surrounded)),
        ];
        for (written, expected) in table {
            let read = written_path(Path::new(written), Some(OsStr::new("/home/bo")));
            assert_eq!(read, expected.map(PathBuf::from), "{written:?}");
        }
    }

    #[test]
    fn without_a_home_only_a_path_in_it_is_refused() {
        for home in [None, Some(""), Some("bo")].map(|home| home.map(OsStr::new)) {
            assert_eq!(written_path(Path::new("~/t.json"), home), Err(PathFault::NoHome), "{home:?}");
            assert_eq!(written_path(Path::new("t.json"), home), Ok(PathBuf::from("t.json")), "{home:?}");
        }
    }
}
