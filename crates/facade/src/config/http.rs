//! `[http]`: timeouts, proxy and certificates of requests.

use std::path::PathBuf;
use std::time::Duration;

use super::address::PrivateUrl;
use super::error::ConfigError;
use super::settings::Settings;

/// `[http]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpConfig {
    /// `timeout_s` of a whole call, with its retries.
    pub timeout: Duration,
    /// `connect_timeout_s`: time until a connection is open.
    pub connect_timeout: Duration,
    /// `body_cap`: largest decoded body of an answer, in bytes.
    pub body_cap: usize,
    /// `proxy`, of calls and deliveries. The environment's proxies are not used.
    pub proxy: Option<PrivateUrl>,
    /// `ca_file`: certificate authorities in PEM, trusted instead of the machine's for the vendors, the receiver of
    /// events and `rediss://`.
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
