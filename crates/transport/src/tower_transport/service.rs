//! A transport as a tower service, to be wrapped in layers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower::Service;

use super::permit::SendPermit;
use crate::{Transport, TransportError};

/// A transport as a tower service. It is always ready; clones share the transport.
#[derive(Debug, Clone)]
pub struct TransportService {
    transport: Arc<dyn Transport>,
    has_permits: bool,
}

/// Error of a request without a permit: nobody could tell whether it was sent, so it is not.
#[derive(Debug, thiserror::Error)]
#[error("a layer of the transport created a new request without the extensions of the original request")]
struct NoPermit;

#[derive(Debug, thiserror::Error)]
#[error("a layer of the transport sent the request a second time; only the client may retry a request")]
struct SentBefore;

impl TransportService {
    /// Creates the service of `transport`.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, has_permits: false }
    }

    /// Creates a service that sends only requests whose permit is still free.
    pub(super) fn with_permits(transport: Arc<dyn Transport>) -> Self {
        Self { transport, has_permits: true }
    }
}

impl Service<Request<Bytes>> for TransportService {
    type Response = Response<Bytes>;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Bytes>) -> Self::Future {
        let Self { transport, has_permits } = self.clone();
        Box::pin(async move {
            if has_permits {
                match request.extensions_mut().remove::<SendPermit>() {
                    None => return Err(TransportError::not_sent(NoPermit)),
                    Some(permit) if !permit.take() => return Err(TransportError::no_reply(SentBefore)),
                    Some(_) => {}
                }
            }
            transport.send(request).await
        })
    }
}
