//! `[http]`: how requests go out.

use std::path::PathBuf;
use std::time::Duration;

use super::address::PrivateUrl;
use super::error::ConfigError;
use super::settings::Settings;

/// `[http]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpConfig {
    /// `timeout_s`: of a whole call; default 10 s.
    pub timeout: Duration,
    /// `connect_timeout_s`: until a connection stands; default 3 s.
    pub connect_timeout: Duration,
    /// `body_cap`: the longest answer that is read, decoded, in bytes; default 1 MiB.
    pub body_cap: usize,
    /// `proxy`, of calls and deliveries; default none. The environment's proxies are not used.
    pub proxy: Option<PrivateUrl>,
    /// `ca_file`: certificates to trust in the place of the machine's, as PEM; of the vendors, of whom events are
    /// delivered to, and of `rediss://`.
    pub ca_file: Option<PathBuf>,
}

impl HttpConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            timeout: settings.seconds("http.timeout_s", 10, 1..=3600)?,
            connect_timeout: settings.seconds("http.connect_timeout_s", 3, 1..=3600)?,
            body_cap: settings.integer("http.body_cap", 1 << 20, 1024..=1 << 30)?,
            proxy: settings.parsed("http.proxy", "an http or https URL", |text| {
                PrivateUrl::parse(text, &["http", "https"], true)
            })?,
            ca_file: settings.path("http.ca_file")?,
        })
    }
}
