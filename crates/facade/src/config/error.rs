//! Errors of a configuration. No message and no Debug output holds a value.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::key::{Key, Section};
use super::{Distrust, keys};

/// The source and place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// No source gave it: the documented default holds.
    Default,
    /// In the configuration file.
    File {
        /// The file, as it was named or found.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// In the environment.
    Environment {
        /// The variable's name.
        variable: String,
    },
    /// Given by the program, such as by a command line flag.
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

/// A configuration that cannot be used, and its remedy. Nothing was sent.
///
/// It names places, keys and expectations, never a value: any value may be a secret, or one under a wrong key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The configuration file cannot be read: correct the path or the permissions.
    #[error("{}: the configuration file {}", path.display(), reading(source))]
    File {
        /// The file, as it was named or found.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The configuration file was found, not named, and others than this user and root can change it. Nothing of the
    /// file is used: name it, or move it away.
    #[error(
        "{}: the configuration file was found, not named, and {why}; to use the file, name it by WEIFEN_CONFIG or \
         --config; else move the file away",
        path.display()
    )]
    Distrusted {
        /// The file that was found.
        path: PathBuf,
        /// The user or group that can change it.
        why: Distrust,
    },
    /// The file is not valid TOML, or contains a key twice. The parser's message would quote the line and is left out.
    #[error(
        "{}:{line}:{column}: not valid TOML, or a duplicate key (the line is not shown, because it may contain a \
         secret)",
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
        /// Place of the section.
        origin: Origin,
        /// Name of the section.
        section: String,
        /// The section that was probably meant; `None` where none is similar.
        nearest: Option<&'static str>,
    },
    /// A known section has a key that does not exist.
    #[error("{origin}: unknown key {}; {}", key.escape_debug(), expected_key(origin, key, nearest))]
    UnknownKey {
        /// Place of the key.
        origin: Origin,
        /// The key as `section.name`.
        key: String,
        /// The keys that were probably meant, the most likely first.
        nearest: Vec<&'static str>,
    },
    /// A value has the wrong type, or is out of its range.
    #[error("{origin}: {key}: expected {expected}")]
    Value {
        /// Place of the value.
        origin: Origin,
        /// The key as `section.name`.
        key: &'static str,
        /// The expected value, in words.
        expected: String,
    },
    /// One source gives a secret twice, as text and as a file: remove one.
    #[error("{origin}: {key} and {other} ({other_origin}) are both set; expected only one of them")]
    BothForms {
        /// Place of the text.
        origin: Origin,
        /// The key of the text.
        key: &'static str,
        /// Place of the file's name.
        other_origin: Origin,
        /// The key of the file.
        other: &'static str,
    },
    /// Two keys read stdin: give a file for one of them.
    #[error("{origin}: {key} = \"-\": {other} ({other_origin}) reads stdin already; expected a file for one of them")]
    StdinTwice {
        /// Place of the second key.
        origin: Origin,
        /// The second key.
        key: &'static str,
        /// Place of the first key.
        other_origin: Origin,
        /// The first key.
        other: &'static str,
    },
    /// The file of a secret cannot be read: correct the path or the permissions.
    #[error("{origin}: {key}: {} {}", shown(path), reading(source))]
    SecretFile {
        /// Place of the file's name.
        origin: Origin,
        /// The key as `section.name`.
        key: &'static str,
        /// The file; `-` is stdin.
        path: PathBuf,
        /// Error of the operating system.
        source: io::Error,
    },
    /// The file of a secret contains no valid secret: correct its content.
    #[error("{origin}: {key}: {}: expected {expected}", shown(path))]
    SecretContent {
        /// Place of the file's name.
        origin: Origin,
        /// The key as `section.name`.
        key: &'static str,
        /// The file; `-` is stdin.
        path: PathBuf,
        /// The expected value, in words.
        expected: String,
    },
    /// A required key is not set in any source: set it.
    #[error("{key} is not set; expected {expected}")]
    NotSet {
        /// The key as `section.name`.
        key: &'static str,
        /// The places where it can be given.
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

    /// Returns true where the configuration file as a whole is at fault, so that nothing of it is used.
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

    /// The place of the value at fault. By it a program recognizes a flag of its own that is wrong.
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

    /// The expected value, in words.
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

/// Words for the expected key, spelled as its place spells keys: the nearest ones, else all keys of the section.
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
