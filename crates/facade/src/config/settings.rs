//! The layered values, read one key at a time: each reader checks type and range and says what it
//! expected. What the file gives is typed; environment and program give text that is parsed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::address;
use super::error::{ConfigError, Origin};
use super::keys::KEYS;
use super::written_path::{PathFault, is_quoted, written_path};

/// A value as its source gave it. No `Debug`: it may be a secret.
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<String>),
    /// A float, a date, a table, a list of anything but texts: of no use to any key.
    Other,
}

/// A value and where it was given. No `Debug`: it may be a secret.
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What `-` reads.
pub(super) type Stdin = Arc<Mutex<Box<dyn Read + Send>>>;

/// All values that were given. No `Debug`: they may be secrets.
pub(super) struct Settings {
    given: BTreeMap<&'static str, Setting>,
    home: Option<OsString>,
    pub(super) stdin: Stdin,
}

impl Settings {
    pub(super) fn new(given: BTreeMap<&'static str, Setting>, home: Option<OsString>, stdin: Stdin) -> Self {
        Self { given, home, stdin }
    }

    pub(super) fn origin(&self, key: &str) -> Origin {
        let given = self.given.get(key);
        given.map_or(Origin::Default, |setting| setting.origin.clone())
    }

    /// The origin of every key.
    pub(super) fn origins(&self) -> Vec<(&'static str, Origin)> {
        KEYS.into_iter().map(|key| (key, self.origin(key))).collect()
    }

    /// Forgets what was given for `key`; all that was given, where that is nothing.
    pub(super) fn forget(&mut self, key: Option<&str>) {
        if key.and_then(|key| self.given.remove(key)).is_none() {
            self.given.clear();
        }
    }

    pub(super) fn text(&self, key: &'static str) -> Result<Option<&str>, ConfigError> {
        match self.given.get(key).map(|setting| &setting.value) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "a text in quotes")),
        }
    }

    /// A text that `parse` understands.
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(setting) = self.given.get(key) else {
            return Ok(None);
        };
        let parsed = match &setting.value {
            Value::Text(text) => parse(text),
            _ => None,
        };
        match parsed {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(key, expected)),
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, default: T, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let found = self.parsed(key, &format!("one of {}", all.join(", ")), |text| {
            words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
        })?;
        Ok(found.unwrap_or(default))
    }

    pub(super) fn path(&self, key: &'static str) -> Result<Option<PathBuf>, ConfigError> {
        self.text(key)?.map(|text| self.resolved(key, text)).transpose()
    }

    /// The path of `prefix:PATH`, where the value is such a text.
    pub(super) fn path_after(&self, key: &'static str, prefix: &str) -> Result<Option<PathBuf>, ConfigError> {
        let Some(Value::Text(text)) = self.given.get(key).map(|setting| &setting.value) else { return Ok(None) };
        address::path_after(text, prefix).map(|path| self.resolved(key, path)).transpose()
    }

    /// A path that the file gives is relative to the file's folder, and `~/` is this user's home.
    pub(super) fn resolved(&self, key: &'static str, path: &str) -> Result<PathBuf, ConfigError> {
        let refused =
            |fault: PathFault| ConfigError::Value { origin: self.origin(key), key, expected: fault.to_string() };
        let path = written_path(Path::new(path), self.home.as_deref()).map_err(refused)?;
        Ok(match self.origin(key) {
            Origin::File { path: file, .. } => file.parent().unwrap_or(Path::new("")).join(path),
            _ => path,
        })
    }

    pub(super) fn integer<T: TryFrom<i64>>(
        &self,
        key: &'static str,
        default: T,
        range: RangeInclusive<i64>,
    ) -> Result<T, ConfigError> {
        let Some(setting) = self.given.get(key) else {
            return Ok(default);
        };
        let number = match &setting.value {
            Value::Integer(number) => Some(*number),
            Value::Text(text) if setting.is_untyped() => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let (least, most) = range.into_inner();
            self.wrong(key, &format!("a whole number from {least} to {most}"))
        })
    }

    pub(super) fn seconds(
        &self,
        key: &'static str,
        default: u64,
        range: RangeInclusive<i64>,
    ) -> Result<Duration, ConfigError> {
        self.integer(key, default, range).map(Duration::from_secs)
    }

    pub(super) fn boolean(&self, key: &'static str, default: bool) -> Result<bool, ConfigError> {
        let Some(setting) = self.given.get(key) else {
            return Ok(default);
        };
        match &setting.value {
            Value::Boolean(truth) => Ok(*truth),
            Value::Text(text) if setting.is_untyped() && text == "true" => Ok(true),
            Value::Text(text) if setting.is_untyped() && text == "false" => Ok(false),
            _ => Err(self.wrong(key, "true or false")),
        }
    }

    /// A list of which `parse` understands every element; empty elements are left out.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let Some(setting) = self.given.get(key) else {
            return Ok(Vec::new());
        };
        let texts: Option<Vec<&str>> = match &setting.value {
            Value::List(texts) => Some(texts.iter().map(String::as_str).collect()),
            Value::Text(text) if setting.is_untyped() => Some(text.split(',').collect()),
            _ => None,
        };
        texts
            .and_then(|texts| {
                let texts = texts.into_iter().map(str::trim);
                texts.filter(|text| !text.is_empty()).map(parse).collect()
            })
            .ok_or_else(|| self.wrong(key, expected))
    }

    pub(super) fn wrong(&self, key: &'static str, expected: &str) -> ConfigError {
        let hint = match self.given.get(key).map(|setting| &setting.value) {
            Some(Value::Text(text)) if is_quoted(text) => ", without quotes around it",
            Some(Value::Text(text)) if text.trim() != text => ", without white space or a line break around it",
            _ => "",
        };
        ConfigError::Value { origin: self.origin(key), key, expected: format!("{expected}{hint}") }
    }
}

impl Setting {
    /// Environment and program can give text only; the file's types are meant.
    fn is_untyped(&self) -> bool {
        !matches!(self.origin, Origin::File { .. })
    }
}
