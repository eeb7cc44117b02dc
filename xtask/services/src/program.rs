//! Finds a server's program on this machine.

use std::cmp::Reverse;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

/// Folders into which packages install servers, not always in a user's search path.
const USUAL_PLACES: [&str; 4] = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/sbin"];

/// A server's program, and the packages that bring it.
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
    /// The versions that are accepted; none: any.
    pub versions: Option<&'static Versions>,
}

/// The accepted versions of a program whose versions are installed side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The lowest major version.
    pub oldest: u32,
    /// Folders of one version each, with a `*` for the major version. They are searched first, from the newest on.
    pub folders: &'static [&'static str],
}

/// A program that is missing: set its variable, install it, or leave out the tests that need it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Missing {
    /// It is in none of the searched folders.
    #[error("there is no {name} in {places}; {how}", name = .0.name, places = .0.places(), how = .0.how_to_have_it())]
    Nowhere(Program),
    /// The environment variable names a file that is no program.
    #[error(
        "{variable} names {path}, which is no program; let it name a {name}, or unset it",
        variable = .program.variable,
        path = .path.display(),
        name = .program.name
    )]
    NoProgram {
        /// The program that is needed.
        program: Program,
        /// The file that the variable names.
        path: PathBuf,
    },
    /// The program found is too old.
    #[error(
        "{path} calls itself {says:?}, and it takes a {name} of version {oldest} or newer; {how}",
        path = .path.display(),
        name = .program.name,
        oldest = .program.oldest(),
        how = .program.how_to_have_it()
    )]
    TooOld {
        /// The program that is needed.
        program: Program,
        /// The program found.
        path: PathBuf,
        /// Its answer to `--version`.
        says: Box<str>,
    },
}

impl Program {
    /// Returns the program's absolute path: the one in its variable, else the first accepted one in the folders of its
    /// versions, in PATH, in the usual places.
    ///
    /// # Errors
    ///
    /// The program is missing, or too old.
    pub fn find(&self) -> Result<PathBuf, Missing> {
        if let Some(path) = env::var_os(self.variable).filter(|path| !path.is_empty()) {
            let path = PathBuf::from(path);
            let path = program_at(&path).ok_or(Missing::NoProgram { program: *self, path })?;
            return self.if_new_enough(path);
        }
        let search_path = env::var_os("PATH").unwrap_or_default();
        let folders = self.version_folders().into_iter();
        let folders = folders.chain(env::split_paths(&search_path)).chain(USUAL_PLACES.map(PathBuf::from));
        let mut missing = None;
        for path in folders.filter_map(|folder| program_at(&folder.join(self.name))) {
            match self.if_new_enough(path) {
                Ok(path) => return Ok(path),
                Err(too_old) => missing = missing.or(Some(too_old)),
            }
        }
        Err(missing.unwrap_or(Missing::Nowhere(*self)))
    }

    fn if_new_enough(&self, path: PathBuf) -> Result<PathBuf, Missing> {
        if self.versions.is_none() {
            return Ok(path);
        }
        let says = version_line(&path);
        if major_version(&says).is_some_and(|version| version >= self.oldest()) {
            return Ok(path);
        }
        Err(Missing::TooOld { program: *self, path, says: says.into() })
    }

    fn oldest(&self) -> u32 {
        self.versions.map_or(0, |versions| versions.oldest)
    }

    /// Returns the folders of its versions on this machine, the newest first.
    fn version_folders(&self) -> Vec<PathBuf> {
        self.patterns().iter().flat_map(|pattern| folders_like(pattern).unwrap_or_default()).collect()
    }

    fn patterns(&self) -> &'static [&'static str] {
        self.versions.map_or(&[], |versions| versions.folders)
    }

    fn places(&self) -> String {
        [self.patterns(), &["PATH"], &USUAL_PLACES].concat().join(", ")
    }

    fn how_to_have_it(&self) -> String {
        format!(
            "install it (on Debian and Ubuntu `apt-get install {}`, with Homebrew `brew install {}`), or let {} name the \
             program",
            self.debian_package, self.homebrew_formula, self.variable
        )
    }
}

/// Returns the folders that match a pattern such as `/usr/lib/postgresql/*/bin`, by their number, the highest first.
fn folders_like(pattern: &str) -> Option<Vec<PathBuf>> {
    let (before, after) = pattern.split_once('*')?;
    let (parent, prefix) = before.rsplit_once('/')?;
    let number = |name: &str| name.strip_prefix(prefix)?.parse::<u32>().ok();
    let names = Path::new(parent).read_dir().ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut numbers: Vec<u32> = names.filter_map(|name| number(&name)).collect();
    numbers.sort_by_key(|number| Reverse(*number));
    Some(numbers.into_iter().map(|number| format!("{before}{number}{after}").into()).collect())
}

/// Returns the first line of a program's answer to `--version`; an empty text if there is none.
fn version_line(path: &Path) -> String {
    let output = Command::new(path).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned()
}

/// Returns the 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-0)`, or of `postgres (PostgreSQL) 15beta1`.
fn major_version(line: &str) -> Option<u32> {
    let word = line.split(' ').find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    word.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Returns the absolute path of an executable file, since a server starts in another folder; `None` for anything else.
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
