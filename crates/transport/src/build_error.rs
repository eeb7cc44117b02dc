//! Why a client could not be built, in words that say what to change.

use weifen_proto::InvalidRequest;

use crate::{BaseUrlError, Source};

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
    /// The proxy is no URL of one.
    #[error("the proxy must be a URL such as http://proxy.example:3128")]
    Proxy(#[source] Source),
    /// Only public addresses are to be reached, and through a proxy nobody here would know which are.
    #[error("a proxy looks up names itself: whether only public addresses are reached can't be seen through it")]
    ProxyHidesAddresses,
    /// The certificate authorities can't be used.
    #[error("the certificate authorities must be one or more certificates in PEM form")]
    Authorities(#[source] Option<Source>),
    /// The operating system or the TLS library gives a client no means.
    #[error("the transport could not be made")]
    Transport(#[source] Source),
}
