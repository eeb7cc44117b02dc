//! tower's layers around a transport: limits of rate and concurrency, and other layers that only decide when to send.

mod permit;
mod service;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tower::load_shed::error::Overloaded;
use tower::util::BoxService;
use tower::{BoxError, Layer, Service, ServiceExt};

use self::permit::SendPermit;
pub use self::service::TransportService;
use crate::{Deadline, Transport, TransportError};

/// A transport that is a tower service, or a transport with tower's layers around it.
///
/// The service may be `Clone` or not, with a buffer or without. Requests reach its `poll_ready` one at a time, in
/// order: once it has accepted one, the next follows while the first is running. So limits of rate and concurrency
/// hold for all callers of the transport.
///
/// **Waiting counts into the time.** A request must be accepted within half of the [`timeout`](Self::timeout), and
/// within half of the time left until its call's deadline, or it is never sent; with its reply it takes no longer than
/// the whole. Repetitions wait like any request.
///
/// **Layers limit, and never repeat**: only the driver decides on repetitions. A request that a layer of
/// [`layered`](Self::layered) sends again is stopped, and fails as one without a reply.
pub struct TowerTransport {
    service: Mutex<BoxService<Request<Bytes>, Response<Bytes>, BoxError>>,
    /// True where a [`TransportService`] below the layers takes each request's permit.
    has_permits: bool,
    timeout: Duration,
}

/// Error of a request that was not accepted in time. It was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the request waited for the transport's limits for longer than {0:.1?}")]
struct NoTurn(Duration);

/// Error of a request without a reply in time. It may have been sent.
#[derive(Debug, thiserror::Error)]
#[error("no reply within {0:.1?}, including the wait for the transport's limits")]
struct TooLate(Duration);

impl TowerTransport {
    /// Default timeout, the same as that of the transports over HTTP.
    const TIMEOUT: Duration = Duration::from_secs(10);

    /// Wraps `transport` in `layers`, such as a `tower::ServiceBuilder` with limits; the first layer is the outermost.
    ///
    /// A request that did not get through the layers is provably not sent, whichever layer stopped it: it was shed, it
    /// was not accepted in time, or a layer refused it.
    pub fn layered<L>(transport: Arc<dyn Transport>, layers: L) -> Self
    where
        L: Layer<TransportService>,
        L::Service: Service<Request<Bytes>, Response = Response<Bytes>> + Send + 'static,
        <L::Service as Service<Request<Bytes>>>::Error: Into<BoxError>,
        <L::Service as Service<Request<Bytes>>>::Future: Send + 'static,
    {
        let service = layers.layer(TransportService::with_permits(transport));
        Self { has_permits: true, ..Self::new(service) }
    }

    /// Uses `service` as a transport: any that takes a request with its whole body and returns such a reply.
    ///
    /// A request is provably not sent where the service did not become ready for it, where it fails with
    /// [`TransportError::NotSent`], or where `tower::load_shed` of weifen's tower (0.5) refused it. After any other
    /// failure it may have been sent. The service must not repeat, follow redirects, or return an HTTP status as an
    /// error.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request<Bytes>, Response = Response<Bytes>> + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        let service = Mutex::new(BoxService::new(service.map_err(Into::into)));
        Self { service, has_permits: false, timeout: Self::TIMEOUT }
    }

    /// Sets the maximum time of a request, its wait included; 10 s by default. Use the timeout of the transport below,
    /// such as `http.timeout_s`.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn pass_on(&self, request: Request<Bytes>, permit: &SendPermit) -> Result<Response<Bytes>, BoxError> {
        let mut service = self.service.lock().await;
        let ready = service.ready().await?;
        if !self.has_permits {
            permit.take();
        }
        let reply = ready.call(request);
        drop(service);
        reply.await
    }

    fn failure(&self, error: BoxError, permit: &SendPermit) -> TransportError {
        let is_shed = !self.has_permits && error.is::<Overloaded>();
        match error.downcast::<TransportError>() {
            Ok(error) => *error,
            Err(error) if permit.take() || is_shed => TransportError::NotSent(error.into()),
            Err(error) => TransportError::NoReply(error.into()),
        }
    }
}

#[async_trait]
impl Transport for TowerTransport {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let permit = SendPermit::default();
        request.extensions_mut().insert(permit.clone());
        let left = request.extensions().get::<Deadline>().map_or(self.timeout, |ends| ends.left());
        let half = self.timeout.min(left) / 2;
        let attempt = self.pass_on(request, &permit);
        // Safe to drop at any time: a request without its permit is not sent.
        let mut attempt = std::pin::pin!(attempt);
        let outcome = match timeout(half, &mut attempt).await {
            Ok(outcome) => outcome,
            Err(_) if permit.take() => return Err(TransportError::not_sent(NoTurn(half))),
            // The driver enforces the call's deadline.
            Err(_) => match timeout(self.timeout.saturating_sub(half), attempt).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(TransportError::no_reply(TooLate(self.timeout))),
            },
        };
        outcome.map_err(|error| self.failure(error, &permit))
    }
}

impl fmt::Debug for TowerTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
