//! The faults of a reply that is neither an answer nor a refusal.

use std::fmt;

use weifen_proto::Undecodable;

/// Fault of a reply that is neither an answer nor a refusal. The request was sent, and only a safe call is repeated:
/// [`CallError::outcome`](crate::CallError::outcome) says what is known of its effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadReply {
    /// The reply is a redirect. It is never followed, since the request carries credentials, and never repeated.
    #[error("the reply is a redirect{}; redirects are never followed", to_host(.host.as_deref()))]
    Redirect {
        /// Host of the redirect's target; the rest of the address is left out.
        host: Option<String>,
    },
    /// The body can't be read to its end. [`BodyFault`] says whether a repeat may help.
    #[error("{0}")]
    Body(BodyFault),
    /// The body was read, but is not an answer. A safe call may be repeated.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
}

fn to_host(host: Option<&str>) -> String {
    host.map(|host| format!(" to {host}")).unwrap_or_default()
}

/// Fault that ends the reading of a reply's body. The request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFault {
    /// The body is larger than the transport's cap. A repeat is likely to be as large.
    TooLarge {
        /// Cap in bytes, counted after decompression.
        cap: usize,
    },
    /// The body is incomplete: it ended before its announced length. A safe call may be repeated.
    CutShort,
    /// The body can't be decompressed. A repeat is likely to fail in the same way.
    Compression,
    /// The body is compressed, which the transport had not asked for and can't undo. A repeat is likely to fail in the
    /// same way; a transport that decompresses helps.
    Compressed,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { cap } => write!(f, "the body is larger than {cap} bytes"),
            Self::CutShort => f.write_str("the body is incomplete: it ended before its announced length"),
            Self::Compression => f.write_str("the body cannot be decompressed"),
            Self::Compressed => f.write_str("the body is compressed, but the request did not allow compression"),
        }
    }
}
