//! The clients that a configuration describes, against the sandbox.

use std::sync::Arc;

use weifen::config::Sources;
use weifen::transport::BuildError;
use weifen::weiting::LoginReportRequest;
use weifen::weiting::token::MemoryStore;
use weifen::{SetupError, Weifen};
use weifen_sandbox::{Sandbox, test_data};

fn sources(sandbox: &Sandbox) -> Sources {
    Sources::new()
        .set("weiting.base_url", sandbox.weiting_base_url())
        .set("weiting.appid", sandbox.appid())
        .set("weiting.secret", sandbox.secret())
        .set("fensi.base_url", sandbox.fensi_base_url())
        .set("fensi.develop_appid", sandbox.develop_appid())
        .set("fensi.app_secret", sandbox.app_secret())
}

#[tokio::test]
async fn a_configuration_becomes_both_clients() {
    let sandbox = Sandbox::start().await.unwrap();
    let weifen = Weifen::builder(sources(&sandbox).load().unwrap()).build().unwrap();
    assert_eq!(weifen.fensi().unwrap().scenes().await.unwrap().len(), 9);
    let report = LoginReportRequest::new(test_data::OPENID.parse().unwrap(), "18964524000".parse().unwrap());
    for _ in 0..3 {
        weifen.weiting().unwrap().login_report(&report).await.unwrap();
    }
    assert_eq!(weifen.weiting().unwrap().access_token().await.unwrap().generation(), 1, "one token for all");
}

#[tokio::test]
async fn a_configured_file_is_shared_and_outlasts_the_clients() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = format!("file:{}", folder.path().join("token.json").display());
    for _ in 0..2 {
        let config = sources(&sandbox).set("weiting.token_store", &store).load().unwrap();
        let weiting = Weifen::builder(config).build().unwrap().weiting().unwrap();
        assert_eq!(weiting.access_token().await.unwrap().generation(), 1);
    }
    assert_eq!(sandbox.log().len(), 1);
}

#[tokio::test]
async fn a_store_that_the_program_gives_stands_in_the_place_of_the_configured() {
    let sandbox = Sandbox::start().await.unwrap();
    let store = Arc::new(MemoryStore::new());
    for _ in 0..2 {
        let config = sources(&sandbox).set("weiting.token_store", "file:/no/such/folder").load().unwrap();
        let weifen = Weifen::builder(config).token_store(store.clone()).build().unwrap();
        assert_eq!(weifen.weiting().unwrap().access_token().await.unwrap().generation(), 1);
    }
    assert_eq!(sandbox.log().len(), 1);
}

#[tokio::test]
async fn a_redis_is_asked_or_the_feature_for_it_is_named() {
    let url = "redis://:canary@127.0.0.1:1";
    let config = Sources::new().set("weiting.appid", "a").set("weiting.secret", "s").set("weiting.token_store", url);
    let weifen = Weifen::builder(config.load().unwrap()).build().unwrap();
    let error: Box<dyn std::error::Error> = match weifen.weiting() {
        Ok(weiting) => weiting.access_token().await.unwrap_err().into(),
        Err(error) => error.into(),
    };
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    let told = if cfg!(feature = "redis") { "redis://127.0.0.1:1/0 can't be used" } else { "weifen's feature `redis`" };
    assert!(format!("{error} {source}").contains(told), "{error}: {source}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}

#[cfg(feature = "redis")]
#[test]
fn a_redis_that_the_store_refuses_is_named_with_its_key_and_place() {
    let toml = "[weiting]\nappid = 'a'\nsecret = 's'\ntoken_store = 'redis://:canary@cache.example/first'\n";
    let weifen = Weifen::builder(Sources::new().toml("weifen.toml", toml).load().unwrap()).build().unwrap();
    let error = weifen.weiting().unwrap_err();
    let words = error.to_string();
    assert!(words.contains("weifen.toml:4: weiting.token_store: must have a number"), "{words}");
    assert!(!format!("{error:?} {words}").contains("canary"), "{error:?}");
}

#[cfg(feature = "redis")]
#[test]
fn an_encrypted_redis_trusts_the_configured_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let authorities = folder.path().join("ca.pem");
    let configured = || {
        let sources = Sources::new()
            .set("weiting.appid", "a")
            .set("weiting.secret", "s")
            .set("weiting.token_store", "rediss://cache.example")
            .set("http.ca_file", authorities.display().to_string());
        let transport = weifen::transport::default_transport().unwrap();
        Weifen::builder(sources.load().unwrap()).transport(transport).build().unwrap().weiting().unwrap_err()
    };
    assert!(matches!(configured(), SetupError::CaFile { path, .. } if path == authorities));
    std::fs::write(&authorities, "no certificate").unwrap();
    assert!(matches!(configured(), SetupError::Build { section: "http", source: BuildError::Authorities(_) }));
}

#[tokio::test]
async fn one_vendors_missing_secret_does_not_stop_the_other() {
    let sandbox = Sandbox::start().await.unwrap();
    let config = Sources::new()
        .set("weiting.appid", sandbox.appid())
        .set("fensi.develop_appid", sandbox.develop_appid())
        .set("fensi.app_secret", sandbox.app_secret())
        .load()
        .unwrap();
    let weifen = Weifen::builder(config).build().unwrap();
    assert!(weifen.fensi().is_ok());
    let error = weifen.weiting().unwrap_err();
    assert!(matches!(error, SetupError::Config(_)), "{error}");
    assert!(error.to_string().contains("weiting.secret"), "{error}");
}

#[test]
fn plain_http_is_refused_with_the_key_that_asked_for_it() {
    let config = Sources::new()
        .set("fensi.base_url", "http://fans.example")
        .set("fensi.develop_appid", "d")
        .set("fensi.app_secret", "s");
    let weifen = Weifen::builder(config.load().unwrap()).build().unwrap();
    let error = weifen.fensi().unwrap_err();
    assert!(matches!(error, SetupError::Value { source: BuildError::BaseUrl(_), .. }));
    assert!(error.to_string().contains("fensi.base_url: the base URL uses plain http"), "{error}");
}

/// URLs of other machines, with names that look like this one's.
const OTHER_MACHINES: [&str; 12] = [
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1@evil.example",
    "http://localhost:80@evil.example",
    "http://127.0.0.1\t.evil.example",
    "http://127.0.0.1%2eevil.example",
    "HTTP://EVIL.EXAMPLE",
    "http://[::ffff:8.8.8.8]",
    "http://0.0.0.0",
    "http://[::]",
    "http://localhost.",
    "http://10.0.0.1",
];

/// The configuration itself refuses some of them, as they are no base URLs.
#[test]
fn no_vendors_credentials_go_to_another_machine_over_plain_http() {
    for url in OTHER_MACHINES {
        let sources = || {
            let sources = Sources::new().set("weiting.appid", "a").set("weiting.secret", "s");
            sources.set("fensi.develop_appid", "d").set("fensi.app_secret", "s")
        };
        let built = |key: &str| {
            let weifen = Weifen::builder(sources().set(key, url).load().ok()?).build().unwrap();
            Some([weifen.weiting().map(drop), weifen.fensi().map(drop)])
        };
        if let Some([weiting, fensi]) = built("weiting.base_url") {
            assert!(matches!(weiting, Err(SetupError::Value { source: BuildError::BaseUrl(_), .. })), "{url}");
            assert!(fensi.is_ok(), "each vendor is judged by its own section");
        }
        if let Some([weiting, fensi]) = built("fensi.base_url") {
            assert!(matches!(fensi, Err(SetupError::Value { source: BuildError::BaseUrl(_), .. })), "{url}");
            assert!(weiting.is_ok(), "each vendor is judged by its own section");
        }
    }
}

#[test]
fn a_file_of_authorities_that_is_missing_is_named() {
    let config = Sources::new().set("http.ca_file", "/no/such/file.pem").load().unwrap();
    let error = Weifen::builder(config).build().unwrap_err();
    assert!(error.to_string().contains("http.ca_file: /no/such/file.pem"), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let config = Sources::new().set("http.ca_file", file.path().to_str().unwrap()).load().unwrap();
    let error = Weifen::builder(config).build().unwrap_err();
    assert!(error.to_string().starts_with("[http]: the certificate authorities must be"), "{error}");
}

#[test]
fn a_value_that_the_client_refuses_is_named_with_its_key_and_place() {
    let toml = "[fensi]\ndevelop_appid = 'canary '\napp_secret = 's'\n";
    let weifen = Weifen::builder(Sources::new().toml("weifen.toml", toml).load().unwrap()).build().unwrap();
    let error = weifen.fensi().unwrap_err().to_string();
    assert!(error.contains("weifen.toml") && error.contains("fensi.develop_appid: must not begin or end"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}
