//! Text for a POSIX shell: words, and the name of this program.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::{env, fs};

const NAME: &str = "weifen";

/// The word that starts this program: its name if `PATH` leads to it, else its path.
pub(crate) fn this_program() -> String {
    let running = env::current_exe().and_then(fs::canonicalize);
    match &running {
        Ok(running) if !is_in_path(running) => {
            running.to_str().map_or_else(|| NAME.to_owned(), |path| word(path).into())
        }
        _ => NAME.to_owned(),
    }
}

/// Quotes `text` as one word, if it needs that.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', r"'\''")).into()
}

/// True where the first `weifen` of `PATH` is `running`. A relative folder does not count: it differs elsewhere.
fn is_in_path(running: &Path) -> bool {
    let name = format!("{NAME}{}", env::consts::EXE_SUFFIX);
    let folders: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let first = folders.into_iter().map(|folder| folder.join(&name)).find(|program| program.is_file());
    first.is_some_and(|first| first.is_absolute() && fs::canonicalize(first).is_ok_and(|first| first == running))
}
