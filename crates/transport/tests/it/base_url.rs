//! Where credentials may be sent.

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
    for host in ["127.0.0.1:8080", "127.9.9.9", "localhost:1", "LOCALHOST", "[::1]:443"] {
        assert!(BaseUrl::new(&format!("http://{host}"), Plaintext::Refused).is_ok(), "{host} is this machine");
    }
}

#[test]
fn what_is_no_base_url_is_refused_in_words() {
    let error = |url: &str| BaseUrl::new(url, Plaintext::Refused).unwrap_err();
    for url in ["", "m.sh.189.cn", "/path", "ftp://m.sh.189.cn", "https://", "https:// host"] {
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
