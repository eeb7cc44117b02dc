//! HTTP over reqwest and rustls. Nothing else in weifen knows reqwest.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use crate::{BodyFault, BuildError, Transport, TransportError, tls_client_config};

/// How long an idle connection is kept: less than the 5 s after which common servers close theirs, so that a call
/// rarely goes out on a connection that is being closed.
const IDLE: Duration = Duration::from_secs(4);

/// Sends over HTTP/1.1, encrypted by rustls.
///
/// It follows no redirect, sends no Referer, heeds no proxy of the environment, repeats nothing, and reads no more of a
/// body than its cap, counted after decompression. Clones share their connections.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    body_cap: usize,
}

impl ReqwestTransport {
    /// A transport with the defaults of [`builder`](Self::builder).
    ///
    /// # Errors
    /// When the operating system gives no client its means.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A transport to be configured: 3 s to connect, 10 s in all, bodies of at most 1 MiB.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            body_cap: 1 << 20,
            proxy: None,
            ca_pem: None,
        }
    }

    async fn read(&self, mut reply: reqwest::Response) -> Result<Bytes, TransportError> {
        let status = reply.status();
        let bad_body = |fault| TransportError::BadBody { status, fault };
        let too_large = || bad_body(BodyFault::TooLarge { cap: self.body_cap });
        let announced = reply.content_length().unwrap_or_default();
        if announced > self.body_cap as u64 {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        loop {
            match reply.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.body_cap => return Err(too_large()),
                Ok(Some(chunk)) if body.is_empty() && chunk.len() as u64 == announced => return Ok(chunk),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body.freeze()),
                Err(error) if error.is_timeout() => return Err(TransportError::no_reply(error.without_url())),
                Err(error) if is_of_decoder(&error) => return Err(bad_body(BodyFault::Compression)),
                Err(_) => return Err(bad_body(BodyFault::CutShort)),
            }
        }
    }
}

impl std::fmt::Debug for ReqwestTransport {
    /// The client stays out: it may print a proxy's password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReqwestTransport").field("body_cap", &self.body_cap).finish_non_exhaustive()
    }
}

/// Whether the decompressor failed: below reqwest's own errors stands an IO error then, and else one of hyper's.
fn is_of_decoder(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if !error.is::<reqwest::Error>() {
            return error.is::<std::io::Error>();
        }
        source = error.source();
    }
    false
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = to_reqwest(request)?;
        let mut reply = self.client.execute(request).await.map_err(|error| {
            let nothing_sent = error.is_connect() || error.is_builder();
            let error = error.without_url();
            if nothing_sent { TransportError::not_sent(error) } else { TransportError::no_reply(error) }
        })?;
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = reply.status();
        *response.headers_mut() = std::mem::take(reply.headers_mut());
        *response.body_mut() = self.read(reply).await?;
        Ok(response)
    }
}

/// What reqwest's own conversion does, without growing the URL piece by piece.
fn to_reqwest(request: Request<Bytes>) -> Result<reqwest::Request, TransportError> {
    let (head, body) = request.into_parts();
    let mut url = String::with_capacity(512);
    write!(url, "{}", head.uri).map_err(TransportError::not_sent)?;
    let url = reqwest::Url::parse(&url).map_err(TransportError::not_sent)?;
    let mut request = reqwest::Request::new(head.method, url);
    *request.headers_mut() = head.headers;
    *request.body_mut() = Some(body.into());
    Ok(request)
}

/// Builds a [`ReqwestTransport`].
#[derive(Clone)]
pub struct ReqwestTransportBuilder {
    timeout: Duration,
    connect_timeout: Duration,
    body_cap: usize,
    proxy: Option<String>,
    ca_pem: Option<Vec<u8>>,
}

impl ReqwestTransportBuilder {
    /// How long a call may take in all, from connecting to the last byte of the reply.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take, TLS included.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How many bytes of a body are read at most, counted after decompression.
    #[must_use]
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = bytes;
        self
    }

    /// The proxy to go through, such as `http://proxy.example:3128`. The environment's proxies are not used.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// The certificate authorities to trust in the place of the machine's: PEM, one or more certificates.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// When the proxy is no URL, or the authorities' PEM holds no certificate.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        // The call's own time-out must not strike first: it can't tell whether anything was sent.
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
            .no_proxy();
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy).map_err(|e| BuildError::Proxy(Arc::new(e.without_url())))?;
            client = client.proxy(proxy);
        }
        let client = client.build().map_err(|e| BuildError::Transport(Arc::new(e)))?;
        Ok(ReqwestTransport { client, body_cap: self.body_cap })
    }
}

impl std::fmt::Debug for ReqwestTransportBuilder {
    /// The proxy stays out: its URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("body_cap", &self.body_cap)
            .finish_non_exhaustive()
    }
}
