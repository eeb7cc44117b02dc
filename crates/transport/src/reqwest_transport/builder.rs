//! Settings of a [`ReqwestTransport`].

use std::sync::Arc;
use std::time::Duration;

use super::{ReqwestTransport, proxy};
use crate::http_client::{IDLE, Settings, USER_AGENT};
use crate::{BuildError, Resolver, tls_client_config};

/// Builds a [`ReqwestTransport`].
#[derive(Clone, Default)]
pub struct ReqwestTransportBuilder {
    settings: Settings,
    proxy: Option<String>,
}

impl ReqwestTransportBuilder {
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

    /// Sets the cap of a reply's body in bytes, counted after decompression. Default: 1 MiB.
    #[must_use]
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.settings.body_cap = bytes;
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

    /// Builds the transport.
    ///
    /// # Errors
    /// [`BuildError::Proxy`], [`BuildError::Authorities`], [`BuildError::ProxyHidesAddresses`] for public addresses
    /// only together with a proxy, and [`BuildError::Transport`] where the client can't be set up.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        let Self { settings, proxy } = self;
        if settings.public_only && proxy.is_some() {
            return Err(BuildError::ProxyHidesAddresses);
        }
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_client_config(settings.ca_pem.as_deref())?)
            .user_agent(USER_AGENT)
            .http1_only()
            .timeout(settings.timeout)
            .connect_timeout(settings.time_to_connect())
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .dns_resolver(settings.names())
            .no_proxy();
        if let Some(proxy) = &proxy {
            client = client.proxy(proxy::for_all(proxy)?);
        }
        let client = client.build().map_err(|e| BuildError::Transport(Arc::new(e)))?;
        Ok(ReqwestTransport {
            client,
            urls: Arc::default(),
            timeout: settings.timeout,
            body_cap: settings.body_cap,
            proxy: proxy.map(Arc::from),
            public_only: settings.public_only,
        })
    }
}

impl std::fmt::Debug for ReqwestTransportBuilder {
    /// Leaves out the proxy: its URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReqwestTransportBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}
