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
    #[error("no transport: pass a transport to the builder, or enable this crate's feature `reqwest` or `hyper`")]
    NoTransport,
    /// The proxy is not the URL of an http or https proxy.
    #[error("the proxy must be a URL such as http://proxy.example:3128")]
    Proxy(#[source] Source),
    /// Only public addresses are allowed, but a proxy resolves names itself, so the target's address can't be checked.
    #[error(
        "a proxy cannot be combined with the restriction to public addresses: the proxy resolves host names itself"
    )]
    ProxyHidesAddresses,
    /// A proxy is set, but only the transport of the feature `reqwest` supports proxies, and that feature is off.
    #[error("a proxy is set, but no transport supports a proxy: enable this crate's feature `reqwest`")]
    NoProxy,
    /// The PEM of the certificate authorities contains no certificate, or one that can't be used.
    #[error("the certificate authorities must be one or more certificates in PEM format")]
    Authorities(#[source] Option<Source>),
    /// The operating system or the TLS library failed to set up a client.
    #[error("cannot create the transport")]
    Transport(#[source] Source),
}
