//! Settings of a transport over HTTP.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Resolver;
use super::names::{Names, SystemResolver};

/// Time that an idle connection is kept. It is less than the 5 s of common servers, so that a call is rarely sent on a
/// connection that the server is closing.
pub(crate) const IDLE: Duration = Duration::from_secs(4);

/// `User-Agent` of every request.
pub(crate) const USER_AGENT: &str = concat!("weifen/", env!("CARGO_PKG_VERSION"));

#[derive(Clone)]
pub(crate) struct Settings {
    /// Time limit of a call, from connecting to the last byte of the reply.
    pub(crate) timeout: Duration,
    /// Time limit of connecting, TLS included.
    pub(crate) connect_timeout: Duration,
    /// Maximum length in bytes of a reply's body.
    pub(crate) body_cap: usize,
    /// Trusted authorities, in place of the machine's.
    pub(crate) ca_pem: Option<Vec<u8>>,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) public_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            body_cap: 1 << 20,
            ca_pem: None,
            resolver: Arc::new(SystemResolver),
            public_only: false,
        }
    }
}

impl Settings {
    /// Time limit of connecting that ends before the call's: the call's can't tell whether anything was sent.
    pub(crate) fn time_to_connect(&self) -> Duration {
        self.connect_timeout.min(self.timeout.mul_f64(0.9))
    }

    pub(crate) fn names(&self) -> Names {
        Names { resolver: self.resolver.clone(), public_only: self.public_only }
    }
}

impl fmt::Debug for Settings {
    /// Leaves out the authorities: anyone can pass anything there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_cap", &self.body_cap)
            .field("public_only", &self.public_only)
            .finish_non_exhaustive()
    }
}
