//! The faults of a server's certificate, in types and in plain words.

use std::time::SystemTime;

use jiff::Timestamp;

/// Maximum number of a certificate's names in a message.
const TOLD: usize = 3;

/// Fault of a certificate that was not accepted. Nothing was sent, and a repeat fails until the fault is corrected.
///
/// Anyone can make a certificate with any content, so its names are shortened and hold no control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// The certificate expired.
    #[error("the certificate expired{}", when(" at ", *.at))]
    Expired {
        /// Time of expiry, if known.
        at: Option<SystemTime>,
    },
    /// The certificate is not valid yet.
    #[error("the certificate is not valid yet{}", when(": it is valid from ", *.from))]
    NotValidYet {
        /// Start of its validity, if known.
        from: Option<SystemTime>,
    },
    /// The certificate is for other names than the one that was connected to.
    #[error("the certificate is not valid for the name {expected}: it is for {}", some(.names))]
    OtherName {
        /// Name or address that was connected to.
        expected: String,
        /// Names of the certificate.
        names: Vec<String>,
    },
    /// The certificate has no subjectAltName; its common name is ignored.
    #[error("the certificate is not valid for the name {expected}: it contains no host name (no subjectAltName)")]
    NoName {
        /// Name or address that was connected to.
        expected: String,
    },
    /// The certificate is self-signed and not trusted here.
    #[error("unknown issuer: the certificate is self-signed by {name} and is not trusted here")]
    SelfSigned {
        /// Name of its issuer.
        name: String,
    },
    /// The chain that the server sent ends at an authority that is not trusted here.
    #[error("unknown issuer: the certificate's chain ends at the CA {authority}, which is not trusted here")]
    UnknownAuthority {
        /// Name of the authority.
        authority: String,
    },
    /// The chain that the server sent is incomplete: the next issuer was neither sent nor is trusted here.
    #[error(
        "unknown issuer: the certificate's chain ends at {subject}, issued by {issuer}; the server did not send the \
         certificate of that issuer, which is not trusted here"
    )]
    MissingIssuer {
        /// Subject of the last certificate that was sent.
        subject: String,
        /// Issuer of that certificate.
        issuer: String,
    },
    /// The certificate is an authority's (CA:TRUE), and is not itself listed among the trusted ones.
    #[error("the server's certificate is a CA certificate (CA:TRUE), and `http.ca_file` does not contain it")]
    AuthorityAsServer,
    /// The certificate is of X.509 version 1, which has no subjectAltName.
    #[error("the certificate has X.509 version 1, which has no host names; version 3 is required")]
    OldFormat,
    /// The algorithm of its signature, or its issuer's, is not trusted, such as SHA-1, or unknown, such as SM2.
    #[error("the certificate is signed with an algorithm that is not accepted, such as SHA-1, MD5 or SM2")]
    Algorithm,
    /// The certificate's signature, or its issuer's, is wrong.
    #[error("the certificate's signature does not match the key of its issuer")]
    Signature,
    /// The certificate's extended key usage does not allow servers.
    #[error("the certificate is not valid for servers (its extended key usage lacks serverAuth)")]
    Purpose,
    /// The certificate was revoked.
    #[error("the certificate was revoked")]
    Revoked,
    /// The certificate breaks another rule.
    #[error("the certificate is not accepted: {0}")]
    Other(String),
}

impl CertificateFault {
    /// Advice in one sentence: the change that corrects the fault.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Expired { .. } => {
                "check this machine's clock; if the clock is right, the server's operator must \
                renew the certificate"
            }
            Self::NotValidYet { .. } => "check this machine's clock, and set it if it is behind",
            Self::OtherName { .. } => "correct the host: the certificate belongs to another host",
            Self::SelfSigned { .. } | Self::UnknownAuthority { .. } => {
                "if the server or a proxy uses a private CA, set http.ca_file to the PEM file of that CA"
            }
            Self::MissingIssuer { .. } => {
                "configure the server to send its whole chain (fullchain.pem) with the intermediate certificates; if \
                 the issuer is a private CA, set http.ca_file to the PEM file of that CA"
            }
            Self::NoName { .. } | Self::AuthorityAsServer | Self::OldFormat | Self::Algorithm | Self::Purpose => {
                "create a certificate that can be trusted, and set http.ca_file to cert.pem: openssl req -x509 \
                 -newkey rsa:2048 \
                 -sha256 -nodes -days 825 -keyout key.pem -out cert.pem -subj /CN=HOST -addext subjectAltName=DNS:HOST \
                 (for an IP address, IP:ADDRESS instead of DNS:HOST)"
            }
            Self::Signature | Self::Revoked | Self::Other(_) => {
                "send no credentials to this server until its operator has fixed the certificate"
            }
        }
    }
}

/// Writes `before` and the time in UTC; nothing where there is no time.
fn when(before: &str, time: Option<SystemTime>) -> String {
    let time = time.and_then(|time| Timestamp::try_from(time).ok());
    time.map(|time| format!("{before}{time}")).unwrap_or_default()
}

fn some(names: &[String]) -> String {
    let told = names.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}
