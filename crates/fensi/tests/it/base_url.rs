//! The URLs that the client sends to.

use weifen_fensi::Fensi;
use weifen_transport::{BuildError, Plaintext};

use crate::canned::{answering, builder};

#[tokio::test]
async fn credentials_never_go_over_plain_http() {
    let transport = answering("");
    let plain = || builder(&transport).base_url("http://api.fensiwansui.com");
    assert!(matches!(plain().build(), Err(BuildError::BaseUrl(_))));
    assert!(plain().plaintext(Plaintext::Allowed).build().is_ok(), "the caller said so");
    assert!(builder(&transport).base_url("http://127.0.0.1:1").build().is_ok(), "this machine");

    _ = builder(&transport).build().unwrap().scenes().await;
    let sent = transport.requests().pop().unwrap();
    assert_eq!(sent.uri().to_string(), "https://api.fensiwansui.com/open/commercial/get_scene");
}

#[tokio::test]
async fn a_path_of_the_base_url_comes_first_and_the_second_prefix_in_the_place_of_the_first() {
    for (base, sent) in [
        ("https://h.example/", "https://h.example/open/commercial/get_scene"),
        ("https://h.example/fans", "https://h.example/fans/open/commercial/get_scene"),
        ("https://h.example/api/merchant", "https://h.example/api/merchant/commercial/get_scene"),
        ("https://api/merchant", "https://api/merchant/open/commercial/get_scene"),
        ("https://h.example/fans/api/merchant/", "https://h.example/fans/api/merchant/commercial/get_scene"),
    ] {
        let transport = answering("");
        _ = builder(&transport).base_url(base).build().unwrap().scenes().await;
        assert_eq!(transport.requests()[0].uri().to_string(), sent);
    }
}

#[test]
fn settings_that_cannot_be_right_are_refused_in_words() {
    let error = |builder: weifen_fensi::FensiBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(error(Fensi::builder("", "secret")), "develop_appid: must not be empty");
    for key in [" k", "a b", "\u{1}", ""] {
        assert!(error(Fensi::builder("d", "secret").key(key)).starts_with("key: must not"), "{key:?}");
    }
    assert_eq!(
        error(Fensi::builder("d", "secret").key("k".repeat(256))),
        "key: must not be longer than 255 characters"
    );
}
