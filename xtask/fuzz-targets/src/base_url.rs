//! A vendor's base URL, as in a configuration.

use std::net::IpAddr;

use url::{Host, Url};
use weifen_transport::{BaseUrl, Plaintext};

/// Checks for any text: it is a base URL without user, query or fragment, or an error that can be printed. Plain http
/// that was not allowed leads to this machine, as the URL parser of the connections reads it.
pub fn base_url(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match BaseUrl::new(text, Plaintext::Refused) {
        Ok(base) => {
            assert!(!base.as_str().contains(['?', '#']), "{base:?}");
            if let Ok(url) = Url::parse(base.as_str()) {
                assert!(url.username().is_empty() && url.password().is_none(), "{base:?} has a user");
            }
            assert_eq!(BaseUrl::new(base.as_str(), Plaintext::Refused).as_ref(), Ok(&base), "taken once more");
            if !base.is_https() {
                leads_to_this_machine(base.as_str());
            }
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error}"),
    }
}

fn leads_to_this_machine(base: &str) {
    // A URL that can't be parsed is never connected to.
    let Ok(url) = Url::parse(&format!("{base}/path")) else { return };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    assert!(is_loopback, "{base} leads to {url}");
}
