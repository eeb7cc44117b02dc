//! URLs: those of the vendors, which can be printed, and those that may hold a password.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Position, Url};

/// A URL that may hold a password in its authority, path or query. It prints as scheme, host and port.
#[derive(Clone)]
pub struct PrivateUrl {
    text: SecretString,
    shown: String,
}

impl PrivateUrl {
    /// Parses a URL of one of these schemes; `None` for any other text, and for a URL without the host that it needs.
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

    /// Parses an http or https URL.
    pub(super) fn http(text: &str) -> Option<Self> {
        Self::parse(text, &["http", "https"], true)
    }

    /// The whole URL.
    ///
    /// # Security
    /// It may hold a password: pass it to a client, never to a log.
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

/// Returns true where a `/`, `?` or `#` of a password is not percent-encoded. It ends the authority too early: the
/// apparent host is the user, and the apparent port is the beginning of the password.
fn has_misplaced_password(url: &Url) -> bool {
    url[Position::AfterPort..].contains('@')
}

/// Returns the path where it is a number, such as that of a Redis database: it can't be a password, which would stand
/// before an `@`. Other paths are not shown.
fn number(url: &Url) -> &str {
    let path = url.path();
    let digits = path.strip_prefix('/').unwrap_or_default();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) { path } else { "" }
}

/// Returns a base URL in its normal form, without a slash at its end.
pub(super) fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let http = matches!(url.scheme(), "http" | "https");
    (plain && http).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// Returns the path after `prefix`, for `sqlite:PATH` and `file:PATH`. After it, `//` begins an absolute path, not a
/// host.
pub(super) fn path_after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let path = text.strip_prefix(prefix)?;
    let path = match path.strip_prefix("//") {
        Some(absolute) => absolute.starts_with('/').then_some(absolute)?,
        None => path,
    };
    (!path.is_empty() && path != ":memory:").then_some(path)
}
