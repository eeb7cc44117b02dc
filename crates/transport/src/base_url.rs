//! Where a vendor is reached, and the rule that credentials don't travel in clear.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};

/// Whether plain http may carry credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plaintext {
    /// Only to this machine itself.
    #[default]
    Refused,
    /// To any host: the caller said so.
    Allowed,
}

/// A vendor's base URL: scheme, host, and perhaps a path that stands before every operation's.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Without a slash at its end.
    url: String,
    is_https: bool,
}

impl BaseUrl {
    /// Checks a base URL.
    ///
    /// # Errors
    /// When it is no http or https URL, has credentials, a query or a fragment, or would send credentials in clear to
    /// another machine.
    pub fn new(url: &str, plaintext: Plaintext) -> Result<Self, BaseUrlError> {
        if url.contains(['?', '#']) {
            return Err(BaseUrlError::HasQuery);
        }
        let uri = Uri::from_str(url).map_err(|_| BaseUrlError::NotAUrl)?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(BaseUrlError::NotAUrl);
        };
        if authority.as_str().contains('@') {
            return Err(BaseUrlError::HasCredentials);
        }
        let is_https = *scheme == Scheme::HTTPS;
        if !is_https && *scheme != Scheme::HTTP {
            return Err(BaseUrlError::NotAUrl);
        }
        let host = Host::of(authority).ok_or(BaseUrlError::NotAUrl)?;
        if !is_https && plaintext == Plaintext::Refused && !host.is_loopback() {
            return Err(BaseUrlError::Plaintext { host: authority.host().to_owned() });
        }
        Ok(Self { url: url.trim_end_matches('/').to_owned(), is_https })
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether what is sent there is encrypted.
    pub fn is_https(&self) -> bool {
        self.is_https
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

enum Host<'a> {
    Address(IpAddr),
    Name(&'a str),
}

impl<'a> Host<'a> {
    /// `None` where the authority is more than a host and a port, so that another parser might see another host.
    fn of(authority: &'a Authority) -> Option<Self> {
        let host = authority.host();
        let port = authority.as_str().strip_prefix(host)?;
        if !port.is_empty() && !is_port(port.strip_prefix(':')?) {
            return None;
        }
        match host.strip_prefix('[') {
            Some(address) => Some(Self::Address(IpAddr::V6(address.strip_suffix(']')?.parse().ok()?))),
            None if host.is_empty() => None,
            None => Some(host.parse().map_or(Self::Name(host), |address| Self::Address(IpAddr::V4(address)))),
        }
    }

    /// Only in its plain spelling: what else might mean this machine is not trusted to.
    fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.is_loopback(),
            Self::Name(name) => name.eq_ignore_ascii_case("localhost"),
        }
    }
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Why a base URL is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// It is no absolute http or https URL.
    #[error("the base URL must be an absolute http or https URL, such as https://host")]
    NotAUrl,
    /// It holds a user name or a password.
    #[error("the base URL must not hold a user name or a password")]
    HasCredentials,
    /// It has a query or a fragment.
    #[error("the base URL must end before any `?` or `#`")]
    HasQuery,
    /// Credentials would travel in clear.
    #[error(
        "the base URL uses plain http: appid, secret, token and signature would travel in clear to {host}. \
         Use https, or say `plaintext = true` if that is meant"
    )]
    Plaintext {
        /// The host that would be reached.
        host: String,
    },
}
