//! Where a server's program is found on this machine.

use std::env;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Where packages put servers, which is not always in a user's search path.
const USUAL_PLACES: [&str; 4] = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/sbin"];

/// A server's program, and how one comes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// The file's name.
    pub name: &'static str,
    /// The environment variable that can name another file instead.
    pub variable: &'static str,
    /// The package of Debian and Ubuntu that brings it.
    pub debian_package: &'static str,
    /// The formula of Homebrew that brings it.
    pub homebrew_formula: &'static str,
}

/// A program that isn't there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Missing {
    /// It was looked for and is nowhere.
    #[error(
        "there is no {name} in PATH, {places}; install it (on Debian and Ubuntu `apt-get install {debian}`, with \
         Homebrew `brew install {homebrew}`), or let {variable} name the program",
        name = .0.name,
        places = USUAL_PLACES.join(", "),
        debian = .0.debian_package,
        homebrew = .0.homebrew_formula,
        variable = .0.variable
    )]
    Nowhere(Program),
    /// The environment names a file that isn't a program.
    #[error(
        "{variable} names {path}, which is no program; let it name a {name}, or unset it",
        variable = .program.variable,
        path = .path.display(),
        name = .program.name
    )]
    NoProgram {
        /// What was asked for.
        program: Program,
        /// What the environment named.
        path: PathBuf,
    },
}

impl Program {
    /// The program's absolute path: what its variable names, else the first in PATH, else in the usual places.
    ///
    /// # Errors
    ///
    /// It is not there.
    pub fn find(&self) -> Result<PathBuf, Missing> {
        if let Some(path) = env::var_os(self.variable).filter(|path| !path.is_empty()) {
            let path = PathBuf::from(path);
            return program_at(&path).ok_or(Missing::NoProgram { program: *self, path });
        }
        let search_path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&search_path).chain(USUAL_PLACES.map(PathBuf::from));
        folders.map(|folder| folder.join(self.name)).find_map(|path| program_at(&path)).ok_or(Missing::Nowhere(*self))
    }
}

/// Its absolute path, if a file that can be run stands there: a server is started in a folder of its own.
fn program_at(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    is_program(&path).then_some(path)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.extension() == Some(std::ffi::OsStr::new("exe")) && path.is_file()
}
