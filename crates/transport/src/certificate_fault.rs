//! Why a server's certificate is not accepted, in types and in plain words.

use std::time::SystemTime;

use jiff::Timestamp;

/// How many of a certificate's names are told.
const TOLD: usize = 3;

/// Why a server's certificate is not accepted. Nothing was sent, and repeating changes nothing until it is mended.
///
/// What stands in a certificate is whoever's who made it: names are cut short, and hold no control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateFault {
    /// Its time is over.
    #[error("the certificate expired{}", when(" at ", *.at))]
    Expired {
        /// When, where it says so.
        at: Option<SystemTime>,
    },
    /// Its time has not begun.
    #[error("the certificate is not valid yet{}", when(", but from ", *.from))]
    NotValidYet {
        /// From when on it is valid, where it says so.
        from: Option<SystemTime>,
    },
    /// It is for other names than the one that was connected to.
    #[error("the certificate is not valid for name {expected}: it is for {}", some(.names))]
    OtherName {
        /// The name or address that was connected to.
        expected: String,
        /// What it is for.
        names: Vec<String>,
    },
    /// It has no subjectAltName; a common name counts for nothing.
    #[error("the certificate is not valid for name {expected}: it names no host (no subjectAltName)")]
    NoName {
        /// The name or address that was connected to.
        expected: String,
    },
    /// It is its own issuer, and is not trusted here.
    #[error("unknown issuer: the certificate is self-signed, by {name}, and is not trusted here")]
    SelfSigned {
        /// Who made it.
        name: String,
    },
    /// The chain that the server sent ends at an authority that is not trusted here.
    #[error("unknown issuer: the certificate's chain ends at the authority {authority}, which is not trusted here")]
    UnknownAuthority {
        /// The authority.
        authority: String,
    },
    /// The chain that the server sent breaks off: the next issuer was neither sent nor is trusted here.
    #[error(
        "unknown issuer: the certificate's chain ends at {subject}, issued by {issuer}, whose certificate the server \
         did not send and which is not trusted here"
    )]
    MissingIssuer {
        /// Whose certificate is the last that was sent.
        subject: String,
        /// Who issued that one.
        issuer: String,
    },
    /// It is an authority's (CA:TRUE), and is not itself listed among the trusted ones.
    #[error("the server's certificate is an authority's own (CA:TRUE), and `http.ca_file` does not list it")]
    AuthorityAsServer,
    /// It is of X.509 version 1, which has no subjectAltName.
    #[error("the certificate is of X.509 version 1, which names no host; version 3 is needed")]
    OldFormat,
    /// Its signature, or its issuer's, is of an algorithm that is not trusted, such as SHA-1, or unknown, such as SM2.
    #[error("the certificate is signed by an algorithm that is not accepted, such as SHA-1, MD5 or SM2")]
    Algorithm,
    /// Its signature, or its issuer's, is wrong.
    #[error("the certificate's signature is not its issuer's")]
    Signature,
    /// It may not be used by a server.
    #[error("the certificate is not for servers (its extended key usage lacks serverAuth)")]
    Purpose,
    /// It was revoked.
    #[error("the certificate was revoked")]
    Revoked,
    /// Another rule is broken.
    #[error("the certificate is not accepted: {0}")]
    Other(String),
}

impl CertificateFault {
    /// What may be done about it, in one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "its owner has to renew it, unless this machine's clock is wrong",
            Self::NotValidYet { .. } => "set this machine's clock, if that is behind",
            Self::OtherName { .. } => "correct the host: the certificate is another's",
            Self::SelfSigned { .. } | Self::UnknownAuthority { .. } => {
                "if the server or a proxy in between has an authority of its own, name its PEM file in http.ca_file"
            }
            Self::MissingIssuer { .. } => {
                "let the server send its whole chain (fullchain.pem), intermediate certificates included; if that issuer \
                 is an authority of its own, name its PEM file in http.ca_file"
            }
            Self::NoName { .. } | Self::AuthorityAsServer | Self::OldFormat | Self::Algorithm | Self::Purpose => {
                "make one that can be trusted, and name cert.pem in http.ca_file: openssl req -x509 -newkey rsa:2048 \
                 -sha256 -nodes -days 825 -keyout key.pem -out cert.pem -subj /CN=HOST -addext subjectAltName=DNS:HOST \
                 (IP:ADDRESS in the place of DNS:HOST for an address)"
            }
            Self::Signature | Self::Revoked | Self::Other(_) => {
                "do not send credentials there before its owner has mended it"
            }
        }
    }
}

/// A time in UTC, where there is one.
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
