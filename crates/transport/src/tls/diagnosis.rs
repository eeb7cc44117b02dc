//! Maps rustls's errors to faults that say what to correct.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError, PeerIncompatible, PeerMisbehaved};

use super::printable;
use crate::network_fault::{bare, copy};
use crate::{CertificateFault, NetworkFault};

impl NetworkFault {
    /// Returns the fault of a failed TLS handshake that used [`tls_client_config`](super::tls_client_config).
    pub fn of_tls(error: &io::Error) -> Self {
        let error = bare(error);
        match of_rustls(error) {
            Some(error) => of(error),
            None if error.kind() == io::ErrorKind::TimedOut => Self::ConnectTimedOut,
            None => Self::HandshakeClosed(copy(error)),
        }
    }
}

/// Returns the rustls error inside an IO error.
pub(crate) fn of_rustls(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

fn of(error: &Error) -> NetworkFault {
    match error {
        Error::InvalidCertificate(error) => NetworkFault::Certificate(of_certificate(error)),
        Error::InvalidMessage(_) => NetworkFault::NotTls,
        Error::AlertReceived(AlertDescription::ProtocolVersion)
        | Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => NetworkFault::NoCommonVersion,
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity)
        | Error::PeerIncompatible(
            PeerIncompatible::NoCipherSuitesInCommon
            | PeerIncompatible::NoKxGroupsInCommon
            | PeerIncompatible::NoSignatureSchemesInCommon,
        )
        | Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite) => NetworkFault::NoCommonCipherSuite,
        Error::AlertReceived(AlertDescription::UnrecognisedName) => NetworkFault::UnknownName,
        Error::AlertReceived(AlertDescription::CertificateRequired) => NetworkFault::ClientCertificate,
        error => NetworkFault::Handshake(Arc::new(io::Error::other(error.clone()))),
    }
}

#[expect(deprecated, reason = "a verifier may still give what rustls's own no longer gives")]
fn of_certificate(error: &CertificateError) -> CertificateFault {
    match error {
        CertificateError::Expired => CertificateFault::Expired { at: None },
        CertificateError::ExpiredContext { not_after, .. } => CertificateFault::Expired { at: time(*not_after) },
        CertificateError::NotValidYet => CertificateFault::NotValidYet { from: None },
        CertificateError::NotValidYetContext { not_before, .. } => {
            CertificateFault::NotValidYet { from: time(*not_before) }
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let (expected, names) = (expected.to_str().into_owned(), names(presented));
            if names.is_empty() {
                CertificateFault::NoName { expected }
            } else {
                CertificateFault::OtherName { expected, names }
            }
        }
        CertificateError::BadSignature => CertificateFault::Signature,
        CertificateError::UnsupportedSignatureAlgorithm
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => CertificateFault::Algorithm,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => CertificateFault::Purpose,
        CertificateError::Revoked => CertificateFault::Revoked,
        CertificateError::Other(OtherError(why)) => of_other(&**why),
        other => CertificateFault::Other(other.to_string()),
    }
}

/// Returns the fault of an error for which rustls has no name: the verifier's own or webpki's.
fn of_other(why: &(dyn std::error::Error + Send + Sync + 'static)) -> CertificateFault {
    if let Some(fault) = why.downcast_ref::<CertificateFault>() {
        return fault.clone();
    }
    match why.downcast_ref() {
        Some(webpki::Error::CaUsedAsEndEntity) => CertificateFault::AuthorityAsServer,
        Some(webpki::Error::UnsupportedCertVersion) => CertificateFault::OldFormat,
        _ => CertificateFault::Other(why.to_string()),
    }
}

fn time(time: UnixTime) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()))
}

/// Returns the bare names: webpki writes `DnsName("shop.example")`, `IpAddress(127.0.0.1)`.
fn names(presented: &[String]) -> Vec<String> {
    let name = |text: &String| {
        let name = text.split_once('(').and_then(|(_, name)| name.strip_suffix(')')).unwrap_or(text);
        printable(name.trim_matches('"'))
    };
    presented.iter().map(name).collect()
}
