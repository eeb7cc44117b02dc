//! Examination of a configuration: all faults at once, every key's origin, and no value that may be a secret.

use std::collections::BTreeMap;

use weifen::config::{Examination, Origin, Sources};

use super::{CANARY, CASES, toml};

fn shown(examined: &Examination) -> BTreeMap<&'static str, Option<&str>> {
    examined.keys.iter().map(|known| (known.key, known.value.as_deref())).collect()
}

#[test]
fn all_that_is_wrong_is_found_at_once_and_the_rest_holds() {
    let text = "[weiting]\nappid = 'wt'\napid = 'x'\ntoken_life_s = 0\n[fency]\n[http]\nbody_cap = 'x'\n[serve]\nlisten = 'x'\n";
    let examined = toml(text)
        .environment([("WEIFEN_SERVE_LEASE_S", "never"), ("WEIFEN_FENSI_KEE", "x"), ("WEIFEN_HTTP_TIMEOUT_S", "7")])
        .examine();
    let mut keys: Vec<_> = examined.faults.iter().filter_map(|fault| fault.key()).collect();
    keys.sort_unstable();
    let wrong = [
        "fency",
        "fensi.kee",
        "http.body_cap",
        "serve.lease_s",
        "serve.listen",
        "weiting.apid",
        "weiting.token_life_s",
    ];
    assert_eq!(keys, wrong);
    assert_eq!(examined.config.weiting.appid().unwrap(), "wt");
    assert_eq!(examined.config.http.timeout.as_secs(), 7);
    assert!(examined.is_at_fault("http.body_cap") && !examined.is_at_fault("http.timeout_s"));
    assert!(!examined.has_unread_file());
}

#[test]
fn a_file_that_is_no_toml_leaves_what_the_environment_gives() {
    let examined = toml("[weiting\n").environment([("WEIFEN_WEITING_APPID", "wt")]).examine();
    assert!(examined.has_unread_file());
    assert_eq!(examined.config.weiting.appid().unwrap(), "wt");
    let missing = Sources::new().file("no-such-file.toml").examine();
    assert!(missing.has_unread_file(), "{missing:?}");
}

#[test]
fn the_first_fault_is_the_one_that_loading_fails_with() {
    let sources = || toml("[http]\nbody_cap = 'x'\n[nope]\n").environment([("WEIFEN_FENSI_KEE", "x")]);
    let first = sources().examine().faults.remove(0);
    assert_eq!(first.to_string(), sources().load().unwrap_err().to_string());
}

#[test]
fn every_key_but_a_secret_is_shown_with_what_it_is_set_to() {
    for case in CASES {
        let examined = Sources::new().environment([(super::variable(case.key), case.text)]).examine();
        let known = examined.keys.iter().find(|known| known.key == case.key).unwrap();
        assert_ne!(known.origin, Origin::Default, "{}", case.key);
        let is_secret = ["weiting.secret", "fensi.app_secret"].contains(&case.key);
        assert_eq!(known.value.is_none(), is_secret, "{}", case.key);
    }
}

#[test]
fn a_secret_or_what_may_be_one_is_never_shown() {
    let url = format!("redis://:{CANARY}@redis.example/0");
    let text = format!(
        "[weiting]\nsecret = '{CANARY}'\ntoken_store = '{url}'\nencoding = '{CANARY}'\n\
         [fensi]\napp_secret = '{CANARY}'\nbase_url = 'https://u:{CANARY}@h'\n[http]\nproxy = 'http://u:{CANARY}@proxy'\n\
         [serve]\ndatabase = 'postgres://u:{CANARY}@h/d'\ndeliver_url = 'https://h/{CANARY}?t={CANARY}'\n"
    );
    let examined = toml(&text).examine();
    assert_eq!(examined.faults.len(), 2);
    assert!(!format!("{examined:?}").contains(CANARY), "{examined:?}");
    let values = shown(&examined);
    assert_eq!(values["weiting.token_store"], Some("redis://redis.example/0"));
    assert_eq!((values["weiting.encoding"], values["fensi.base_url"]), (None, None));
}
