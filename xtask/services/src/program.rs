//! Finds a server's program on this machine.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A server's program, and the package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// The file's name.
    pub name: &'static str,
    /// The environment variable that can name another file instead.
    pub variable: &'static str,
    /// The package of Debian and Ubuntu that brings it.
    pub debian_package: &'static str,
    /// Its versions, where several are installed side by side; they are searched before PATH, from the newest on.
    pub versions: Option<Versions>,
}

/// The versions of a program, each in `FOLDER/NUMBER/bin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The folder of them all.
    pub folder: &'static str,
    /// The lowest accepted number.
    pub oldest: u32,
}

/// A program that is missing: set its variable, install it, or leave out the tests that need it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Missing {
    /// It is in none of the searched folders.
    #[error(
        "there is no {name} in {places}; install it (on Debian and Ubuntu `apt-get install {package}`), or let \
         {variable} name the program",
        name = .0.name,
        places = .0.places(),
        package = .0.debian_package,
        variable = .0.variable
    )]
    Nowhere(Program),
    /// The environment variable names a file that is no program.
    #[error("{} names {}, which is no program; let it name a {}, or unset it", .0.variable, .1.display(), .0.name)]
    NoProgram(Program, PathBuf),
}

impl Program {
    /// Returns the program's absolute path: the one in its variable, else that of its newest version, else the first
    /// one in PATH.
    ///
    /// # Errors
    ///
    /// The program is missing.
    pub fn find(&self) -> Result<PathBuf, Missing> {
        if let Some(path) = env::var_os(self.variable).filter(|path| !path.is_empty()) {
            let path = PathBuf::from(path);
            return program_at(&path).ok_or(Missing::NoProgram(*self, path));
        }
        let search_path = env::var_os("PATH").unwrap_or_default();
        let mut folders = self.versions.map_or_else(Vec::new, Versions::folders);
        folders.extend(env::split_paths(&search_path));
        folders.iter().find_map(|folder| program_at(&folder.join(self.name))).ok_or(Missing::Nowhere(*self))
    }

    fn places(&self) -> String {
        let versions = self.versions.map(|Versions { folder, oldest }| format!("{folder}/*/bin ({oldest} or newer), "));
        versions.unwrap_or_default() + "PATH"
    }
}

impl Versions {
    /// Returns the folders of the accepted versions on this machine, the newest first.
    fn folders(self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.file_name()));
        let numbers = names.filter_map(|name| name.to_str()?.parse().ok());
        let mut numbers: Vec<u32> = numbers.filter(|number| *number >= self.oldest).collect();
        numbers.sort_unstable();
        numbers.iter().rev().map(|number| Path::new(self.folder).join(number.to_string()).join("bin")).collect()
    }
}

/// Returns the absolute path of an executable file, since a server starts in another folder; `None` for anything else.
fn program_at(path: &Path) -> Option<PathBuf> {
    let metadata = path.metadata().ok()?;
    let is_program = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
    std::path::absolute(path).ok().filter(|_| is_program)
}
