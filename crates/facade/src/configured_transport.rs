//! Makes the transport of calls from `[http]`, and that of deliveries from `[http]` and `[serve]`.

use std::sync::Arc;

use weifen_transport::Transport;

use crate::config::HttpConfig;
use crate::{Config, SetupError};

impl HttpConfig {
    /// Returns the transport that `[http]` describes.
    ///
    /// # Errors
    /// `[http]` has an invalid value, `ca_file` can't be read, or this crate has no transport for it: `reqwest` can do
    /// all, `hyper` all but a proxy.
    pub fn transport(&self) -> Result<Arc<dyn Transport>, SetupError> {
        self.reaching(false)
    }

    /// Returns the same, for a program that makes many calls: over hyper's client, at about half the cost of a call,
    /// where no proxy is set.
    ///
    /// # Errors
    /// As of [`transport`](Self::transport).
    #[cfg(feature = "hyper")]
    pub fn lean_transport(&self) -> Result<Arc<dyn Transport>, SetupError> {
        if self.proxy.is_some() { self.transport() } else { self.over_hyper(false) }
    }

    #[cfg(feature = "reqwest")]
    fn reaching(&self, public_only: bool) -> Result<Arc<dyn Transport>, SetupError> {
        let mut builder = weifen_transport::ReqwestTransport::builder()
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            .body_cap(self.body_cap)
            .public_only(public_only);
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.expose());
        }
        if let Some(pem) = self.ca_pem()? {
            builder = builder.ca_pem(pem);
        }
        let transport = builder.build().map_err(|source| SetupError::Build { section: "http", source })?;
        Ok(Arc::new(transport))
    }

    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    fn reaching(&self, public_only: bool) -> Result<Arc<dyn Transport>, SetupError> {
        if self.proxy.is_some() {
            return Err(SetupError::Build { section: "http", source: weifen_transport::BuildError::NoProxy });
        }
        self.over_hyper(public_only)
    }

    #[cfg(feature = "hyper")]
    fn over_hyper(&self, public_only: bool) -> Result<Arc<dyn Transport>, SetupError> {
        let failed = |source| SetupError::Build { section: "http", source };
        let mut builder = weifen_transport::HyperTransport::builder()
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            .body_cap(self.body_cap)
            .read_gzip(true)
            .public_only(public_only);
        if let Some(pem) = self.ca_pem()? {
            builder = builder.ca_pem(pem);
        }
        Ok(Arc::new(builder.build().map_err(failed)?))
    }

    #[cfg(not(any(feature = "hyper", feature = "reqwest")))]
    fn reaching(&self, _: bool) -> Result<Arc<dyn Transport>, SetupError> {
        Err(SetupError::Build { section: "http", source: weifen_transport::BuildError::NoTransport })
    }

    /// The certificates of `ca_file`, if it is set.
    #[cfg(any(feature = "hyper", feature = "reqwest", all(feature = "redis", feature = "weiting")))]
    pub(crate) fn ca_pem(&self) -> Result<Option<Vec<u8>>, SetupError> {
        let Some(path) = &self.ca_file else { return Ok(None) };
        let pem = std::fs::read(path).map_err(|source| SetupError::CaFile { path: path.clone(), source })?;
        Ok(Some(pem))
    }
}

impl Config {
    /// Returns the transport that posts events: that of `[http]`, with the timeout `serve.deliver_timeout_s`, and
    /// limited to public addresses where `serve.deliver_public_only` is set.
    ///
    /// # Errors
    /// As of [`HttpConfig::transport`]; also where `http.proxy` is set together with `serve.deliver_public_only`.
    pub fn delivery_transport(&self) -> Result<Arc<dyn Transport>, SetupError> {
        let http = HttpConfig { timeout: self.serve.deliver_timeout, ..self.http.clone() };
        http.reaching(self.serve.deliver_public_only)
    }
}
