//! The URLs that the client sends to, and its errors when that fails.

use std::sync::Arc;

use weifen_transport::mock::Canned;
use weifen_transport::{BuildError, CertificateFault, ErrorKind, NetworkFault, Plaintext, TransportError};
use weifen_weiting::token::TokenPolicy;
use weifen_weiting::{AuthorizeUrlRequest, Weiting};

use crate::canned::{builder, client};

fn unreachable() -> Arc<Canned> {
    Arc::new(Canned::in_turn([Err(TransportError::not_sent(std::io::Error::other("connection refused")))]))
}

#[tokio::test]
async fn a_failed_https_call_names_the_documented_address_and_the_switch() {
    let transport = unreachable();
    let request = AuthorizeUrlRequest::new("https://shop.example/").unwrap();
    let error = client(&transport).authorize_url(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDelivered);
    let hint = error.hint().unwrap();
    assert!(hint.contains("http://m.sh.189.cn") && hint.contains("plaintext = true"), "{hint}");
    assert_eq!(transport.requests()[0].uri().scheme_str(), Some("https"));
    assert_eq!(transport.requests()[0].uri().host(), Some("m.sh.189.cn"));

    let client = builder(&unreachable()).base_url("http://127.0.0.1:9").build().unwrap();
    assert!(client.authorize_url(&request).await.unwrap_err().hint().is_none(), "plain http was asked for");
}

#[tokio::test]
async fn plain_http_is_never_advised_where_tls_answers() {
    let io = || Arc::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
    let request = AuthorizeUrlRequest::new("https://shop.example/").unwrap();
    for (fault, advised) in [
        (NetworkFault::Refused { on_this_machine: false, error: io() }, true),
        (NetworkFault::NotTls, true),
        (NetworkFault::NoCommonCipherSuite, false),
        (NetworkFault::NoCommonVersion, false),
        (NetworkFault::Handshake(io()), false),
        (NetworkFault::Certificate(CertificateFault::Expired { at: None }), false),
        (NetworkFault::NameNotFound(io()), false),
    ] {
        let transport = Arc::new(Canned::in_turn([Err(TransportError::not_sent(fault.clone()))]));
        let error = client(&transport).authorize_url(&request).await.unwrap_err();
        let hint = error.hint().unwrap();
        assert_eq!(hint.contains("plaintext"), advised, "{hint}");
        assert!(advised || fault.advice() == Some(hint), "{hint}");
    }
}

#[test]
fn plain_http_must_be_asked_for() {
    let builder = || Weiting::builder("appid", "secret").base_url("http://m.sh.189.cn");
    assert!(matches!(builder().build(), Err(BuildError::BaseUrl(_))));
    assert!(builder().plaintext(Plaintext::Allowed).transport(unreachable()).build().is_ok());
}

#[test]
fn settings_that_cannot_be_right_are_refused_in_words() {
    let error =
        |builder: weifen_weiting::WeitingBuilder| builder.transport(unreachable()).build().unwrap_err().to_string();
    assert_eq!(error(Weiting::builder("", "secret")), "appid: must not be empty");
    assert_eq!(error(Weiting::builder("appid", "")), "secret: must not be empty");
    assert!(Weiting::builder(" appid", "secret ").transport(unreachable()).build().is_ok(), "the vendor may mean them");
    let path = error(Weiting::builder("appid", "secret").user_path("user?x"));
    assert!(path.starts_with("user_path: must begin with a slash,"), "{path}");
    let life = std::time::Duration::from_secs(300);
    assert!(
        error(Weiting::builder("appid", "secret").token_policy(TokenPolicy {
            life,
            refresh_before: life,
            ..TokenPolicy::default()
        }))
        .starts_with("refresh_before")
    );
}
