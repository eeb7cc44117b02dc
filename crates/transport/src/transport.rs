//! The seam: bytes out, bytes back. Every client holds an `Arc<dyn Transport>`; tests pass their own.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{BuildError, TransportError};

/// Sends a request and returns the reply, whatever its HTTP status: the driver decides what a status means.
///
/// A transport knows no vendor and makes no decisions: it follows no redirect, repeats nothing, and its error says how
/// far the request provably got. It ends in time, bounds what it reads, and shows nothing of a request in an error.
/// `testing::transport_conformance`, behind this crate's feature `testing`, checks an implementation.
#[async_trait]
pub trait Transport: Debug + Send + Sync {
    /// Sends `request` and reads the whole reply.
    ///
    /// # Errors
    /// [`TransportError`], which says whether the request may have been sent.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError>;

    /// Time in which every [`send`](Self::send) ends by itself, with a reply or an error; `None` where none is sure. A
    /// request that must end later than that is not timed a second time, and gets no [`Deadline`](crate::Deadline) in
    /// its extensions.
    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

/// Returns the transport of a client whose builder was given none: that of this crate's feature `reqwest`, else that
/// of its feature `hyper`.
///
/// # Errors
/// [`BuildError::NoTransport`] without these features, [`BuildError::Transport`] where the client can't be set up.
pub fn default_transport() -> Result<Arc<dyn Transport>, BuildError> {
    #[cfg(feature = "reqwest")]
    return Ok(Arc::new(crate::ReqwestTransport::new()?));
    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    return Ok(Arc::new(crate::HyperTransport::new()?));
    #[cfg(not(any(feature = "hyper", feature = "reqwest")))]
    return Err(BuildError::NoTransport);
}
