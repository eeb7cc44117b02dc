//! HTTP over reqwest and rustls. Nothing else in weifen uses reqwest.

mod builder;
mod diagnosis;
mod names;
mod proxy;
mod urls;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

pub use self::builder::ReqwestTransportBuilder;
use self::diagnosis::{Way, diagnose};
pub use self::proxy::is_past_proxy;
use self::urls::Urls;
use crate::http_client::{CappedBody, is_this_machine, refuse_own_address};
use crate::{BodyFault, BuildError, RetryAfter, Transport, TransportError};

/// Sends over HTTP/1.1, encrypted by rustls.
///
/// It follows no redirect, sends no Referer, ignores the environment's proxies, repeats nothing, and reads a body only
/// up to its cap, counted after decompression. Clones share their connections.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    urls: Arc<Urls>,
    timeout: Duration,
    body_cap: usize,
    proxy: Option<Arc<str>>,
    public_only: bool,
}

impl ReqwestTransport {
    /// Creates a transport with the defaults of [`builder`](Self::builder).
    ///
    /// # Errors
    /// [`BuildError::Transport`] where the client can't be set up.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Returns a builder: 3 s to connect, 10 s in all, bodies of at most 1 MiB.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }

    fn to_reqwest(&self, request: Request<Bytes>) -> Result<reqwest::Request, TransportError> {
        let (head, body) = request.into_parts();
        let mut request = reqwest::Request::new(head.method, self.urls.url(&head.uri)?);
        *request.headers_mut() = head.headers;
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    fn way(&self, url: &reqwest::Url) -> Way {
        match &self.proxy {
            Some(proxy) if !is_past_proxy(url.as_str(), proxy) => Way::ThroughProxy,
            _ if is_this_machine(url.host_str().unwrap_or_default()) => Way::ToThisMachine,
            _ => Way::ToAnother,
        }
    }

    async fn body(
        &self,
        reply: &mut reqwest::Response,
        retry_after: Option<RetryAfter>,
    ) -> Result<Bytes, TransportError> {
        let status = reply.status();
        let bad_body = |fault| TransportError::BadBody { status, retry_after, fault };
        let mut body = CappedBody::new(self.body_cap, reply.content_length()).map_err(bad_body)?;
        while !body.is_whole() {
            match reply.chunk().await {
                Ok(Some(chunk)) => body.push(chunk).map_err(bad_body)?,
                Ok(None) => break,
                Err(error) if error.is_timeout() => return Err(TransportError::BodyTimedOut { status, retry_after }),
                Err(error) if is_of_decoder(&error) => return Err(bad_body(BodyFault::Compression)),
                Err(_) => return Err(bad_body(BodyFault::CutShort)),
            }
        }
        Ok(body.into_bytes())
    }
}

impl std::fmt::Debug for ReqwestTransport {
    /// Leaves out the client: it may print a proxy's password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReqwestTransport").field("body_cap", &self.body_cap).finish_non_exhaustive()
    }
}

/// Returns true where the decompressor failed: the cause is then an IO error, else one of hyper's.
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
        let request = self.to_reqwest(request)?;
        if self.public_only {
            // reqwest's URL has every spelling of an address in its normal form.
            refuse_own_address(request.url().host_str().unwrap_or_default())?;
        }
        let mut reply = self.client.execute(request).await.map_err(|error| {
            let way = error.url().map_or(Way::ToAnother, |url| self.way(url));
            diagnose(error, way)
        })?;
        let retry_after = RetryAfter::read(reply.headers());
        let mut response = Response::new(self.body(&mut reply, retry_after).await?);
        *response.status_mut() = reply.status();
        *response.headers_mut() = std::mem::take(reply.headers_mut());
        Ok(response)
    }

    fn time_limit(&self) -> Option<Duration> {
        Some(self.timeout)
    }
}
