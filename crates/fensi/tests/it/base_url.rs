//! Where the client sends.

use weifen_fensi::Fensi;
use weifen_fensi::Scenes;
use weifen_transport::{BuildError, Plaintext};

use crate::canned::Canned;

#[tokio::test]
async fn credentials_never_go_over_plain_http() {
    let transport = Canned::answering("");
    let builder = || transport.builder().base_url("http://api.fensiwansui.com");
    assert!(matches!(builder().build(), Err(BuildError::BaseUrl(_))));
    assert!(builder().plaintext(Plaintext::Allowed).build().is_ok(), "the caller said so");
    assert!(transport.builder().base_url("http://127.0.0.1:1").build().is_ok(), "this machine");

    _ = transport.builder().build().unwrap().scenes(&Scenes).await;
    let sent = transport.requests().pop().unwrap();
    assert_eq!(sent.uri().to_string(), "https://api.fensiwansui.com/open/commercial/get_scene");
}

#[test]
fn settings_that_cannot_be_right_are_refused_in_words() {
    let error = |builder: weifen_fensi::FensiBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(error(Fensi::builder("", "secret")), "develop_appid: must not be empty");
    assert!(error(Fensi::builder("d", "secret").key(" k")).starts_with("key: must not begin or end"));
}
