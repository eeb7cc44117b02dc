//! The error of a transport: how far the request provably got.

use std::error::Error;
use std::sync::Arc;

use http::StatusCode;

use crate::BodyFault;

/// What a transport met, kept whole and shared by every caller that waited for the same call.
pub type Source = Arc<dyn Error + Send + Sync>;

/// Why there is no reply to decode.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Provably nothing was sent: no connection, no name, no TLS.
    #[error("nothing was sent")]
    NotSent(#[source] Source),
    /// The request may have been sent, and no whole reply came: a lost connection, a time-out.
    #[error("no whole reply came")]
    NoReply(#[source] Source),
    /// A reply came, but its body can't be used.
    #[error("the reply's body can't be used: {fault}")]
    BadBody {
        /// The reply's HTTP status.
        status: StatusCode,
        /// What is wrong with the body.
        fault: BodyFault,
    },
}

impl TransportError {
    /// Provably nothing was sent, because of `source`.
    pub fn not_sent(source: impl Error + Send + Sync + 'static) -> Self {
        Self::NotSent(Arc::new(source))
    }

    /// The request may have been sent and no reply came, because of `source`.
    pub fn no_reply(source: impl Error + Send + Sync + 'static) -> Self {
        Self::NoReply(Arc::new(source))
    }
}
