//! A vendor's base URL, and the rule that credentials are not sent in clear.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};

/// Rule for base URLs with plain http, which sends credentials unencrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Plaintext {
    /// Plain http is accepted for this machine only: `localhost` or a loopback address.
    #[default]
    Refused,
    /// Plain http is accepted for any host, because the caller asked for it.
    Allowed,
}

/// A vendor's base URL: scheme, host, and an optional path that precedes every operation's path.
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
    /// When `url` is not an http or https URL, has credentials, a query or a fragment, or would send credentials
    /// unencrypted to another machine.
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

    /// Returns true for https, where requests are encrypted.
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
    /// Returns `None` where the authority holds more than a host and a port: another parser might read another host.
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

    /// Returns true for this machine in a plain spelling. Other spellings that may mean this machine are not trusted.
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

/// Error of [`BaseUrl::new`]: the URL is refused before anything is sent, until it is corrected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// The URL is not an absolute http or https URL.
    #[error("the base URL must be an absolute http or https URL, such as https://host")]
    NotAUrl,
    /// The URL holds a user name or a password.
    #[error("the base URL must not contain a user name or a password")]
    HasCredentials,
    /// The URL has a query or a fragment.
    #[error("the base URL must not contain a query (`?`) or a fragment (`#`)")]
    HasQuery,
    /// Plain http would send credentials unencrypted to another machine. Use https, or [`Plaintext::Allowed`].
    #[error(
        "the base URL uses plain http: appid, secret, token and signature would be sent unencrypted to {host}. Use \
         https, or set `plaintext = true` to allow plain http"
    )]
    Plaintext {
        /// Host of the URL.
        host: String,
    },
}
