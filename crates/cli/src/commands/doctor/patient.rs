//! The subject of the checks: the configuration with its faults, its secrets, and the transports.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;
use weifen::config::{Config, ConfigError, Examination, Origin, PrivateUrl, Provenance, Sources};
use weifen::transport::{Transport, is_past_proxy};

use super::bounded::{FILES, within};
use super::outgoing::Outgoing;
use super::trouble::Trouble;
use crate::arguments::Globals;
use crate::secret_advice;
use crate::verbose::ToldTransport;

pub(super) struct Patient {
    pub(super) examined: Examination,
    defaults: Vec<Provenance>,
    /// The file that `--config` names.
    pub(super) config_flag: Option<PathBuf>,
    /// Timeout of a check's waits.
    pub(super) limit: Duration,
    pub(super) weiting_secret: SecretState<SecretString>,
    pub(super) app_secret: SecretState<SecretString>,
    pub(super) push_secrets: SecretState<Vec<SecretString>>,
    pub(super) deliver_secret: SecretState<()>,
    pub(super) outgoing: Outgoing,
}

/// A secret, or its state.
#[derive(Clone)]
pub(super) enum SecretState<T> {
    NotSet,
    /// It comes from stdin, which is not read.
    Stdin,
    Read(T),
    Unusable(Trouble),
}

/// Shows nothing of the secret.
impl<T> fmt::Debug for SecretState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Patient {
    pub(super) async fn new(examined: Examination, globals: &Globals) -> Self {
        let config = examined.config.clone();
        let limit = config.http.timeout;
        let (weiting, fensi, push, deliver) = (config.clone(), config.clone(), config.clone(), config.clone());
        let (weiting_secret, app_secret, push_secrets, deliver_secret, mut outgoing) = tokio::join!(
            read(&examined, "weiting.secret_file", move || weiting.weiting.secret()),
            read(&examined, "fensi.app_secret_file", move || fensi.fensi.app_secret()),
            read(&examined, "serve.push_secret_file", move || push.serve.push_secrets()),
            read(&examined, "serve.deliver_secret_file", move || deliver.serve.deliver_secret().map(drop)),
            Outgoing::prepare(&config.http),
        );
        if globals.verbose > 0 {
            let told = |transport| Arc::new(ToldTransport::new(transport)) as Arc<dyn Transport>;
            outgoing.transport = outgoing.transport.map(told);
        }
        Self {
            defaults: Sources::new().examine().keys,
            config_flag: globals.config.clone(),
            limit,
            weiting_secret,
            app_secret,
            push_secrets,
            deliver_secret,
            outgoing,
            examined,
        }
    }

    pub(super) fn config(&self) -> &Config {
        &self.examined.config
    }

    /// The proxy through which `url` is reached.
    pub(super) fn proxy_towards(&self, url: &str) -> Option<&PrivateUrl> {
        self.config().http.proxy.as_ref().filter(|proxy| !is_past_proxy(url, proxy.expose()))
    }

    /// The origin of `key`.
    pub(super) fn origin(&self, key: &str) -> &Origin {
        let known = self.examined.keys.iter().find(|known| known.key == key);
        known.map_or(&Origin::Default, |known| &known.origin)
    }

    /// Returns true if `key` differs from its default: a file may spell out every key.
    pub(super) fn is_set(&self, key: &str) -> bool {
        let value = |keys: &[Provenance]| keys.iter().find(|known| known.key == key)?.value.clone();
        let is_secret = ["weiting.secret", "fensi.app_secret"].contains(&key);
        let is_other = is_secret || value(&self.examined.keys) != value(&self.defaults);
        *self.origin(key) != Origin::Default && is_other || self.examined.is_at_fault(key)
    }

    /// Returns true if a key that begins with `prefix` is set, but for `aside`; also if a file that can't be read may
    /// set it.
    pub(super) fn uses(&self, prefix: &str, aside: &str) -> bool {
        let mut keys = self.examined.keys.iter().map(|known| known.key);
        let is_set = keys.any(|key| key.starts_with(prefix) && key != aside && self.is_set(key));
        is_set || self.examined.has_unread_file()
    }

    /// Returns true if it receives pushes. `serve.database` alone may be for booking, or for a look into the inbox.
    pub(super) fn serves(&self) -> bool {
        self.uses("serve.", "serve.database")
    }

    /// The reason why the value of `key` is unknown, if it is.
    pub(super) fn doubt(&self, key: &str) -> Option<String> {
        if self.examined.is_at_fault(key) {
            return Some(format!("{key} can't be used"));
        }
        let may_be_in_file = *self.origin(key) == Origin::Default && self.examined.has_unread_file();
        may_be_in_file.then(|| format!("{key} may be in the configuration file, which cannot be read"))
    }

    /// The deadline of a connection step that begins now, in a check that ends at `ends`.
    pub(super) fn connecting(&self, ends: Instant) -> Instant {
        ends.min(Instant::now() + self.config().http.connect_timeout)
    }
}

/// Reads a secret.
async fn read<T: Send + 'static>(
    examined: &Examination,
    file_key: &str,
    work: impl FnOnce() -> Result<T, ConfigError> + Send + 'static,
) -> SecretState<T> {
    if examined.is_at_fault(file_key) || examined.is_at_fault(file_key.trim_end_matches("_file")) {
        return unusable(format!("{file_key} can't be used"), None);
    }
    if examined.config.stdin_key() == Some(file_key) {
        return SecretState::Stdin;
    }
    revealed(file_key, work).await
}

/// Reads a secret whose settings are well.
pub(super) async fn revealed<T: Send + 'static>(
    file_key: &str,
    work: impl FnOnce() -> Result<T, ConfigError> + Send + 'static,
) -> SecretState<T> {
    match within(FILES, work).await {
        Some(Ok(secret)) => SecretState::Read(secret),
        Some(Err(ConfigError::NotSet { .. })) => SecretState::NotSet,
        Some(Err(error)) => unusable(error.to_string(), secret_advice::advice(&error)),
        None => unusable(format!("{file_key}: reading the file timed out after {} s", FILES.as_secs()), None),
    }
}

fn unusable<T>(found: String, advice: Option<String>) -> SecretState<T> {
    let otherwise = || "make sure that the file exists, is readable and contains only the secret".to_owned();
    SecretState::Unusable(Trouble::new(found, advice.unwrap_or_else(otherwise)))
}
