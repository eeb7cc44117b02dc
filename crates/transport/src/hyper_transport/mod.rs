//! HTTP over hyper's client and rustls. Nothing else in weifen uses hyper's client.

mod builder;
mod connector;
mod diagnosis;
mod line;
mod names;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::response::Parts;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::Client;
use tokio::time::timeout;

pub use self::builder::HyperTransportBuilder;
use self::connector::Connector;
use self::diagnosis::diagnose;
use crate::http_client::{self, CappedBody, Settings, refuse_own_address};
use crate::{BodyFault, BuildError, NetworkFault, RetryAfter, Transport, TransportError};

/// Sends over HTTP/1.1, encrypted by rustls, with hyper's own client: the lean one of the two transports.
///
/// It follows no redirect, repeats nothing, and reads a body only up to its cap. It knows no proxy, asks for no
/// compression, and refuses a body that is compressed all the same ([`BodyFault::Compressed`]). Clones share their
/// connections.
///
/// | | `HyperTransport` | `ReqwestTransport` |
/// |---|---|---|
/// | proxy | none, ever | by `proxy`; those of the environment are not used |
/// | compressed replies | not asked for, refused | gzip |
/// | redirects, repetitions, cookies | none | none |
/// | TLS, own authorities, public addresses only, times, cap | the same | the same |
/// | a request for a connection that was closed while it rested | goes to another one | may be written in vain |
/// | processor time of a call | about half | – |
///
/// A program that needs a proxy or compression takes the other; every other program can take either.
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<Connector, Full<Bytes>>,
    settings: Settings,
}

impl HyperTransport {
    /// Creates a transport with the defaults of [`builder`](Self::builder).
    ///
    /// # Errors
    /// [`BuildError::Transport`] where the client can't be set up.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Returns a builder: 3 s to connect, 10 s in all, bodies of at most 1 MiB.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }

    /// Sends the request and reads the reply; `head` is set once its head is there.
    async fn exchange(
        &self,
        request: Request<Bytes>,
        head: &mut Option<Head>,
    ) -> Result<Response<Bytes>, TransportError> {
        let target = request.uri().clone();
        let reply = self.client.request(request.map(Full::new)).await;
        let (parts, body) = reply.map_err(|error| diagnose(&error, &target))?.into_parts();
        let head = *head.insert(Head::of(&parts));
        let body = self.read(&parts.headers, body).await.map_err(|fault| head.bad_body(fault))?;
        Ok(Response::from_parts(parts, body))
    }

    async fn read(&self, headers: &HeaderMap, mut reply: Incoming) -> Result<Bytes, BodyFault> {
        if is_compressed(headers) {
            return Err(BodyFault::Compressed);
        }
        let mut body = CappedBody::new(self.settings.body_cap, reply.size_hint().exact())?;
        while !body.is_whole() {
            match reply.frame().await {
                Some(Ok(frame)) => body.push(frame.into_data().unwrap_or_default())?,
                Some(Err(_)) => return Err(BodyFault::CutShort),
                None => break,
            }
        }
        Ok(body.into_bytes())
    }
}

impl std::fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HyperTransport").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Everything of a reply's head that an error tells.
#[derive(Clone, Copy)]
struct Head {
    status: http::StatusCode,
    retry_after: Option<RetryAfter>,
}

impl Head {
    fn of(parts: &Parts) -> Self {
        Self { status: parts.status, retry_after: RetryAfter::read(&parts.headers) }
    }

    fn bad_body(self, fault: BodyFault) -> TransportError {
        TransportError::BadBody { status: self.status, retry_after: self.retry_after, fault }
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if self.settings.public_only {
            refuse_own_address(request.uri().host().unwrap_or_default())?;
        }
        if let Some(host) = host(request.uri()) {
            request.headers_mut().entry(HOST).or_insert(host);
        }
        request.headers_mut().entry(USER_AGENT).or_insert(HeaderValue::from_static(http_client::USER_AGENT));
        let mut head = None;
        let outcome = timeout(self.settings.timeout, self.exchange(request, &mut head)).await;
        outcome.unwrap_or_else(|_| {
            Err(match head {
                Some(Head { status, retry_after }) => TransportError::BodyTimedOut { status, retry_after },
                None => TransportError::no_reply(NetworkFault::AnswerTimedOut),
            })
        })
    }

    fn time_limit(&self) -> Option<Duration> {
        Some(self.settings.timeout)
    }
}

/// Returns the `Host` of a target in the usual form. hyper-util makes all others, but formats each anew.
fn host(target: &Uri) -> Option<HeaderValue> {
    let authority = target.authority()?.as_str();
    let is_usual = !authority.contains('@') && !authority.ends_with(":80") && !authority.ends_with(":443");
    is_usual.then(|| HeaderValue::from_str(authority).ok()).flatten()
}

/// Returns true where a reply's body is compressed. Other words than a compression's name change nothing of a body:
/// servers write a charset there.
fn is_compressed(headers: &HeaderMap) -> bool {
    let known = ["gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"];
    let codings = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = codings.flat_map(|value| value.split(','));
    codings.any(|coding| known.iter().any(|known| coding.trim().eq_ignore_ascii_case(known)))
}
