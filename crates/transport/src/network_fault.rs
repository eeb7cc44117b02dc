//! The faults of a network, in types and in plain words.

use std::io;
use std::sync::Arc;

use crate::{CertificateFault, NotPublic};

/// Fault of a request that got no reply, as far as the network shows it:
/// [`TransportError::fault`](crate::TransportError::fault).
///
/// Each variant says whether anything was sent, as the [`TransportError`](crate::TransportError) does in types. Its
/// `Display` includes the operating system's words and nothing of the request's URL.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkFault {
    /// The host's name has no address, or DNS does not answer. Nothing was sent. Correct the name or the machine's
    /// DNS.
    #[error("name not found: {0}")]
    NameNotFound(Arc<io::Error>),
    /// The host has no public address, and only public addresses are allowed. Nothing was sent. A repeat never helps.
    #[error("{0}")]
    NotPublic(NotPublic),
    /// No program listens at the address, or a firewall rejects the connection. Nothing was sent. It may be repeated
    /// once the server runs.
    #[error("{error}")]
    Refused {
        /// True where the address is this machine's own, with no firewall in between.
        on_this_machine: bool,
        /// The operating system's error.
        error: Arc<io::Error>,
    },
    /// The connection failed for another reason, such as a missing route. Nothing was sent. It may be repeated.
    #[error("no connection: {0}")]
    Unreachable(Arc<io::Error>),
    /// The connection, its TLS handshake included, was not made in time. Nothing was sent. It may be repeated.
    #[error("timed out connecting")]
    ConnectTimedOut,
    /// The proxy can't be used, because of the fault inside. Nothing was sent. Correct the proxy.
    #[error("the proxy can't be used: {0}")]
    Proxy(Box<Self>),
    /// The server does not use TLS on that port. Nothing was sent. Correct the port, or the scheme.
    #[error("the server does not use TLS on that port")]
    NotTls,
    /// The server speaks only TLS versions before 1.2. Nothing was sent, and a repeat fails again.
    #[error("no common TLS version: the server is too old; TLS 1.2 or 1.3 is required")]
    NoCommonVersion,
    /// The server has no cipher suite with forward secrecy (ECDHE and AES-GCM or ChaCha20): old servers have RSA key
    /// exchange only. Some servers that want a client certificate refuse in the same way. Nothing was sent, and a
    /// repeat fails again.
    #[error("no common cipher suite: the server refused the TLS handshake (alert handshake_failure)")]
    NoCommonCipherSuite,
    /// The server has no certificate for this name. Nothing was sent. Correct the host.
    #[error("the server does not know this host name (TLS alert unrecognized_name)")]
    UnknownName,
    /// The server wants a client certificate; weifen sends none. The server accepted nothing of the request.
    #[error("the server requires a client certificate")]
    ClientCertificate,
    /// The server's certificate is not accepted. Nothing was sent, and a repeat fails until the fault is corrected.
    #[error("{0}")]
    Certificate(CertificateFault),
    /// The server closed the connection before any TLS answer: it speaks no TLS on that port, or is too old. Nothing
    /// was sent. Correct the port, or look into the server's log.
    #[error("the server closed the connection during the TLS handshake: {0}")]
    HandshakeClosed(Arc<io::Error>),
    /// The TLS handshake failed for another reason. Nothing was sent, and a repeat is likely to fail again.
    #[error("the TLS handshake failed: {0}")]
    Handshake(Arc<io::Error>),
    /// The connection was lost before the answer. The request may have been sent; only a safe one may be repeated.
    #[error("the connection was lost before the answer: {0}")]
    Lost(Arc<io::Error>),
    /// The answer did not come in time. The request may have been sent; only a safe one may be repeated.
    #[error("timed out waiting for the answer")]
    AnswerTimedOut,
}

const CORRECT_ADDRESS: &str = "check that the server runs, that host and port are right, and that no firewall blocks \
    the connection; if this network requires a proxy, set http.proxy";

const OLD_TLS: &str = "ask the server's operator to enable TLS 1.2 with ECDHE and AES-GCM, or newer; until then run \
    a TLS proxy on this machine, as docs/old-tls.md shows, so that the connection stays encrypted";

impl NetworkFault {
    /// Returns the fault of a failed connection. `on_this_machine` is true where the address is this machine's own.
    pub fn of_connect(error: &io::Error, on_this_machine: bool) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused { on_this_machine, error: copy(error) },
            io::ErrorKind::TimedOut => Self::ConnectTimedOut,
            _ => Self::Unreachable(copy(error)),
        }
    }

    /// Advice in one sentence; `None` where only a later try may help.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NameNotFound(_) => {
                Some("correct the host, or this machine's DNS; if this network requires a proxy, set http.proxy")
            }
            Self::NotPublic(_) => Some("use a host that has a public address"),
            Self::Refused { on_this_machine: true, .. } => {
                Some("no program listens on that port of this machine: start the program, or correct the port")
            }
            Self::Refused { .. } | Self::Unreachable(_) | Self::ConnectTimedOut => Some(CORRECT_ADDRESS),
            Self::Proxy(_) => Some("correct http.proxy; include user and password if the proxy requires them"),
            Self::NotTls => Some("this port does not seem to use TLS: correct the port"),
            Self::NoCommonVersion | Self::NoCommonCipherSuite => Some(OLD_TLS),
            Self::UnknownName => Some("correct the host: the server at this address has no certificate for that name"),
            Self::ClientCertificate => Some(
                "ask the server's operator to allow this machine without a client certificate; weifen cannot \
                    send one",
            ),
            Self::Certificate(fault) => Some(fault.advice()),
            Self::HandshakeClosed(_) | Self::Handshake(_) => {
                Some("check that the port uses TLS 1.2 or 1.3, and read the server's log")
            }
            Self::Lost(_) | Self::AnswerTimedOut => None,
        }
    }

    /// Returns true where no TLS answer came, so that the server may speak plain http only.
    pub fn may_lack_tls(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Unreachable(_)
                | Self::ConnectTimedOut
                | Self::NotTls
                | Self::HandshakeClosed(_)
        )
    }
}

/// Returns the innermost of nested IO errors, without the wrappers of libraries.
#[cfg(feature = "tls")]
pub(crate) fn bare(error: &io::Error) -> &io::Error {
    error.get_ref().and_then(|inner| inner.downcast_ref()).map_or(error, bare)
}

/// Copies an error's kind, number and message; an IO error itself can't be cloned.
pub(crate) fn copy(error: &io::Error) -> Arc<io::Error> {
    Arc::new(match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    })
}
