//! Settings of a [`HyperTransport`].

use std::sync::Arc;
use std::time::Duration;

use super::HyperTransport;
use super::connector::Connector;
use super::pool::Pool;
use crate::http_client::Settings;
use crate::{BuildError, Resolver};

/// Builds a [`HyperTransport`].
#[derive(Debug, Clone, Default)]
pub struct HyperTransportBuilder {
    settings: Settings,
    read_gzip: bool,
}

impl HyperTransportBuilder {
    /// Sets the time limit of a call, from connecting to the last byte of the reply. Default: 10 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Sets the time limit of connecting, TLS included. Default: 3 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Sets the cap of a reply's body in bytes. Default: 1 MiB.
    #[must_use]
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.settings.body_cap = bytes;
        self
    }

    /// Sets the trusted certificate authorities, in place of the machine's: PEM, one or more certificates.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.ca_pem = Some(pem.into());
        self
    }

    /// Sets the resolver of names, in place of the operating system's.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.settings.resolver = resolver;
        self
    }

    /// Restricts connections to [public](crate::is_public) addresses; off by default. The addresses are checked when
    /// the connection is made, so a name whose addresses change can't bypass the check. A request to another address
    /// is not sent and fails with [`NetworkFault::NotPublic`](crate::NetworkFault::NotPublic).
    #[must_use]
    pub fn public_only(mut self, public_only: bool) -> Self {
        self.settings.public_only = public_only;
        self
    }

    /// Sets whether a body in gzip is read, although none was asked for: behind a gateway that compresses unasked, a
    /// refused reply would leave the outcome of a write unknown. Off by default.
    #[must_use]
    pub fn read_gzip(mut self, read_gzip: bool) -> Self {
        self.read_gzip = read_gzip;
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// [`BuildError::Authorities`], and [`BuildError::Transport`] where the client can't be set up.
    pub fn build(self) -> Result<HyperTransport, BuildError> {
        let connector = Connector::new(&self.settings)?;
        Ok(HyperTransport { connector, pool: Pool::default(), settings: self.settings, read_gzip: self.read_gzip })
    }
}
