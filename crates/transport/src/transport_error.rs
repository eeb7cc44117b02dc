//! The error of a transport: how far the request provably got.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::{BodyFault, NetworkFault, RetryAfter};

/// Cause of a transport's error, kept whole and shared by every caller that waited for the same call.
pub type Source = Arc<dyn Error + Send + Sync>;

/// Error of a request without a reply to decode.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TransportError {
    /// Provably nothing was sent: no connection, no name, no TLS. Any request may be repeated.
    NotSent(Source),
    /// The request may have been sent, and no reply came: a lost connection, a timeout. Only a request that does no
    /// harm twice may be repeated.
    NoReply(Source),
    /// The reply's status came, but its body did not end in time. The body is unknown, so the same rules hold as for
    /// [`NoReply`](Self::NoReply).
    BodyTimedOut {
        /// HTTP status of the reply.
        status: StatusCode,
        /// Wait that its `Retry-After` asks for.
        retry_after: Option<RetryAfter>,
    },
    /// A reply came, but its body can't be used. The request was sent.
    BadBody {
        /// HTTP status of the reply.
        status: StatusCode,
        /// Wait that its `Retry-After` asks for.
        retry_after: Option<RetryAfter>,
        /// Fault of the body.
        fault: BodyFault,
    },
}

impl TransportError {
    /// Creates the error of a request that provably was not sent, because of `source`.
    pub fn not_sent(source: impl Error + Send + Sync + 'static) -> Self {
        Self::NotSent(Arc::new(source))
    }

    /// Creates the error of a request that may have been sent and got no reply, because of `source`.
    pub fn no_reply(source: impl Error + Send + Sync + 'static) -> Self {
        Self::NoReply(Arc::new(source))
    }

    /// Fault of the network, where the transport reports it: [`ReqwestTransport`](crate::ReqwestTransport) and
    /// [`HyperTransport`](crate::HyperTransport) do.
    pub fn fault(&self) -> Option<&NetworkFault> {
        std::iter::successors(self.source(), |&cause| cause.source()).find_map(|cause| cause.downcast_ref())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(_) => f.write_str("nothing was sent"),
            Self::NoReply(_) => f.write_str("no complete reply was received"),
            Self::BodyTimedOut { status, .. } => {
                write!(f, "timed out reading the reply's body (HTTP {})", status.as_u16())
            }
            Self::BadBody { fault, .. } => write!(f, "the reply's body can't be used: {fault}"),
        }
    }
}

/// Written by hand: a derived `source` would return the `Arc`, which can't be downcast to the error inside.
impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotSent(source) | Self::NoReply(source) => Some(&**source),
            Self::BodyTimedOut { .. } | Self::BadBody { .. } => None,
        }
    }
}
