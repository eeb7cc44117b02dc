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
    /// `timeout_s`: of a whole call.
    pub timeout: Duration,
    /// `connect_timeout_s`: until a connection stands.
    pub connect_timeout: Duration,
    /// `body_cap`: the longest answer that is read, decoded, in bytes.
    pub body_cap: usize,
    /// `proxy`, of calls and deliveries. The environment's proxies are not used.
    pub proxy: Option<PrivateUrl>,
    /// `ca_file`: certificates to trust in the place of the machine's, as PEM; of the vendors, of whom events are
    /// delivered to, and of `rediss://`.
    pub ca_file: Option<PathBuf>,
}

impl HttpConfig {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            timeout: settings.seconds("http.timeout_s")?,
            connect_timeout: settings.seconds("http.connect_timeout_s")?,
            body_cap: settings.integer("http.body_cap")?,
            proxy: settings.parsed("http.proxy", PrivateUrl::http)?,
            ca_file: settings.path("http.ca_file")?,
        })
    }
}
