//! Settings of a [`ReqwestTransport`].

use std::sync::Arc;
use std::time::Duration;

use super::names::{Names, Resolver, SystemResolver};
use super::{ReqwestTransport, proxy};
use crate::{BuildError, tls_client_config};

/// Time that an idle connection is kept. It is less than the 5 s of common servers, so that a call is rarely sent on a
/// connection that the server is closing.
const IDLE: Duration = Duration::from_secs(4);

/// Builds a [`ReqwestTransport`].
#[derive(Clone)]
pub struct ReqwestTransportBuilder {
    timeout: Duration,
    connect_timeout: Duration,
    body_cap: usize,
    proxy: Option<String>,
    ca_pem: Option<Vec<u8>>,
    resolver: Arc<dyn Resolver>,
    public_only: bool,
}

impl Default for ReqwestTransportBuilder {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            body_cap: 1 << 20,
            proxy: None,
            ca_pem: None,
            resolver: Arc::new(SystemResolver),
            public_only: false,
        }
    }
}

impl ReqwestTransportBuilder {
    /// Sets the time limit of a call, from connecting to the last byte of the reply. Default: 10 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time limit of connecting, TLS included. Default: 3 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the cap of a reply's body in bytes, counted after decompression. Default: 1 MiB.
    #[must_use]
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// Sets the proxy, such as `http://proxy.example:3128`. The environment's proxies are not used. A proxy on another
    /// machine is [bypassed](crate::is_past_proxy) for calls to this one.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Sets the trusted certificate authorities, in place of the machine's: PEM, one or more certificates.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// Sets the resolver of names, in place of the operating system's.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Restricts connections to [public](crate::is_public) addresses; off by default. The addresses are checked when
    /// the connection is made, so a name whose addresses change can't bypass the check. A request to another address
    /// is not sent and fails with [`NetworkFault::NotPublic`](crate::NetworkFault::NotPublic).
    #[must_use]
    pub fn public_only(mut self, public_only: bool) -> Self {
        self.public_only = public_only;
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// [`BuildError::Proxy`], [`BuildError::Authorities`], [`BuildError::ProxyHidesAddresses`] for public addresses
    /// only together with a proxy, and [`BuildError::Transport`] where the client can't be set up.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        if self.public_only && self.proxy.is_some() {
            return Err(BuildError::ProxyHidesAddresses);
        }
        // The call's timeout must not fire first: it can't tell whether anything was sent.
        let connect_timeout = self.connect_timeout.min(self.timeout.mul_f64(0.9));
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_client_config(self.ca_pem.as_deref())?)
            .user_agent(concat!("weifen/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .timeout(self.timeout)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .dns_resolver(Names { resolver: self.resolver, public_only: self.public_only })
            .no_proxy();
        if let Some(proxy) = &self.proxy {
            client = client.proxy(proxy::for_all(proxy)?);
        }
        let client = client.build().map_err(|e| BuildError::Transport(Arc::new(e)))?;
        let proxy = self.proxy.map(Arc::from);
        Ok(ReqwestTransport { client, body_cap: self.body_cap, proxy, public_only: self.public_only })
    }
}

impl std::fmt::Debug for ReqwestTransportBuilder {
    /// Leaves out the proxy: its URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_cap", &self.body_cap)
            .field("public_only", &self.public_only)
            .finish_non_exhaustive()
    }
}
