//! Both transports over HTTP: whichever sends, the clients' reports must be true.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use weifen::transport::http::{Request, Response};
use weifen::transport::{Bytes, Transport, TransportError, async_trait};

/// Sends each request by the transport after that of the one before.
#[derive(Debug)]
pub(crate) struct ByTurns {
    transports: [Arc<dyn Transport>; 2],
    sent: AtomicUsize,
}

impl ByTurns {
    pub(crate) fn new(transports: [Arc<dyn Transport>; 2]) -> Self {
        Self { transports, sent: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Transport for ByTurns {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let turn = self.sent.fetch_add(1, Ordering::Relaxed) % self.transports.len();
        self.transports[turn].send(request).await
    }
}
