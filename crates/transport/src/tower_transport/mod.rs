//! tower's layers around a transport: limits of rate and concurrency, and whatever else only decides when to send.

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
/// Any service will do, `Clone` or not, with a buffer or without: requests come to its `poll_ready` one after the
/// other, in their order, and once it has taken a request, the next one's turn comes while that is under way. So the
/// rate and the number of calls under way are limited for all who share the transport.
///
/// **Waiting counts into the time.** A request has its turn within half of the [`timeout`](Self::timeout), and of what is
/// left until its call's deadline, or it is never sent; with its reply it takes no longer than the whole. Repetitions
/// wait for their turn as any request does.
///
/// **Layers limit, and never repeat**: whether a call may be repeated is the driver's to decide. A request that a layer of
/// [`layered`](Self::layered) sends once more is stopped, and fails as one without reply.
pub struct TowerTransport {
    service: Mutex<BoxService<Request<Bytes>, Response<Bytes>, BoxError>>,
    /// Below the layers stands a [`TransportService`] that takes each request's permit.
    has_permits: bool,
    timeout: Duration,
}

/// A request had no turn in time.
#[derive(Debug, thiserror::Error)]
#[error("the transport's limits let the request wait for longer than {0:.1?}")]
struct NoTurn(Duration);

/// No reply came in time.
#[derive(Debug, thiserror::Error)]
#[error("no reply came within {0:.1?}, the wait for the transport's limits included")]
struct TooLate(Duration);

impl TowerTransport {
    /// As long as a call may take with `ReqwestTransport`.
    const TIMEOUT: Duration = Duration::from_secs(10);

    /// `transport` with `layers` around it, such as a `tower::ServiceBuilder` with limits: the first layer is the
    /// outermost.
    ///
    /// A request that did not get through the layers is provably not sent, whatever layer failed: it was shed, its turn did
    /// not come, a layer refused it.
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

    /// `service` as a transport: any that takes a request with its whole body and gives back such a reply.
    ///
    /// Provably not sent is a request that was never handed to the service, as it did not become ready; one that fails with
    /// [`TransportError::NotSent`]; and one that `tower::load_shed` of the same tower as weifen's (0.5) refused. Any other
    /// failure may have come after the request was sent. The service must not repeat, follow redirects, or make an
    /// error of an HTTP status.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request<Bytes>, Response = Response<Bytes>> + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
    {
        let service = Mutex::new(BoxService::new(service.map_err(Into::into)));
        Self { service, has_permits: false, timeout: Self::TIMEOUT }
    }

    /// How long a request may take in all, the wait for its turn included; 10 s by default. Give it the time-out of the
    /// transport below, such as `http.timeout_s`.
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
        // Safe to drop at any time: a request without its permit goes nowhere.
        let mut attempt = std::pin::pin!(attempt);
        let outcome = match timeout(half, &mut attempt).await {
            Ok(outcome) => outcome,
            Err(_) if permit.take() => return Err(TransportError::not_sent(NoTurn(half))),
            // A call's deadline ends it outside of this.
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
