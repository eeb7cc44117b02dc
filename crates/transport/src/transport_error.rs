//! The error of a transport: how far the request provably got.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::{BodyFault, NetworkFault, RetryAfter};

/// What a transport met, kept whole and shared by every caller that waited for the same call.
pub type Source = Arc<dyn Error + Send + Sync>;

/// Why there is no reply to decode.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TransportError {
    /// Provably nothing was sent: no connection, no name, no TLS. It may be repeated.
    NotSent(Source),
    /// The request may have been sent, and no reply came: a lost connection, a time-out. Only what does no harm twice
    /// may be repeated.
    NoReply(Source),
    /// A reply's status came, and its body did not come to its end in time. What the body would have said is unknown, as
    /// without any reply.
    BodyTimedOut {
        /// The reply's HTTP status.
        status: StatusCode,
        /// How long its `Retry-After` asks to wait.
        retry_after: Option<RetryAfter>,
    },
    /// A reply came, but its body can't be used.
    BadBody {
        /// The reply's HTTP status.
        status: StatusCode,
        /// How long its `Retry-After` asks to wait.
        retry_after: Option<RetryAfter>,
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

    /// Why the network brought no reply, where the transport says so: [`ReqwestTransport`](crate::ReqwestTransport) does.
    pub fn fault(&self) -> Option<&NetworkFault> {
        std::iter::successors(self.source(), |&cause| cause.source()).find_map(|cause| cause.downcast_ref())
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(_) => f.write_str("nothing was sent"),
            Self::NoReply(_) => f.write_str("no whole reply came"),
            Self::BodyTimedOut { status, .. } => {
                write!(f, "the reply's body did not come to its end in time (HTTP {})", status.as_u16())
            }
            Self::BadBody { fault, .. } => write!(f, "the reply's body can't be used: {fault}"),
        }
    }
}

/// By hand, as a derived source would be the `Arc`, which nobody can downcast to what is in it.
impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotSent(source) | Self::NoReply(source) => Some(&**source),
            Self::BodyTimedOut { .. } | Self::BadBody { .. } => None,
        }
    }
}
