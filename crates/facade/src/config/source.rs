//! Sources of values: the file, over it the environment, over that the program. Each value records its source.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Origin};
use super::key::Section;
use super::keys;
use super::service_links::tells_of_a_service;
use super::settings::{Setting, Settings, Value};
use super::written_path::written_path;
use super::{Config, FILE_NAME, Scope, found_file, spelling, text_file};

/// Largest size of a configuration file, in bytes. A longer one is a wrong file.
const LONGEST: u64 = 1 << 20;

/// The sources of a configuration, lowest first: a file, the environment, the program.
///
/// [`Sources::new`] has none of them and reads neither the process nor the disk, so that a library's or a test's
/// configuration has only what it was given. The command line uses [`Sources::from_process_env`].
///
/// An empty text sets nothing in any source: the source below it holds.
///
/// ```
/// use weifen::config::Sources;
///
/// let config = Sources::new()
///     .toml("weifen.toml", "[http]\ntimeout_s = 20\nproxy = ''\n")
///     .environment([("WEIFEN_WEITING_APPID", "wt-1"), ("HOME", "/root")])
///     .set("http.timeout_s", "5")
///     .load()?;
/// assert_eq!(config.http.timeout.as_secs(), 5);
/// assert_eq!(config.weiting.appid()?, "wt-1");
/// assert!(config.http.proxy.is_none());
/// # Ok::<(), weifen::config::ConfigError>(())
/// ```
pub struct Sources {
    file: File,
    environment: Vec<(OsString, OsString)>,
    program: Vec<(String, String)>,
    only_caller: Option<Layer>,
    stdin: Box<dyn Read + Send>,
}

enum File {
    None,
    Text { path: PathBuf, text: String },
    Named(PathBuf),
    Searched { folder: PathBuf },
}

/// The values of one source.
type Layer = BTreeMap<&'static str, Setting>;

/// The values of each table of a section that repeats, with the section's name.
type Tables = Vec<(&'static str, Layer)>;

impl Sources {
    /// Returns no sources: every key has its default.
    pub fn new() -> Self {
        Self {
            file: File::None,
            environment: Vec::new(),
            program: Vec::new(),
            only_caller: None,
            stdin: Box::new(io::stdin()),
        }
    }

    /// Returns this process's environment, and the file that `WEIFEN_CONFIG` names, else `./weifen.toml` if there is
    /// one; see [`search`](Self::search).
    pub fn from_process_env() -> Self {
        Self::new().environment(std::env::vars_os()).search(".")
    }

    /// Reads this file, which must exist, and searches for none. `~/` is the `HOME` of the environment that was given.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = File::Named(path.into());
        self
    }

    /// Takes `text` as the content of the file `path`, which is not read. Errors name `path`, and relative paths in
    /// `text` are relative to its folder.
    #[must_use]
    pub fn toml(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.file = File::Text { path: path.into(), text: text.into() };
        self
    }

    /// Reads the file that `WEIFEN_CONFIG` names in the given environment, which must exist; else `weifen.toml` in
    /// `folder`, which need not. It is an error ([`ConfigError::Distrusted`]) if that one belongs to another user or
    /// others can write it: it could name the host that secrets are sent to.
    #[must_use]
    pub fn search(mut self, folder: impl Into<PathBuf>) -> Self {
        self.file = File::Searched { folder: folder.into() };
        self
    }

    /// Reads `WEIFEN_SECTION_KEY` from these variables. All that name no known section are ignored, and so are the
    /// service variables of Kubernetes (`WEIFEN_SERVE_PORT=tcp://…`). Lists are separated by commas. Relative paths
    /// are relative to the current directory. A path's `~/` is the `HOME` of these variables, in every source.
    #[must_use]
    pub fn environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        self.environment = variables.map(|(name, value)| (name.into(), value.into())).collect();
        self
    }

    /// Sets `section.key` above file and environment, written as in an environment variable: for
    /// command line flags.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.program.push((key.into(), value.into()));
        self
    }

    /// Lets one program use the API, with every scope and by the key in this file, in the place of those that the
    /// configuration file names.
    #[must_use]
    pub fn only_caller(mut self, name: impl Into<String>, key_file: impl Into<String>) -> Self {
        let scopes = Scope::ALL.map(|scope| scope.as_str().to_owned()).to_vec();
        let mut caller = Layer::new();
        for (key, value) in [
            ("api.callers.name", Value::Text(name.into())),
            ("api.callers.key_file", Value::Text(key_file.into())),
            ("api.callers.scopes", Value::List(scopes)),
        ] {
            add(&mut caller, key, value, Origin::Program);
        }
        self.only_caller = Some(caller);
        self
    }

    /// Sets the reader for `-`, instead of the process's stdin.
    #[must_use]
    pub fn stdin(mut self, reader: impl Read + Send + 'static) -> Self {
        self.stdin = Box::new(reader);
        self
    }

    /// Reads all sources and checks every value. Secrets are not read yet.
    ///
    /// # Errors
    /// The first fault: a source that can't be read or parsed, an unknown section or key, or an invalid value.
    pub fn load(self) -> Result<Config, ConfigError> {
        let gathered = self.gather();
        match gathered.faults.into_iter().next() {
            Some(fault) => Err(fault),
            None => Config::read(&gathered.settings, gathered.file),
        }
    }

    /// Reads all sources, and goes on after a fault.
    pub(super) fn gather(self) -> Gathered {
        let mut faults = Vec::new();
        let environment = environment_layer(&self.environment, &mut faults);
        let program = program_layer(&self.program, &mut faults);
        let (mut layer, mut tables) = (Layer::new(), Tables::new());
        let mut file = None;
        match self.file.read(&self.environment) {
            Ok(Some((path, text))) => {
                (layer, tables) = file_layers(&path, &text, &mut faults);
                file = Some(path);
            }
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
        put_over(&mut layer, environment);
        put_over(&mut layer, program);
        if let Some(caller) = self.only_caller {
            tables.retain(|(section, _)| *section != "api.callers");
            tables.push(("api.callers", caller));
        }
        let home = variable(&self.environment, "HOME").map(OsStr::to_owned);
        let mut settings = Settings::new(layer, home, Arc::new(Mutex::new(self.stdin)));
        for (section, table) in tables {
            settings.add_table(section, table);
        }
        Gathered { settings, file, faults }
    }
}

/// Values of all sources, without those that are at fault by themselves.
pub(super) struct Gathered {
    pub(super) settings: Settings,
    /// The file that was read.
    pub(super) file: Option<PathBuf>,
    pub(super) faults: Vec<ConfigError>,
}

impl Default for Sources {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

impl File {
    /// The path and the text of the file, where there is one.
    fn read(self, environment: &[(OsString, OsString)]) -> Result<Option<(PathBuf, String)>, ConfigError> {
        let (path, file) = match self {
            Self::None => return Ok(None),
            Self::Text { path, text } => return Ok(Some((path, text))),
            Self::Named(path) => open_named(path, environment)?,
            Self::Searched { folder } => {
                if let Some(path) = variable(environment, "WEIFEN_CONFIG") {
                    open_named(path.into(), environment)?
                } else {
                    let path = folder.join(FILE_NAME);
                    let Some(file) = found_file::open(&path)? else { return Ok(None) };
                    (path, file)
                }
            }
        };
        match text_file::read(file, LONGEST) {
            Ok(text) => Ok(Some((path, text))),
            Err(source) => Err(ConfigError::File { path, source }),
        }
    }
}

/// The value of a variable that is not empty.
fn variable<'a>(environment: &'a [(OsString, OsString)], name: &str) -> Option<&'a OsStr> {
    let (_, value) = environment.iter().find(|(known, value)| known == name && !value.is_empty())?;
    Some(value)
}

/// Opens the file that somebody named. Its owner is not checked: naming it is trust.
fn open_named(path: PathBuf, environment: &[(OsString, OsString)]) -> Result<(PathBuf, fs::File), ConfigError> {
    let path = written_path(&path, variable(environment, "HOME"))
        .map_err(|fault| ConfigError::File { path, source: io::Error::other(format!("expected {fault}")) })?;
    match fs::File::open(&path) {
        Ok(file) => Ok((path, file)),
        Err(source) => Err(ConfigError::File { path, source }),
    }
}

fn environment_layer(variables: &[(OsString, OsString)], faults: &mut Vec<ConfigError>) -> Layer {
    let mut layer = Layer::new();
    for (name, value) in variables {
        let variable = name.to_string_lossy().into_owned();
        let key = spelling::key_of(&variable);
        if !matches!(key, Some(Ok(_))) && value.to_str().is_some_and(|value| tells_of_a_service(&variable, value)) {
            continue;
        }
        let Some(key) = key else {
            if let Some(section) = spelling::misspelt_section(&variable) {
                faults.push(unknown_section(Origin::Environment { variable }, &section));
            }
            continue;
        };
        let origin = Origin::Environment { variable };
        match (key, value.to_str()) {
            (Ok(key), Some(text)) => add(&mut layer, key, Value::Text(text.to_owned()), origin),
            (Ok(key), None) => faults.push(ConfigError::Value { origin, key, expected: "UTF-8 text".to_owned() }),
            (Err(key), _) => faults.push(unknown_key(origin, key)),
        }
    }
    one_form_only(layer, faults)
}

fn program_layer(values: &[(String, String)], faults: &mut Vec<ConfigError>) -> Layer {
    let mut layer = Layer::new();
    for (key, text) in values {
        let section = key.split('.').next().unwrap_or_default();
        match keys::single().find(|known| known.name == key) {
            Some(known) => add(&mut layer, known.name, Value::Text(text.clone()), Origin::Program),
            None if keys::section(section).is_some() => faults.push(unknown_key(Origin::Program, key.clone())),
            None => faults.push(unknown_section(Origin::Program, section)),
        }
    }
    one_form_only(layer, faults)
}

fn file_layers(path: &Path, text: &str, faults: &mut Vec<ConfigError>) -> (Layer, Tables) {
    let (mut layer, mut tables) = (Layer::new(), Tables::new());
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            faults.push(syntax_error(path, text, &error));
            return (layer, tables);
        }
    };
    let origin = |span: Range<usize>| Origin::File { path: path.to_owned(), line: position(text, span.start).0 };
    for (section, content) in document.get_ref() {
        let (at, name) = (origin(section.span()), section.get_ref().as_ref());
        let Some(known) = keys::section(name).filter(|section| !section.repeats) else {
            faults.push(unknown_section(at, name));
            continue;
        };
        let DeValue::Table(table) = content.get_ref() else {
            faults.push(no_section(at, known));
            continue;
        };
        for (key, value) in table {
            let (at, name) = (origin(key.span()), format!("{}.{}", known.name, key.get_ref()));
            let Some(inner) = keys::section(&name) else {
                add_known(&mut layer, known, name, value.get_ref(), at, faults);
                continue;
            };
            match value.get_ref() {
                DeValue::Table(table) if !inner.repeats => add_table(&mut layer, inner, table, &origin, faults),
                DeValue::Array(items) if inner.repeats => {
                    for item in items {
                        let DeValue::Table(table) = item.get_ref() else {
                            faults.push(no_section(origin(item.span()), inner));
                            continue;
                        };
                        let mut layer = Layer::new();
                        add_table(&mut layer, inner, table, &origin, faults);
                        tables.push((inner.name, layer));
                    }
                }
                _ => faults.push(no_section(at, inner)),
            }
        }
    }
    (one_form_only(layer, faults), tables)
}

/// Adds the keys of a table inside another section.
fn add_table(
    layer: &mut Layer,
    section: &Section,
    table: &DeTable<'_>,
    origin: &dyn Fn(Range<usize>) -> Origin,
    faults: &mut Vec<ConfigError>,
) {
    for (key, value) in table {
        let name = format!("{}.{}", section.name, key.get_ref());
        add_known(layer, section, name, value.get_ref(), origin(key.span()), faults);
    }
}

/// Adds the value of a key in `section`, if there is such a key.
fn add_known(
    layer: &mut Layer,
    section: &Section,
    name: String,
    value: &DeValue<'_>,
    origin: Origin,
    faults: &mut Vec<ConfigError>,
) {
    match keys::of_section(section.name).find(|known| known.name == name) {
        Some(known) => add(layer, known.name, plain(value), origin),
        None => faults.push(unknown_key(origin, name)),
    }
}

fn no_section(origin: Origin, section: &'static Section) -> ConfigError {
    ConfigError::Value { origin, key: section.name, expected: format!("a section, {}", section.heading()) }
}

/// Converts a TOML value to the types that keys use.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Other,
        },
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| item.get_ref().as_str());
            match texts.map(|text| text.map(str::to_owned)).collect() {
                Some(texts) => Value::List(texts),
                None => Value::Other,
            }
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => Value::Other,
    }
}

/// Adds a value; an empty text sets nothing.
fn add(layer: &mut Layer, key: &'static str, value: Value, origin: Origin) {
    if !matches!(&value, Value::Text(text) if text.is_empty()) {
        layer.insert(key, Setting { value, origin });
    }
}

/// Puts a layer over another. A secret in the upper layer replaces both forms of it below.
fn put_over(lower: &mut Layer, upper: Layer) {
    for (text, file) in keys::two_forms() {
        if upper.contains_key(text) || upper.contains_key(file) {
            lower.remove(text);
            lower.remove(file);
        }
    }
    lower.extend(upper);
}

/// Removes both forms of a secret that is given in both, and reports a fault.
fn one_form_only(mut layer: Layer, faults: &mut Vec<ConfigError>) -> Layer {
    for (key, other) in keys::two_forms() {
        if !(layer.contains_key(key) && layer.contains_key(other)) {
            continue;
        }
        if let (Some(text), Some(file)) = (layer.remove(key), layer.remove(other)) {
            faults.push(ConfigError::BothForms { origin: text.origin, key, other_origin: file.origin, other });
        }
    }
    layer
}

fn unknown_section(origin: Origin, section: &str) -> ConfigError {
    ConfigError::UnknownSection { origin, nearest: spelling::nearest_section(section), section: section.to_owned() }
}

fn unknown_key(origin: Origin, key: String) -> ConfigError {
    ConfigError::UnknownKey { origin, nearest: spelling::nearest_keys(&key), key }
}

fn syntax_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    ConfigError::Syntax { path: path.to_owned(), line, column }
}

/// Line and column, counted from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}
