//! Why a client could not be built, in words that say what to change.

use weifen_proto::InvalidRequest;

use crate::{BaseUrlError, TransportError};

/// Why a client could not be built.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A credential or another setting is not what the vendor can take.
    #[error(transparent)]
    Setting(#[from] InvalidRequest),
    /// The base URL is not taken.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// There is nothing to send with.
    #[error("no transport: give the builder one, or turn on this crate's feature `reqwest`")]
    NoTransport,
    /// The transport could not be made.
    #[error("the transport could not be made")]
    Transport(#[from] TransportError),
}
