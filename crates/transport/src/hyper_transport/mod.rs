//! HTTP over hyper's client and rustls, with a pool of its own. Nothing else in weifen uses hyper's client.

mod builder;
mod connection;
mod connector;
mod diagnosis;
mod line;
mod names;
mod pool;

use std::io::{self, Read as _};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::header::{CONTENT_ENCODING, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::response::Parts;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

pub use self::builder::HyperTransportBuilder;
use self::connection::{Connection, Failed, Origin};
use self::connector::Connector;
use self::pool::Pool;
use crate::http_client::{self, CappedBody, Settings, refuse_own_address};
use crate::{BodyFault, BuildError, NetworkFault, RetryAfter, Transport, TransportError};

/// Sends over HTTP/1.1, encrypted by rustls, with hyper's own client: the lean one of the two transports.
///
/// It follows no redirect, repeats nothing, and reads a body only up to its cap. It knows no proxy, asks for no
/// compression, and refuses a body that is compressed all the same ([`BodyFault::Compressed`]), unless it is gzip and
/// [`read_gzip`](HyperTransportBuilder::read_gzip) is set. Clones share their connections.
///
/// | | `HyperTransport` | `ReqwestTransport` |
/// |---|---|---|
/// | proxy | none, ever | by `proxy`; those of the environment are not used |
/// | compressed replies | not asked for, refused; gzip is read with `read_gzip` | gzip |
/// | redirects, repetitions, cookies | none | none |
/// | TLS, own authorities, public addresses only, times, cap | the same | the same |
/// | a request for a connection that was closed while it rested | goes to another one | may be written in vain |
/// | processor time of a call | about half | – |
///
/// A program that needs a proxy or compression takes the other; every other program can take either.
#[derive(Clone)]
pub struct HyperTransport {
    connector: Connector,
    pool: Pool,
    settings: Settings,
    read_gzip: bool,
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
        let (origin, request) = prepared(request)?;
        let (reply, connection) = self.reply(&origin, request).await?;
        let (parts, body) = reply.into_parts();
        let head = *head.insert(Head::of(&parts));
        let body = self.read(&parts.headers, body).await.map_err(|fault| head.bad_body(fault))?;
        self.pool.keep(origin, connection);
        Ok(Response::from_parts(parts, body))
    }

    /// Sends the request over a connection that waits, else over a new one. What a connection hands back unwritten
    /// goes to the next one.
    async fn reply(
        &self,
        origin: &Origin,
        mut request: Request<Full<Bytes>>,
    ) -> Result<(Response<Incoming>, Connection), TransportError> {
        while let Some(mut connection) = self.pool.take(origin) {
            request = match connection.send(request).await {
                Ok(reply) => return Ok((reply, connection)),
                Err(Failed::HandedBack(request, _)) => *request,
                Err(Failed::Error(error)) => return Err(error),
            };
        }
        let mut connection = self.connector.connect(origin).await?;
        match connection.send(request).await {
            Ok(reply) => Ok((reply, connection)),
            Err(Failed::HandedBack(_, error) | Failed::Error(error)) => Err(error),
        }
    }

    async fn read(&self, headers: &HeaderMap, mut reply: Incoming) -> Result<Bytes, BodyFault> {
        let is_gzip = is_gzip(headers)?;
        if is_gzip && !self.read_gzip {
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
        let body = body.into_bytes();
        if is_gzip { inflated(&body, self.settings.body_cap) } else { Ok(body) }
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

/// Returns a request as it is written to a connection, and where that leads.
fn prepared(request: Request<Bytes>) -> Result<(Origin, Request<Full<Bytes>>), TransportError> {
    let mut request = request.map(Full::new);
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let (Some(scheme), Some(authority)) = (parts.scheme.take(), parts.authority.take()) else {
        return Err(TransportError::not_sent(io::Error::other("the URL of the request has no host")));
    };
    *request.uri_mut() = parts.path_and_query.map(Uri::from).unwrap_or_default();
    let origin = Origin { scheme, authority };
    let host = HeaderValue::from_str(origin.host_and_port()).map_err(TransportError::not_sent)?;
    request.headers_mut().entry(HOST).or_insert(host);
    Ok((origin, request))
}

/// Returns true where a reply's body is in gzip. Other words than a compression's name change nothing of a body:
/// servers write a charset there.
fn is_gzip(headers: &HeaderMap) -> Result<bool, BodyFault> {
    let known = ["gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"];
    let codings = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let codings = codings.flat_map(|value| value.split(',')).map(|coding| coding.trim().to_ascii_lowercase());
    match codings.filter(|coding| known.contains(&&**coding)).collect::<Vec<_>>().as_slice() {
        [] => Ok(false),
        [only] if only == "gzip" || only == "x-gzip" => Ok(true),
        _ => Err(BodyFault::Compressed),
    }
}

/// Returns the content of a body in gzip.
fn inflated(body: &[u8], cap: usize) -> Result<Bytes, BodyFault> {
    let mut content = Vec::new();
    let read = MultiGzDecoder::new(body).take(cap as u64 + 1).read_to_end(&mut content);
    if content.len() > cap {
        return Err(BodyFault::TooLarge { cap });
    }
    read.map_err(|_| BodyFault::Compression)?;
    Ok(content.into())
}
