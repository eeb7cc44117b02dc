//! A secret that is read only on first use, so that a command fails only on the secrets that it needs.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use super::error::{ConfigError, Origin};
use super::keys;
use super::settings::{Settings, Stdin};
use super::text_file;

/// Largest size of a secret, in bytes. A longer file is a wrong one, or endless.
const LONGEST: u64 = 64 * 1024;

/// The source of a secret, and the secret once it was read, as a pipe can be read only once.
#[derive(Clone)]
pub(super) struct Secret {
    key: &'static str,
    origin: Origin,
    source: SecretSource,
    read: Arc<Mutex<Option<SecretString>>>,
}

#[derive(Clone)]
enum SecretSource {
    Nowhere,
    Text(SecretString),
    File(PathBuf),
    Stdin(Stdin),
}

impl Secret {
    /// Returns a secret that may be given as text or as a file; sources give at most one of the two.
    pub(super) fn text_or_file(
        settings: &Settings,
        text_key: &'static str,
        file_key: &'static str,
    ) -> Result<Self, ConfigError> {
        match settings.text(text_key)? {
            Some(text) => Ok(Self::new(settings, text_key, SecretSource::Text(text.into()))),
            None => Self::file(settings, file_key),
        }
    }

    /// Returns a secret that may be given as a file only.
    pub(super) fn file(settings: &Settings, key: &'static str) -> Result<Self, ConfigError> {
        let source = match settings.text(key)? {
            None => SecretSource::Nowhere,
            Some("-") => SecretSource::Stdin(Arc::clone(&settings.stdin)),
            Some(path) => SecretSource::File(settings.resolved(key, path)?),
        };
        Ok(Self::new(settings, key, source))
    }

    fn new(settings: &Settings, key: &'static str, source: SecretSource) -> Self {
        Self { key, origin: settings.origin(key), source, read: Arc::default() }
    }

    /// Returns true where it was given, as text or as a file that is not read yet.
    pub(super) fn is_set(&self) -> bool {
        !matches!(self.source, SecretSource::Nowhere)
    }

    /// The secret, read from its file at the first call.
    pub(super) fn reveal(&self) -> Result<SecretString, ConfigError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(secret) = &*read {
            return Ok(secret.clone());
        }
        let secret = match &self.source {
            SecretSource::Nowhere => return Err(not_set(self.key)),
            SecretSource::Text(text) => text.clone(),
            SecretSource::File(path) => {
                self.content(fs::File::open(path).and_then(|file| text_file::read(file, LONGEST)))?
            }
            SecretSource::Stdin(stdin) => {
                let mut stdin = stdin.lock().unwrap_or_else(PoisonError::into_inner);
                self.content(text_file::read(&mut *stdin, LONGEST))?
            }
        };
        *read = Some(secret.clone());
        Ok(secret)
    }

    /// Returns the text without its trailing newline. An empty one, or one with a byte order mark, is refused.
    fn content(&self, text: io::Result<String>) -> Result<SecretString, ConfigError> {
        let text = text.map_err(|source| ConfigError::SecretFile {
            origin: self.origin.clone(),
            key: self.key,
            path: self.path(),
            source,
        })?;
        let secret = without_newline(&text);
        if secret.is_empty() {
            return Err(self.wrong("a secret, but it is empty"));
        }
        if secret.starts_with('\u{feff}') {
            return Err(self.wrong("no byte order mark before the secret"));
        }
        Ok(secret.into())
    }

    /// Error of a secret that was read and is invalid.
    pub(super) fn wrong(&self, expected: &str) -> ConfigError {
        ConfigError::SecretContent {
            origin: self.origin.clone(),
            key: self.key,
            path: self.path(),
            expected: expected.to_owned(),
        }
    }

    /// Error of a secret that was given without `other`, which it needs.
    pub(super) fn useless_without(&self, other: &str) -> ConfigError {
        let expected = format!("{other} as well, which is not set");
        ConfigError::Value { origin: self.origin.clone(), key: self.key, expected }
    }

    /// The file that holds it, if one does.
    pub(super) fn file_path(&self) -> Option<&Path> {
        match &self.source {
            SecretSource::File(path) => Some(path),
            _ => None,
        }
    }

    fn path(&self) -> PathBuf {
        self.file_path().map_or_else(|| PathBuf::from("-"), Path::to_owned)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            SecretSource::Nowhere => f.write_str("not set"),
            SecretSource::Text(_) => f.write_str("[redacted]"),
            SecretSource::File(_) => f.write_str("[redacted, in a file]"),
            SecretSource::Stdin(_) => f.write_str("[redacted, from stdin]"),
        }
    }
}

/// Error of a key that is needed and not set.
pub(super) fn not_set(key: &'static str) -> ConfigError {
    let (row, name) = (keys::row(key), keys::row(key).short());
    let Some(section) = keys::section(row.section()).filter(|section| !section.repeats) else {
        return ConfigError::NotSet { key, expected: format!("{name} in each [[{}]]", row.section()) };
    };
    let names = match keys::two_forms().find(|(_, file)| *file == key) {
        Some((text, _)) => format!("{name} or {}", text.rsplit('.').next().unwrap_or(text)),
        None => name.to_owned(),
    };
    let (heading, variable) = (section.heading(), row.variable());
    ConfigError::NotSet { key, expected: format!("{names} in {heading} of the configuration file, or {variable}") }
}

/// Returns the key that reads stdin, and refuses a second one.
pub(super) fn check_stdin(settings: &Settings) -> Result<Option<&'static str>, ConfigError> {
    let mut reader = None;
    for settings in settings.with_tables() {
        for key in keys::secret_files() {
            if settings.text(key)? != Some("-") {
                continue;
            }
            let origin = settings.origin(key);
            if let Some((other, other_origin)) = reader.replace((key, origin.clone())) {
                return Err(ConfigError::StdinTwice { origin, key, other_origin, other });
            }
        }
    }
    Ok(reader.map(|(key, _)| key))
}

fn without_newline(text: &str) -> &str {
    match text.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => text,
    }
}
