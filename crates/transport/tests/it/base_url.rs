//! The base URLs to which credentials may be sent.

use proptest::prelude::*;
use weifen_transport::{BaseUrl, BaseUrlError, Plaintext};

#[test]
fn credentials_never_go_over_plain_http() {
    for host in ["m.sh.189.cn", "10.0.0.1", "localhost.example", "127.0.0.1.example", "[2001:db8::1]"] {
        let url = format!("http://{host}/");
        let refused = BaseUrl::new(&url, Plaintext::Refused).unwrap_err();
        assert!(matches!(refused, BaseUrlError::Plaintext { .. }), "{url}: {refused}");
        assert!(refused.to_string().contains("plaintext = true"));
        assert!(BaseUrl::new(&url, Plaintext::Allowed).is_ok(), "the caller said so");
        assert!(BaseUrl::new(&format!("https://{host}"), Plaintext::Refused).is_ok());
    }
    for host in ["127.0.0.1:8080", "127.9.9.9", "127.0.0.1:", "localhost:1", "LOCALHOST", "[::1]:443"] {
        assert!(BaseUrl::new(&format!("http://{host}"), Plaintext::Refused).is_ok(), "{host} is this machine");
    }
}

/// Other machines, and spellings of this one that parsers may read differently.
const NOT_LOOPBACK: &[&str] = &[
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://localhost.evil.example.",
    "http://evil.example:127",
    "http://evil.example/127.0.0.1",
    "http://127.0.0.1&.evil.example",
    "http://localhost,evil.example",
    "http://localhost;evil.example",
    "HTTP://evil.example",
    "hTtP://evil.example",
    "http://[::ffff:8.8.8.8]",
    "http://[::ffff:127.0.0.1]",
    "http://[fe80::1]",
    "http://[::]",
    "http://0.0.0.0",
    "http://0",
    "http://0x7f.1",
    "http://0177.0.0.1",
    "http://127.1",
    "http://2130706433",
    "http://127.0.0.1.",
    "http://localhost.",
];

/// URLs that one parser reads as this machine and another parser as another machine.
const NOT_A_BASE_URL: &[&str] = &[
    "http://127.0.0.1@evil.example",
    "http://localhost:80@evil.example",
    "http://localhost:80%40evil.example",
    "http://127.0.0.1#@evil.example",
    "http://127.0.0.1?@evil.example",
    "http://127.0.0.1\\@evil.example",
    "http://127.0.0.1\\.evil.example",
    "http://evil.example\\@127.0.0.1",
    "http://127.0.0.1\t.evil.example",
    "http://127.0.0.1\n.evil.example",
    "http://127.0.0.1%2eevil.example",
    "http://localhost%00.evil.example",
    "http://localhost\u{ff0e}evil.example",
    "http://\u{24db}ocalhost",
    "http://[::1].evil.example",
    "http://[::1]evil.example",
    "http://[::1].:80",
    "http://[::1]evil.example:80",
    "http://[::1]80",
    "http://127.0.0.1:+80",
    "http://[127.0.0.1]",
    "http://[localhost]",
    "http://[::1%25lo]",
    "http://[::1",
    "http://::1",
    "http://127.0.0.1:80:80",
    "http://127.0.0.1:99999",
    "http:127.0.0.1",
    "http:///127.0.0.1",
    "//127.0.0.1",
    "ws://127.0.0.1",
];

#[test]
fn no_spelling_passes_another_machine_off_as_this_one() {
    for url in NOT_LOOPBACK {
        let refused = BaseUrl::new(url, Plaintext::Refused);
        assert!(matches!(refused, Err(BaseUrlError::Plaintext { .. })), "{url}: {refused:?}");
    }
    for url in NOT_A_BASE_URL {
        for plaintext in [Plaintext::Refused, Plaintext::Allowed] {
            assert!(BaseUrl::new(url, plaintext).is_err(), "{url}");
        }
    }
}

proptest! {
    /// The transport reads URLs as browsers do, and the check does not.
    #[test]
    fn what_may_go_over_plain_http_goes_to_this_machine_however_it_is_read(
        scheme in "(http|HTTP|hTtp)",
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "127.0.0.1", "localhost", "[::1]", "[", "]", "::1", ".", ":", "@", "/", "\\", "%2e", "\t", "evil.example", "1",
                "0x7f", ",", "80", "+", "\u{3002}",
            ]),
            1..6,
        ),
    ) {
        let text = format!("{scheme}://{}", parts.concat());
        if let Ok(base_url) = BaseUrl::new(&text, Plaintext::Refused) {
            let url = url::Url::parse(base_url.as_str()).unwrap();
            let is_loopback = match url.host().unwrap() {
                url::Host::Domain(name) => name == "localhost",
                url::Host::Ipv4(address) => address.is_loopback(),
                url::Host::Ipv6(address) => address.is_loopback(),
            };
            prop_assert!(is_loopback, "{text} leads to {url}");
        }
    }
}

#[test]
fn what_is_no_base_url_is_refused_in_words() {
    let error = |url: &str| BaseUrl::new(url, Plaintext::Refused).unwrap_err();
    for url in ["", "m.sh.189.cn", "/path", "ftp://m.sh.189.cn", "https://", "https:// host", "https://:443"] {
        assert_eq!(error(url), BaseUrlError::NotAUrl, "{url}");
    }
    assert_eq!(error("https://user:password@m.sh.189.cn"), BaseUrlError::HasCredentials);
    assert!(!error("https://user:password@m.sh.189.cn").to_string().contains("password@"));
    assert_eq!(error("https://m.sh.189.cn/?a=b"), BaseUrlError::HasQuery);
    assert_eq!(error("https://m.sh.189.cn/#a"), BaseUrlError::HasQuery);
}

#[test]
fn a_base_url_may_have_a_path() {
    assert_eq!(
        BaseUrl::new("https://white.label/fans/", Plaintext::Refused).unwrap().as_str(),
        "https://white.label/fans"
    );
}

#[test]
fn a_base_url_tells_whether_what_is_sent_there_is_encrypted() {
    for (url, is_https) in [("https://m.sh.189.cn", true), ("HTTPS://localhost", true), ("http://localhost:1", false)] {
        let base_url = BaseUrl::new(url, Plaintext::Refused).unwrap();
        assert_eq!(base_url.is_https(), is_https, "{url}");
        assert_eq!(format!("{base_url:?}"), format!("{url:?}"));
    }
}
