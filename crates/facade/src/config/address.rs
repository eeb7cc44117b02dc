//! URLs: those of the vendors, which can be printed, and those that may carry a password.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Position, Url};

/// A URL that may carry a password, in its authority, its path or its query. It prints as scheme,
/// host and port.
#[derive(Clone)]
pub struct PrivateUrl {
    text: SecretString,
    shown: String,
}

impl PrivateUrl {
    /// `None` where `text` is no URL of one of these schemes, or lacks a host and may not.
    pub(super) fn parse(text: &str, schemes: &[&str], needs_host: bool) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let host = url.host_str().unwrap_or_default();
        if !schemes.contains(&url.scheme()) || (needs_host && host.is_empty()) {
            return None;
        }
        let shown = if has_misplaced_password(&url) {
            format!("{}://[redacted]", url.scheme())
        } else {
            let port = url.port().map(|port| format!(":{port}"));
            format!("{}://{host}{}{}", url.scheme(), port.unwrap_or_default(), number(&url))
        };
        Some(Self { text: String::from(url).into(), shown })
    }

    /// `None` where `text` is no http or https URL.
    pub(super) fn http(text: &str) -> Option<Self> {
        Self::parse(text, &["http", "https"], true)
    }

    /// The whole URL.
    ///
    /// # Security
    /// It may hold a password: hand it to a client, never to a log.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

impl fmt::Display for PrivateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PrivateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// A `/`, `?` or `#` of a password that is not percent-encoded ends the authority too early: what
/// looks like the host is the user, and what looks like the port begins the password.
fn has_misplaced_password(url: &Url) -> bool {
    url[Position::AfterPort..].contains('@')
}

/// The path where it is a number, as that of a Redis database: no password is taken for one, as it would stand before
/// an `@`. Other paths are not shown.
fn number(url: &Url) -> &str {
    let path = url.path();
    let digits = path.strip_prefix('/').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) { path } else { "" }
}

/// A base URL in its normal form, without a slash at its end.
pub(super) fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let http = matches!(url.scheme(), "http" | "https");
    (plain && http).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// The path after `prefix`, for `sqlite:PATH` and `file:PATH`. `//` is no host but the beginning of
/// an absolute path.
pub(super) fn path_after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let path = text.strip_prefix(prefix)?;
    let path = match path.strip_prefix("//") {
        Some(absolute) => absolute.starts_with('/').then_some(absolute)?,
        None => path,
    };
    (!path.is_empty() && path != ":memory:").then_some(path)
}
