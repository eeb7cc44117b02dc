//! The error of building a client; its messages say what to change.

use weifen_proto::InvalidRequest;

use crate::{BaseUrlError, Source};

/// Error of building a client. Nothing was sent, and building fails again until its cause is corrected.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The vendor can't accept a credential or another setting.
    #[error(transparent)]
    Setting(#[from] InvalidRequest),
    /// The base URL is refused.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// No transport was given, and the features `reqwest` and `hyper` are off.
    #[error("no transport: give the builder one, or turn on this crate's feature `reqwest` or `hyper`")]
    NoTransport,
    /// The proxy is not the URL of an http or https proxy.
    #[error("the proxy must be a URL such as http://proxy.example:3128")]
    Proxy(#[source] Source),
    /// Only public addresses may be reached, but a proxy looks up names itself, so its target can't be checked.
    #[error("a proxy looks up names itself: whether only public addresses are reached can't be seen through it")]
    ProxyHidesAddresses,
    /// A proxy is set, and the only transport that can go through one is that of the feature `reqwest`, which is off.
    #[error("no proxy can be used: turn on this crate's feature `reqwest`, whose transport goes through one")]
    NoProxy,
    /// The PEM of the certificate authorities holds no certificate, or one that can't be used.
    #[error("the certificate authorities must be one or more certificates in PEM form")]
    Authorities(#[source] Option<Source>),
    /// The operating system or the TLS library failed to set up a client.
    #[error("the transport could not be made")]
    Transport(#[source] Source),
}
