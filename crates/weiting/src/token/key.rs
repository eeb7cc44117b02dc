//! The key of a token in a store: appid, base URL and secret, which must be equal for two programs to share a token.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use weifen_transport::BaseUrl;
use weifen_transport::http::Uri;

/// Key of a token in a store: the appid, the base URL and eight bytes of the secret's SHA-256. Programs that differ in
/// any of the three share no token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenKey {
    text: String,
    account: String,
}

impl TokenKey {
    /// The key of `appid` with `secret` at `base_url`.
    pub fn new(appid: &str, base_url: &BaseUrl, secret: &SecretString) -> Self {
        let digest = Sha256::digest(secret.expose_secret().as_bytes());
        let url = base_url.as_str();
        Self {
            text: format!("{appid}@{url}#{}", hex::encode(&digest[..8])),
            account: format!("{appid}@{}", authority(url)),
        }
    }

    /// `APPID@BASE_URL#DIGEST`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Account under which fetches are counted: `APPID@HOST`, with the port where it is not the scheme's default. A
    /// new secret, or https instead of http, begins no new count.
    pub fn account(&self) -> &str {
        &self.account
    }
}

fn authority(url: &str) -> String {
    let uri: Uri = url.parse().unwrap_or_default();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    match (uri.scheme_str(), uri.port_u16()) {
        (_, None) | (Some("https"), Some(443)) | (Some("http"), Some(80)) => host,
        (_, Some(port)) => format!("{host}:{port}"),
    }
}

impl fmt::Display for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use weifen_transport::Plaintext;

    use super::*;

    fn key(appid: &str, url: &str, secret: &str) -> TokenKey {
        TokenKey::new(appid, &BaseUrl::new(url, Plaintext::Allowed).unwrap(), &secret.into())
    }

    #[test]
    fn a_key_tells_appid_host_and_secret_apart_and_does_not_hold_the_secret() {
        let one = key("wx1", "https://m.sh.189.cn", "secret");
        assert_eq!(one.as_str(), "wx1@https://m.sh.189.cn#2bb80d537b1da3e3");
        for other in [
            key("wx2", "https://m.sh.189.cn", "secret"),
            key("wx1", "https://m.sh.189.com", "secret"),
            key("wx1", "https://m.sh.189.cn", "changed"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_new_secret_or_scheme_begins_no_new_count() {
        let one = key("wx1", "https://m.sh.189.cn", "secret");
        assert_eq!(one.account(), "wx1@m.sh.189.cn");
        assert_eq!(one.account(), key("wx1", "http://M.sh.189.cn:80/gate", "changed").account());
        assert_ne!(one.account(), key("wx1", "http://m.sh.189.cn:8080", "secret").account());
    }
}
