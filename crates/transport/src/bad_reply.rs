//! What is wrong with a reply that is neither an answer nor a refusal.

use std::fmt;

use weifen_proto::Undecodable;

/// Why a reply is neither an answer nor a refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadReply {
    /// The reply sends the caller elsewhere. It is never followed: the request carries credentials.
    #[error("the reply is a redirect{}, which is never followed", to_host(.host.as_deref()))]
    Redirect {
        /// The host that it points to, and no more of the address.
        host: Option<String>,
    },
    /// The body can't be read whole.
    #[error("{0}")]
    Body(BodyFault),
    /// The body was read and is no answer.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
}

fn to_host(host: Option<&str>) -> String {
    host.map(|host| format!(" to {host}")).unwrap_or_default()
}

/// Why a reply's body can't be read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFault {
    /// It is larger than the transport reads.
    TooLarge {
        /// How many bytes, after decompression, the transport reads at most.
        cap: usize,
    },
    /// It ended before its announced end.
    CutShort,
    /// Its compression is broken.
    Compression,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { cap } => write!(f, "the body is larger than {cap} bytes"),
            Self::CutShort => f.write_str("the body ended before its announced end"),
            Self::Compression => f.write_str("the body's compression is broken"),
        }
    }
}
