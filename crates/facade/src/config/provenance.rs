//! Examines a configuration as a whole: all of its faults, and the origin of each value.

use super::error::{ConfigError, Origin};
use super::keys;
use super::settings::Settings;
use super::{Config, Sources};

/// Result of [`Sources::examine`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// The configuration, in which every key at fault has its default.
    pub config: Config,
    /// All faults, in the order of the sources.
    pub faults: Vec<ConfigError>,
    /// All known keys, set or not.
    pub keys: Vec<Provenance>,
}

/// The value of a key, and its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provenance {
    /// The key as `section.name`.
    pub key: &'static str,
    /// The value in use, as it may be shown; for a secret's file its name, or `-` for stdin. `None` where there is
    /// none, where it is a secret, and where the given value is at fault, as it may be a secret under a wrong key.
    pub value: Option<String>,
    /// The source that gave it.
    pub origin: Origin,
}

impl Sources {
    /// Reads all sources like [`load`](Self::load), but goes on after a fault. Secrets are not read.
    ///
    /// ```
    /// use weifen::config::Sources;
    ///
    /// let text = "[http]\ntimeout_s = 0\nproxi = ''\n[fensi]\nkey = 'device'\n";
    /// let examined = Sources::new().toml("weifen.toml", text).examine();
    /// assert_eq!(examined.faults.len(), 2);
    /// assert_eq!(examined.config.fensi.key()?, "device");
    /// # Ok::<(), weifen::config::ConfigError>(())
    /// ```
    pub fn examine(self) -> Examination {
        let gathered = self.gather();
        let (mut settings, mut faults) = (gathered.settings, gathered.faults);
        let origins = settings.origins();
        let config = loop {
            match Config::read(&settings, gathered.file.clone()) {
                Ok(config) => break config,
                Err(fault) => {
                    settings.forget(fault.key());
                    faults.push(fault);
                }
            }
        };
        let shown = |(key, origin): (&'static str, Origin)| {
            let is_in_use = config.origin(key) == Some(&origin);
            Provenance { key, value: is_in_use.then(|| config.shown(key, &settings)).flatten(), origin }
        };
        let keys = origins.into_iter().map(shown).collect();
        Examination { config, faults, keys }
    }
}

impl Examination {
    /// Returns true where the given value of `key` is at fault, in either form of a secret.
    pub fn is_at_fault(&self, key: &str) -> bool {
        let names = |fault: &ConfigError| match fault {
            ConfigError::BothForms { key: text, other, .. } => *text == key || *other == key,
            fault => fault.key() == Some(key),
        };
        self.faults.iter().any(names)
    }

    /// Returns true where a configuration file exists, but could not be read or parsed, so that nothing of it is used.
    pub fn has_unread_file(&self) -> bool {
        self.faults.iter().any(ConfigError::is_of_file)
    }
}

impl Config {
    /// The value in use, as it may be shown.
    fn shown(&self, key: &'static str, settings: &Settings) -> Option<String> {
        match key {
            // The defaults of these follow from another key.
            "serve.keys" => Some(self.serve.keys.join(", ")).filter(|keys| !keys.is_empty()),
            "serve.deliver_timeout_s" => Some(self.serve.deliver_timeout.as_secs_f64().to_string()),
            _ => settings.shown(keys::row(key)),
        }
    }
}
