//! What can be wrong with a configuration. No message and no Debug output holds a value.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::key::{Key, Section};
use super::{Distrust, keys};

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nowhere: the documented default holds.
    Default,
    /// In the configuration file.
    File {
        /// The file, as it was named.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In the environment.
    Environment {
        /// The variable's name.
        variable: String,
    },
    /// By the program, a command line flag for instance.
    Program,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { variable } => write!(f, "{}", variable.escape_debug()),
            Self::Program => f.write_str("given by the program"),
        }
    }
}

/// A configuration that cannot be used, and what to do about it.
///
/// It names places, keys and expectations, never a value: any value may be a secret, or a secret
/// that was put under the wrong key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The configuration file cannot be read.
    #[error("{}: the configuration file {}", path.display(), reading(source))]
    File {
        /// The file that was named, or found.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The configuration file was found and not named, and others than this user and root can change it. None of it is
    /// used.
    #[error(
        "{}: the configuration file was found, not named, and {why}; if it is meant, name it by WEIFEN_CONFIG or \
         --config, else move it away",
        path.display()
    )]
    Distrusted {
        /// The file that was found.
        path: PathBuf,
        /// Who can change it.
        why: Distrust,
    },
    /// The file is no TOML. The parser's own words quote the line and are left out.
    #[error(
        "{}:{line}:{column}: not valid TOML, or a key given twice (the line may hold a secret and is not shown)",
        path.display()
    )]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The column in characters, counted from 1.
        column: usize,
    },
    /// The file has a section that does not exist.
    #[error("{origin}: unknown section [{}]; {}", section.escape_debug(), expected_section(*nearest))]
    UnknownSection {
        /// Where it stands.
        origin: Origin,
        /// The section's name.
        section: String,
        /// The section that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A known section has a key that does not exist.
    #[error("{origin}: unknown key {}; {}", key.escape_debug(), expected_key(origin, key, nearest))]
    UnknownKey {
        /// Where it stands.
        origin: Origin,
        /// The key as `section.name`.
        key: String,
        /// The keys that were probably meant, the likeliest first.
        nearest: Vec<&'static str>,
    },
    /// A value has the wrong type, or is out of its range.
    #[error("{origin}: {key}: expected {expected}")]
    Value {
        /// Where it stands.
        origin: Origin,
        /// The key as `section.name`.
        key: &'static str,
        /// What would be right.
        expected: String,
    },
    /// A secret is given twice in one place: as text and as a file.
    #[error("{origin}: {key} and {other} ({other_origin}) are both set; expected only one of them")]
    BothForms {
        /// Where the text stands.
        origin: Origin,
        /// The key of the text.
        key: &'static str,
        /// Where the file is named.
        other_origin: Origin,
        /// The key of the file.
        other: &'static str,
    },
    /// Two keys want to read stdin.
    #[error("{origin}: {key} = \"-\": {other} ({other_origin}) reads stdin already; expected a file for one of them")]
    StdinTwice {
        /// Where the second stands.
        origin: Origin,
        /// The key of the second.
        key: &'static str,
        /// Where the first stands.
        other_origin: Origin,
        /// The key of the first.
        other: &'static str,
    },
    /// The file of a secret cannot be read.
    #[error("{origin}: {key}: {} {}", shown(path), reading(source))]
    SecretFile {
        /// Where the file was named.
        origin: Origin,
        /// The key as `section.name`.
        key: &'static str,
        /// The file; `-` is stdin.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The file of a secret can be read, and holds none that could be right.
    #[error("{origin}: {key}: {}: expected {expected}", shown(path))]
    SecretContent {
        /// Where the file was named.
        origin: Origin,
        /// The key as `section.name`.
        key: &'static str,
        /// The file; `-` is stdin.
        path: PathBuf,
        /// What would be right.
        expected: String,
    },
    /// Something is needed now that was not given anywhere.
    #[error("{key} is not set; expected {expected}")]
    NotSet {
        /// The key as `section.name`.
        key: &'static str,
        /// Where it can be given.
        expected: String,
    },
}

impl ConfigError {
    /// The configuration file at fault, or the one that holds the key at fault.
    pub fn file(&self) -> Option<&Path> {
        match (self, self.origin()) {
            (Self::File { path, .. } | Self::Distrusted { path, .. } | Self::Syntax { path, .. }, _)
            | (_, Some(Origin::File { path, .. })) => Some(path),
            _ => None,
        }
    }

    /// The line in [`file`](Self::file), counted from 1.
    pub fn line(&self) -> Option<usize> {
        match (self, self.origin()) {
            (Self::Syntax { line, .. }, _) | (_, Some(Origin::File { line, .. })) => Some(*line),
            _ => None,
        }
    }

    /// Whether the configuration file as a whole is at fault, so that nothing of it is used.
    pub fn is_of_file(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Distrusted { .. } | Self::Syntax { .. })
    }

    /// The key at fault as `section.name`, or the name of an unknown section.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::File { .. } | Self::Distrusted { .. } | Self::Syntax { .. } => None,
            Self::UnknownSection { section: key, .. } | Self::UnknownKey { key, .. } => Some(key),
            Self::Value { key, .. }
            | Self::BothForms { key, .. }
            | Self::StdinTwice { key, .. }
            | Self::SecretFile { key, .. }
            | Self::SecretContent { key, .. }
            | Self::NotSet { key, .. } => Some(key),
        }
    }

    /// Where the value at fault was given. A caller tells by it whether a flag of its own is wrong.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::File { .. } | Self::Distrusted { .. } | Self::Syntax { .. } | Self::NotSet { .. } => None,
            Self::UnknownSection { origin, .. }
            | Self::UnknownKey { origin, .. }
            | Self::Value { origin, .. }
            | Self::BothForms { origin, .. }
            | Self::StdinTwice { origin, .. }
            | Self::SecretFile { origin, .. }
            | Self::SecretContent { origin, .. } => Some(origin),
        }
    }

    /// What was expected instead, in words.
    pub fn expected(&self) -> String {
        match self {
            Self::File { .. } | Self::SecretFile { .. } => "a readable UTF-8 file".to_owned(),
            Self::Distrusted { .. } => "a file that nobody but this user and root can change".to_owned(),
            Self::Syntax { .. } => "valid TOML".to_owned(),
            Self::UnknownSection { nearest, .. } => expected_section(*nearest),
            Self::UnknownKey { origin, key, nearest } => expected_key(origin, key, nearest),
            Self::BothForms { .. } => "only one of the two keys".to_owned(),
            Self::StdinTwice { .. } => "a file for one of the two keys".to_owned(),
            Self::Value { expected, .. } | Self::SecretContent { expected, .. } | Self::NotSet { expected, .. } => {
                expected.clone()
            }
        }
    }
}

fn reading(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() }
}

fn expected_section(nearest: Option<&str>) -> String {
    if let Some(section) = nearest.and_then(keys::section) {
        return format!("did you mean {}?", section.heading());
    }
    let all: Vec<_> = keys::SECTIONS.iter().map(Section::heading).collect();
    format!("expected one of {}", all.join(", "))
}

/// A suggestion is spelled as its place spells keys; without one, all keys of the section are named.
fn expected_key(origin: &Origin, key: &str, nearest: &[&str]) -> String {
    let spell = |key: &Key| match origin {
        Origin::Environment { .. } => key.variable(),
        _ => key.name.to_owned(),
    };
    if let Some(section) = keys::find(key).and_then(|key| keys::section(key.section())).filter(|of| of.repeats) {
        return format!("expected it in {} of the configuration file", section.heading());
    }
    if !nearest.is_empty() {
        let nearest: Vec<_> = nearest.iter().copied().filter_map(keys::find).map(spell).collect();
        return format!("did you mean {}?", nearest.join(", or "));
    }
    let (section, _) = key.rsplit_once('.').unwrap_or((key, ""));
    let all: Vec<_> = keys::of_section(section).map(spell).collect();
    format!("expected one of {}", all.join(", "))
}
