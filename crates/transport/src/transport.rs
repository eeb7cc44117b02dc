//! The seam: bytes out, bytes back. Every client holds an `Arc<dyn Transport>`, and so do tests, with their own.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{BuildError, TransportError};

/// Sends a request and returns the reply, whatever its HTTP status: the driver decides what a status means.
///
/// A transport knows no vendor and decides nothing: it follows no redirect, repeats nothing, and says in its error how
/// far the request provably got. It ends in time, bounds what it reads, and prints nothing of a request in an error.
/// `testing::transport_conformance`, behind this crate's feature `testing`, tries it.
#[async_trait]
pub trait Transport: Debug + Send + Sync {
    /// Sends `request` and reads the whole reply.
    ///
    /// # Errors
    /// [`TransportError`], which says whether the request may have been sent.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError>;
}

/// What a client sends with where its builder was given nothing: reqwest, with this crate's feature of that name.
///
/// # Errors
/// Without that feature, and when reqwest can't be set up.
pub fn default_transport() -> Result<Arc<dyn Transport>, BuildError> {
    #[cfg(feature = "reqwest")]
    return Ok(Arc::new(crate::ReqwestTransport::new()?));
    #[cfg(not(feature = "reqwest"))]
    return Err(BuildError::NoTransport);
}
