//! The layered values, read one key at a time. Each reader checks type and range, and names the expected value in its
//! error. The file's values are typed; environment and program give text that is parsed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::address;
use super::error::{ConfigError, Origin};
use super::key::{Key, Kind, Preset};
use super::keys::{self, KEYS};
use super::written_path::{PathFault, is_quoted, written_path};
use super::{DatabaseUrl, PrivateUrl, TokenStoreUrl};

/// A value as its source gave it. No `Debug`: it may be a secret.
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<String>),
    /// A float, a date, a table, a list of anything but texts: no key takes it.
    Other,
}

/// A value and its origin. No `Debug`: it may be a secret.
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// Reader for `-`: stdin, unless a caller gives another.
pub(super) type Stdin = Arc<Mutex<Box<dyn Read + Send>>>;

/// All values that were given. No `Debug`: they may be secrets.
pub(super) struct Settings {
    given: BTreeMap<&'static str, Setting>,
    /// Values of each table of a section that repeats, with the section's name.
    tables: Vec<(&'static str, Settings)>,
    home: Option<OsString>,
    pub(super) stdin: Stdin,
}

impl Settings {
    pub(super) fn new(given: BTreeMap<&'static str, Setting>, home: Option<OsString>, stdin: Stdin) -> Self {
        Self { given, tables: Vec::new(), home, stdin }
    }

    /// Adds a table of a section that repeats.
    pub(super) fn add_table(&mut self, section: &'static str, given: BTreeMap<&'static str, Setting>) {
        self.tables.push((section, Self::new(given, self.home.clone(), Arc::clone(&self.stdin))));
    }

    /// The tables of a section that repeats, in their order.
    pub(super) fn tables(&self, section: &'static str) -> impl Iterator<Item = &Self> {
        self.tables.iter().filter(move |(name, _)| *name == section).map(|(_, table)| table)
    }

    /// These settings, and those of each table.
    pub(super) fn with_tables(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.tables.iter().map(|(_, table)| table))
    }

    pub(super) fn origin(&self, key: &str) -> Origin {
        let given = self.given.get(key);
        given.map_or(Origin::Default, |setting| setting.origin.clone())
    }

    /// The origin of every key that has one value.
    pub(super) fn origins(&self) -> Vec<(&'static str, Origin)> {
        keys::single().map(|key| (key.name, self.origin(key.name))).collect()
    }

    /// Removes the given value of `key`, with all tables of a section that repeats; all values, where there is none.
    pub(super) fn forget(&mut self, key: Option<&str>) {
        let tables = self.tables.len();
        let section = key.and_then(keys::find).map(Key::section);
        self.tables.retain(|(name, _)| section != Some(name));
        if self.tables.len() == tables && key.and_then(|key| self.given.remove(key)).is_none() {
            self.given.clear();
            self.tables.clear();
        }
    }

    /// Returns a text, or the default's.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<&str>, ConfigError> {
        match (self.given.get(key).map(|setting| &setting.value), &keys::row(key).default) {
            (Some(Value::Text(text)), _) => Ok(Some(text)),
            (Some(_), _) => Err(self.unexpected(key)),
            (None, Preset::Text(text)) => Ok(Some(text)),
            (None, _) => Ok(None),
        }
    }

    /// Returns the text as `parse` reads it; an error where `parse` gives `None`.
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        self.text(key)?.map(|text| parse(text).ok_or_else(|| self.unexpected(key))).transpose()
    }

    /// As [`parsed`](Self::parsed), for a key that has a default.
    pub(super) fn value<T>(&self, key: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ConfigError> {
        self.parsed(key, parse)?.ok_or_else(|| self.unexpected(key))
    }

    /// Returns the value that belongs to one of a few words.
    #[cfg(any(feature = "weiting", feature = "fensi"))]
    pub(super) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Result<T, ConfigError> {
        self.value(key, |text| words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value))
    }

    /// Returns the value that belongs to one of a few numbers.
    #[cfg(feature = "inbox")]
    pub(super) fn number<T: Copy>(&self, key: &'static str, numbers: &[(i64, T)]) -> Result<T, ConfigError> {
        let given = self.integer::<i64>(key)?;
        let known = numbers.iter().find(|(number, _)| *number == given).map(|(_, value)| *value);
        known.ok_or_else(|| self.unexpected(key))
    }

    /// Checks each key with a fixed set of values, even where its feature is off.
    pub(super) fn check_choices(&self) -> Result<(), ConfigError> {
        for key in &KEYS {
            match key.kind {
                Kind::Word(words) => drop(self.parsed(key.name, |text| words.contains(&text).then_some(()))?),
                Kind::Number(_) => drop(self.integer::<i64>(key.name)?),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn path(&self, key: &'static str) -> Result<Option<PathBuf>, ConfigError> {
        self.text(key)?.map(|text| self.resolved(key, text)).transpose()
    }

    /// Returns the path of a value `prefix:PATH`; `None` for any other value.
    pub(super) fn path_after(&self, key: &'static str, prefix: &str) -> Result<Option<PathBuf>, ConfigError> {
        let Ok(Some(text)) = self.text(key) else { return Ok(None) };
        address::path_after(text, prefix).map(|path| self.resolved(key, path)).transpose()
    }

    /// Resolves a path: in the file it is relative to the file's folder, and `~/` is this user's home.
    pub(super) fn resolved(&self, key: &'static str, path: &str) -> Result<PathBuf, ConfigError> {
        let refused =
            |fault: PathFault| ConfigError::Value { origin: self.origin(key), key, expected: fault.to_string() };
        let path = written_path(Path::new(path), self.home.as_deref()).map_err(refused)?;
        Ok(match self.origin(key) {
            Origin::File { path: file, .. } => file.parent().unwrap_or(Path::new("")).join(path),
            _ => path,
        })
    }

    pub(super) fn integer<T: TryFrom<i64>>(&self, key: &'static str) -> Result<T, ConfigError> {
        let row = keys::row(key);
        let number = match (self.given.get(key), &row.default) {
            (Some(Setting { value: Value::Integer(number), .. }), _) | (None, Preset::Integer(number)) => Some(*number),
            (Some(setting @ Setting { value: Value::Text(text), .. }), _) if setting.is_untyped() => text.parse().ok(),
            _ => None,
        };
        let is_in_range = |number: &i64| match row.kind {
            Kind::Integer { least, most, .. } => (least..=most).contains(number),
            Kind::Number(numbers) => numbers.contains(number),
            _ => false,
        };
        let number = number.filter(is_in_range).and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| self.unexpected(key))
    }

    /// As [`integer`](Self::integer), for a key that has no default.
    pub(super) fn integer_if_given<T: TryFrom<i64>>(&self, key: &'static str) -> Result<Option<T>, ConfigError> {
        self.given.contains_key(key).then(|| self.integer(key)).transpose()
    }

    pub(super) fn seconds(&self, key: &'static str) -> Result<Duration, ConfigError> {
        self.integer(key).map(Duration::from_secs)
    }

    pub(super) fn boolean(&self, key: &'static str) -> Result<bool, ConfigError> {
        match (self.given.get(key), &keys::row(key).default) {
            (Some(Setting { value: Value::Boolean(truth), .. }), _) | (None, Preset::Boolean(truth)) => Ok(*truth),
            (Some(setting @ Setting { value: Value::Text(text), .. }), _) if setting.is_untyped() => {
                text.parse().map_err(|_| self.unexpected(key))
            }
            _ => Err(self.unexpected(key)),
        }
    }

    /// Returns a list as `parse` reads its elements; empty elements are left out.
    pub(super) fn list<T>(&self, key: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, ConfigError> {
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
            .ok_or_else(|| self.unexpected(key))
    }

    /// The value in use, as it may be shown: no secret, and only scheme and host of a URL that may hold one.
    pub(super) fn shown(&self, key: &'static Key) -> Option<String> {
        let name = key.name;
        match key.kind {
            Kind::Secret => None,
            Kind::SecretFile if self.text(name).ok()? == Some("-") => Some("-".to_owned()),
            Kind::Path | Kind::SecretFile => self.path(name).ok()?.map(|path| path.display().to_string()),
            Kind::Text | Kind::Word(_) | Kind::BaseUrl | Kind::UrlPath | Kind::Address => {
                self.text(name).ok()?.map(str::to_owned)
            }
            Kind::Url => self.parsed(name, PrivateUrl::http).ok()?.map(|url| url.to_string()),
            Kind::TokenStore => TokenStoreUrl::read(self, name).ok()?.map(|store| store.to_string()),
            Kind::Database => DatabaseUrl::read(self, name).ok().map(|database| database.to_string()),
            Kind::Integer { .. } | Kind::Number(_) => self.integer::<i64>(name).ok().map(|number| number.to_string()),
            Kind::Boolean => self.boolean(name).ok().map(|truth| truth.to_string()),
            Kind::Texts | Kind::Words(_) | Kind::Networks => {
                let texts = self.list(name, |text| Some(text.to_owned())).ok()?;
                (!texts.is_empty()).then(|| texts.join(", "))
            }
        }
    }

    /// Error of a value that its key's row does not allow.
    pub(super) fn unexpected(&self, key: &'static str) -> ConfigError {
        self.wrong(key, &keys::row(key).kind.expected())
    }

    /// Error of a value with the expected one in words; a hint is added for quotes or white space around a text.
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
    /// Returns true where only text can be given: by environment and program. In the file, types count.
    fn is_untyped(&self) -> bool {
        !matches!(self.origin, Origin::File { .. })
    }
}
