//! The inbox that a configuration describes.

use std::sync::Arc;

use weifen::config::Sources;
use weifen::fensi::QrcodeRequest;
use weifen::inbox::{Inbox, OpenError, Rules, SecondFollow, Unsolicited};
use weifen::{Config, Weifen};
use weifen_sandbox::{Sandbox, test_data};

fn config(toml: &str) -> Config {
    Sources::new().toml("/etc/weifen.toml", toml).load().unwrap()
}

#[test]
fn its_database_is_the_configured_one_and_shows_no_password() {
    assert_eq!(config("").inbox_database().to_string(), "sqlite:inbox.db");
    assert_eq!(config("serve.database = 'sqlite:i.db'").inbox_database().to_string(), "sqlite:/etc/i.db");
    let database = config("serve.database = 'postgres://app:canary@db.example:5433/inbox'").inbox_database();
    assert_eq!(database.to_string(), "postgres://db.example:5433");
    assert!(!format!("{database:?}").contains("canary"), "{database:?}");
}

#[test]
fn its_rules_are_those_of_both_sections() {
    let rules = |toml: &str| config(toml).inbox_rules().unwrap();
    assert_eq!(rules("fensi.develop_appid = 'd'"), Rules::new("d"));
    assert_eq!(rules("fensi.develop_appid = 'd'\nfensi.key = 'k'"), Rules::new("d").keys(["k"]));
    let all = "[fensi]\ndevelop_appid = 'd'\nkey = 'k'\n\
               [serve]\nkeys = ['a', 'b']\nunsolicited = 'pay'\nsecond_follow = 'per_state'";
    let expected = Rules::new("d").keys(["a", "b"]).unsolicited(Unsolicited::Pay).second_follow(SecondFollow::PerState);
    assert_eq!(rules(all), expected);
    let drop = "fensi.develop_appid = 'd'\nserve.unsolicited = 'drop'";
    assert_eq!(rules(drop), Rules::new("d").unsolicited(Unsolicited::Drop));
    let error = config("serve.keys = ['a']").inbox_rules().unwrap_err();
    assert!(error.to_string().starts_with("fensi.develop_appid is not set"), "{error}");
}

#[tokio::test]
async fn its_bookings_are_what_the_client_books_in() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = Sources::new()
        .set("fensi.base_url", sandbox.fensi_base_url())
        .set("fensi.develop_appid", sandbox.develop_appid())
        .set("fensi.app_secret", sandbox.app_secret())
        .set("fensi.key", test_data::KEY)
        .set("serve.database", format!("sqlite:{}", folder.path().join("inbox.db").display()))
        .load()
        .unwrap();
    let inbox = Inbox::open(&config.inbox_database()).await.unwrap();
    let weifen = Weifen::builder(config).bookings(Arc::new(inbox.clone())).build().unwrap();
    let request = QrcodeRequest::new("user".parse().unwrap(), "nick", "183.13.188.125".parse().unwrap()).unwrap();
    assert!(!inbox.has_bookings().await.unwrap());
    assert!(weifen.fensi().unwrap().qrcode(&request).await.unwrap().is_some());
    assert_eq!(inbox.stats().await.unwrap().open_bookings, 1);
}

#[tokio::test]
async fn postgres_is_asked_or_the_feature_for_it_is_named() {
    let config = config("fensi.develop_appid = 'd'\nserve.database = 'postgres://app:canary@127.0.0.1:1/inbox'");
    let error = Inbox::open(&config.inbox_database()).await.unwrap_err();
    assert_eq!(matches!(error, OpenError::NotBuiltIn { .. }), !cfg!(feature = "postgres"), "{error}");
    assert!(error.to_string().contains("postgres://127.0.0.1:1"), "{error}");
    assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
}
