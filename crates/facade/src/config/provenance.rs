//! A configuration looked at as a whole: all that is wrong with it, and where each value comes from.
//!
//! What may be shown of a value is named key by key: a key that is not named here is not shown.

use super::error::{ConfigError, Origin};
use super::secret::Secret;
use super::{Config, Encoding, IpNet, SecondFollow, Sources, Unsolicited};

/// What [`Sources::examine`] found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// The configuration, in which every key at fault has its default.
    pub config: Config,
    /// All that is wrong, in the order of the sources.
    pub faults: Vec<ConfigError>,
    /// Every key that there is.
    pub keys: Vec<Provenance>,
}

/// Where a key's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provenance {
    /// The key as `section.name`.
    pub key: &'static str,
    /// The value in use, as it may be shown; of a secret's file its name, `-` where that is stdin. `None` where there is none, where it is a
    /// secret, and where what was given is at fault, as that may be a secret under a wrong key.
    pub value: Option<String>,
    /// Where it was given.
    pub origin: Origin,
}

impl Sources {
    /// Reads all sources like [`load`](Self::load), and goes on where something is wrong. Secrets are not read.
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
            Provenance { key, value: is_in_use.then(|| config.shown(key)).flatten(), origin }
        };
        let keys = origins.into_iter().map(shown).collect();
        Examination { config, faults, keys }
    }
}

impl Examination {
    /// Whether what was given for `key` is at fault, in either form of a secret.
    pub fn is_at_fault(&self, key: &str) -> bool {
        let names = |fault: &ConfigError| match fault {
            ConfigError::BothForms { key: text, other, .. } => *text == key || *other == key,
            fault => fault.key() == Some(key),
        };
        self.faults.iter().any(names)
    }

    /// Whether there is a configuration file that can't be read: what it says is not known.
    pub fn has_unread_file(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, ConfigError::File { .. } | ConfigError::Syntax { .. }))
    }
}

impl Config {
    /// The value in use, as it may be shown.
    fn shown(&self, key: &str) -> Option<String> {
        let Self { weiting, fensi, http, serve, .. } = self;
        Some(match key {
            "weiting.base_url" => weiting.base_url.clone(),
            "weiting.appid" => weiting.appid().ok()?.to_owned(),
            "weiting.secret_file" => file_of(&weiting.secret)?,
            "weiting.plaintext" => weiting.plaintext.to_string(),
            "weiting.user_path" => weiting.user_path.clone()?,
            "weiting.encoding" => encoding(weiting.encoding),
            "weiting.token_store" => weiting.token_store.as_ref()?.to_string(),
            "weiting.token_life_s" => weiting.token_life.as_secs().to_string(),
            "weiting.refresh_before_s" => weiting.refresh_before.as_secs().to_string(),
            "weiting.daily_limit" => weiting.daily_limit.to_string(),
            "fensi.base_url" => fensi.base_url.clone(),
            "fensi.develop_appid" => fensi.develop_appid().ok()?.to_owned(),
            "fensi.app_secret_file" => file_of(&fensi.app_secret)?,
            "fensi.key" => fensi.key().ok()?.to_owned(),
            "fensi.encoding" => encoding(fensi.encoding),
            "fensi.plaintext" => fensi.plaintext.to_string(),
            "http.timeout_s" => http.timeout.as_secs().to_string(),
            "http.connect_timeout_s" => http.connect_timeout.as_secs().to_string(),
            "http.body_cap" => http.body_cap.to_string(),
            "http.proxy" => http.proxy.as_ref()?.to_string(),
            "http.ca_file" => http.ca_file.as_ref()?.display().to_string(),
            "serve.listen" => serve.listen.to_string(),
            "serve.admin_listen" => serve.admin_listen.to_string(),
            "serve.database" => serve.database.to_string(),
            "serve.push_secret_file" => file_of(&serve.push_secrets)?,
            "serve.keys" => serve.keys.join(", "),
            "serve.unsolicited" => match serve.unsolicited {
                Unsolicited::Hold => "hold".to_owned(),
                Unsolicited::Pay => "pay".to_owned(),
                Unsolicited::Drop => "drop".to_owned(),
            },
            "serve.second_follow" => match serve.second_follow {
                SecondFollow::Ignore => "ignore".to_owned(),
                SecondFollow::PerState => "per_state".to_owned(),
            },
            "serve.undecodable_status" => serve.undecodable_status.to_string(),
            "serve.allow_ips" => networks(&serve.allow_ips),
            "serve.trusted_proxies" => networks(&serve.trusted_proxies),
            "serve.deliver_url" => serve.deliver_url.as_ref()?.to_string(),
            "serve.deliver_secret_file" => file_of(&serve.deliver_secret)?,
            "serve.deliver_public_only" => serve.deliver_public_only.to_string(),
            "serve.deliver_timeout_s" => serve.deliver_timeout.as_secs_f64().to_string(),
            "serve.lease_s" => serve.lease.as_secs().to_string(),
            "serve.give_up_after_s" => serve.give_up_after.as_secs().to_string(),
            "serve.max_attempts" => serve.max_attempts.to_string(),
            "serve.backoff_base_ms" => serve.backoff_base.as_millis().to_string(),
            "serve.drain_s" => serve.drain.as_secs().to_string(),
            _ => return None,
        })
        .filter(|value| !value.is_empty())
    }
}

fn file_of(secret: &Secret) -> Option<String> {
    secret.file_name().map(|path| path.display().to_string())
}

fn encoding(encoding: Encoding) -> String {
    match encoding {
        Encoding::Form => "form",
        Encoding::Json => "json",
        Encoding::Get => "get",
    }
    .to_owned()
}

fn networks(networks: &[IpNet]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
