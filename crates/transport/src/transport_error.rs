//! The error of a transport: how far the request provably got.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use crate::{BodyFault, NotPublic};

/// What a transport met, kept whole and shared by every caller that waited for the same call.
pub type Source = Arc<dyn Error + Send + Sync>;

/// Why there is no reply to decode.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TransportError {
    /// Provably nothing was sent: no connection, no name, no TLS.
    NotSent(Source),
    /// The request may have been sent, and no whole reply came: a lost connection, a time-out.
    NoReply(Source),
    /// A reply came, but its body can't be used.
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

    /// Why nothing was sent, if that is because the host has no public address.
    pub fn not_public(&self) -> Option<&NotPublic> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            cause = error.source();
        }
        None
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(_) => f.write_str("nothing was sent"),
            Self::NoReply(_) => f.write_str("no whole reply came"),
            Self::BadBody { fault, .. } => write!(f, "the reply's body can't be used: {fault}"),
        }
    }
}

/// By hand, as a derived source would be the `Arc`, which nobody can downcast to what is in it.
impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotSent(source) | Self::NoReply(source) => Some(&**source),
            Self::BadBody { .. } => None,
        }
    }
}
