//! Configuration: every key from every source, precedence, secrets, and each error in words.

mod any;
mod callers;
mod files;
mod prints;
mod provenance;
mod secrets;
mod wrong;

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Debug;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use secrecy::ExposeSecret;
use weifen::config::{Config, ConfigError, DatabaseUrl, Distrust, Origin, Sources, TokenStoreUrl};

/// Placed wherever a secret could be: no output may contain it.
const CANARY: &str = "canary7Qz";

fn toml(text: &str) -> Sources {
    Sources::new().toml("weifen.toml", text)
}

fn variable(key: &str) -> String {
    format!("WEIFEN_{}", key.replace('.', "_").to_uppercase())
}

fn error(sources: Sources) -> ConfigError {
    match sources.load() {
        Ok(_) => panic!("a wrong configuration was accepted"),
        Err(e) => e,
    }
}

/// Returns the configuration errors, one per line.
fn errors(sources: impl IntoIterator<Item = Sources>) -> String {
    let lines: Vec<_> = sources.into_iter().map(|s| error(s).to_string()).collect();
    lines.join("\n")
}

/// A key, a value in TOML, the same in the environment, and the program's view of it: by default, and with that value.
struct Case {
    key: &'static str,
    toml: &'static str,
    text: &'static str,
    seen: fn(&Config) -> String,
    default: &'static str,
    value: &'static str,
}

fn debug(value: impl Debug) -> String {
    format!("{value:?}")
}

fn revealed(secret: Result<secrecy::SecretString, ConfigError>) -> String {
    secret.map_or_else(|e| e.to_string(), |s| s.expose_secret().to_owned())
}

fn push_secret_count(config: &Config) -> String {
    let lines = config.serve.push_secrets();
    lines.map_or_else(|e| e.to_string(), |lines| debug(lines.len()))
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { key: "weiting.base_url", toml: "'http://127.0.0.1:9/a/'", text: "http://127.0.0.1:9/a/", seen: |c| c.weiting.base_url.clone(), default: "https://m.sh.189.cn", value: "http://127.0.0.1:9/a" },
    Case { key: "weiting.appid", toml: "'wt1'", text: "wt1", seen: |c| c.weiting.appid().map_or_else(|e| e.to_string(), str::to_owned), default: "weiting.appid is not set; expected appid in [weiting] of the configuration file, or WEIFEN_WEITING_APPID", value: "wt1" },
    Case { key: "weiting.secret", toml: "' s '", text: " s ", seen: |c| revealed(c.weiting.secret()), default: "weiting.secret_file is not set; expected secret_file or secret in [weiting] of the configuration file, or WEIFEN_WEITING_SECRET_FILE", value: " s " },
    Case { key: "weiting.secret_file", toml: "'/nonexistent/w'", text: "/nonexistent/w", seen: |c| revealed(c.weiting.secret()).split_once("weiting.secret_file").unwrap().1.to_owned(), default: " is not set; expected secret_file or secret in [weiting] of the configuration file, or WEIFEN_WEITING_SECRET_FILE", value: ": /nonexistent/w does not exist" },
    Case { key: "weiting.plaintext", toml: "true", text: "true", seen: |c| debug(c.weiting.plaintext), default: "false", value: "true" },
    Case { key: "weiting.user_path", toml: "'/user'", text: "/user", seen: |c| debug(&c.weiting.user_path), default: "None", value: "Some(\"/user\")" },
    Case { key: "weiting.encoding", toml: "'json'", text: "json", seen: |c| debug(c.weiting.encoding), default: "Form", value: "Json" },
    Case { key: "weiting.token_store", toml: "'memory'", text: "memory", seen: |c| debug(&c.weiting.token_store), default: "None", value: "Some(Memory)" },
    Case { key: "weiting.token_life_s", toml: "3600", text: "3600", seen: |c| debug(c.weiting.token_life), default: "7200s", value: "3600s" },
    Case { key: "weiting.refresh_before_s", toml: "0", text: "0", seen: |c| debug(c.weiting.refresh_before), default: "300s", value: "0ns" },
    Case { key: "weiting.daily_limit", toml: "1", text: "1", seen: |c| debug(c.weiting.daily_limit), default: "200", value: "1" },
    Case { key: "fensi.base_url", toml: "'https://FS.example'", text: "https://FS.example", seen: |c| c.fensi.base_url.clone(), default: "https://api.fensiwansui.com", value: "https://fs.example" },
    Case { key: "fensi.develop_appid", toml: "'jbh1'", text: "jbh1", seen: |c| c.fensi.develop_appid().map_or_else(|e| e.to_string(), str::to_owned), default: "fensi.develop_appid is not set; expected develop_appid in [fensi] of the configuration file, or WEIFEN_FENSI_DEVELOP_APPID", value: "jbh1" },
    Case { key: "fensi.app_secret", toml: "'密'", text: "密", seen: |c| revealed(c.fensi.app_secret()), default: "fensi.app_secret_file is not set; expected app_secret_file or app_secret in [fensi] of the configuration file, or WEIFEN_FENSI_APP_SECRET_FILE", value: "密" },
    Case { key: "fensi.app_secret_file", toml: "'/nonexistent/f'", text: "/nonexistent/f", seen: |c| revealed(c.fensi.app_secret()).split_once("fensi.app_secret_file").unwrap().1.to_owned(), default: " is not set; expected app_secret_file or app_secret in [fensi] of the configuration file, or WEIFEN_FENSI_APP_SECRET_FILE", value: ": /nonexistent/f does not exist" },
    Case { key: "fensi.key", toml: "'3e3a'", text: "3e3a", seen: |c| c.fensi.key().map_or_else(|e| e.to_string(), str::to_owned), default: "fensi.key is not set; expected key in [fensi] of the configuration file, or WEIFEN_FENSI_KEY", value: "3e3a" },
    Case { key: "fensi.encoding", toml: "'get'", text: "get", seen: |c| debug(c.fensi.encoding), default: "Json", value: "Query" },
    Case { key: "fensi.plaintext", toml: "true", text: "true", seen: |c| debug(c.fensi.plaintext), default: "false", value: "true" },
    Case { key: "http.timeout_s", toml: "1", text: "1", seen: |c| debug(c.http.timeout), default: "10s", value: "1s" },
    Case { key: "http.connect_timeout_s", toml: "2", text: "2", seen: |c| debug(c.http.connect_timeout), default: "3s", value: "2s" },
    Case { key: "http.body_cap", toml: "0x400", text: "1024", seen: |c| debug(c.http.body_cap), default: "1048576", value: "1024" },
    Case { key: "http.proxy", toml: "'http://proxy:3128'", text: "http://proxy:3128", seen: |c| debug(c.http.proxy.as_ref().map(|url| url.expose().to_owned())), default: "None", value: "Some(\"http://proxy:3128/\")" },
    Case { key: "http.ca_file", toml: "'/etc/ca.pem'", text: "/etc/ca.pem", seen: |c| debug(&c.http.ca_file), default: "None", value: "Some(\"/etc/ca.pem\")" },
    Case { key: "serve.listen", toml: "'[::1]:80'", text: "[::1]:80", seen: |c| debug(c.serve.listen), default: "127.0.0.1:8320", value: "[::1]:80" },
    Case { key: "serve.admin_listen", toml: "'0.0.0.0:0'", text: "0.0.0.0:0", seen: |c| debug(c.serve.admin_listen), default: "127.0.0.1:8321", value: "0.0.0.0:0" },
    Case { key: "serve.database", toml: "'postgres://db.example:5433/inbox'", text: "postgres://db.example:5433/inbox", seen: |c| debug(&c.serve.database), default: "Sqlite(\"inbox.db\")", value: "Postgres(postgres://db.example:5433)" },
    Case { key: "serve.push_secret_file", toml: "'/nonexistent/p'", text: "/nonexistent/p", seen: |c| push_secret_count(c).split_once("serve.push_secret_file").unwrap().1.to_owned(), default: " is not set; expected push_secret_file in [serve] of the configuration file, or WEIFEN_SERVE_PUSH_SECRET_FILE", value: ": /nonexistent/p does not exist" },
    Case { key: "serve.keys", toml: "['k1', 'k2']", text: "k1, k2,", seen: |c| debug(&c.serve.keys), default: "[]", value: "[\"k1\", \"k2\"]" },
    Case { key: "serve.unsolicited", toml: "'drop'", text: "drop", seen: |c| debug(c.serve.unsolicited), default: "Hold", value: "Drop" },
    Case { key: "serve.second_follow", toml: "'per_state'", text: "per_state", seen: |c| debug(c.serve.second_follow), default: "Ignore", value: "PerState" },
    Case { key: "serve.undecodable_status", toml: "400", text: "400", seen: |c| debug(c.serve.undecodable_status), default: "Ok", value: "BadRequest" },
    Case { key: "serve.quarantine_mib", toml: "2", text: "2", seen: |c| debug(c.serve.quarantine_bytes), default: "67108864", value: "2097152" },
    Case { key: "serve.quarantine_rate", toml: "9", text: "9", seen: |c| debug(c.serve.quarantine_rate), default: "60000", value: "9" },
    Case { key: "serve.allow_ips", toml: "['192.0.2.7', '10.1.2.3/8']", text: "192.0.2.7,10.1.2.3/8", seen: |c| debug(&c.serve.allow_ips), default: "[]", value: "[192.0.2.7/32, 10.0.0.0/8]" },
    Case { key: "serve.trusted_proxies", toml: "['::1']", text: "::1", seen: |c| debug(&c.serve.trusted_proxies), default: "[]", value: "[::1/128]" },
    Case { key: "serve.deliver_url", toml: "'https://shop.example/hook'", text: "https://shop.example/hook", seen: |c| debug(c.serve.deliver_url.as_ref().map(|url| url.expose().to_owned())), default: "None", value: "Some(\"https://shop.example/hook\")" },
    Case { key: "serve.deliver_secret_file", toml: "'/nonexistent/d'", text: "/nonexistent/d", seen: |c| c.serve.deliver_secret().unwrap_err().to_string().split_once("serve.deliver_secret_file").unwrap().1.to_owned(), default: " is not set; expected deliver_secret_file in [serve] of the configuration file, or WEIFEN_SERVE_DELIVER_SECRET_FILE", value: ": /nonexistent/d does not exist" },
    Case { key: "serve.deliver_timeout_s", toml: "5", text: "5", seen: |c| debug(c.serve.deliver_timeout), default: "10s", value: "5s" },
    Case { key: "serve.deliver_public_only", toml: "true", text: "true", seen: |c| debug(c.serve.deliver_public_only), default: "false", value: "true" },
    Case { key: "serve.lease_s", toml: "2", text: "2", seen: |c| debug(c.serve.lease), default: "30s", value: "2s" },
    Case { key: "serve.give_up_after_s", toml: "60", text: "60", seen: |c| debug(c.serve.give_up_after), default: "259200s", value: "60s" },
    Case { key: "serve.max_attempts", toml: "3", text: "3", seen: |c| debug(c.serve.max_attempts), default: "0", value: "3" },
    Case { key: "serve.backoff_base_ms", toml: "10", text: "10", seen: |c| debug(c.serve.backoff_base), default: "500ms", value: "10ms" },
    Case { key: "serve.drain_s", toml: "0", text: "0", seen: |c| debug(c.serve.drain), default: "10s", value: "0ns" },
    Case { key: "serve.core_dumps", toml: "true", text: "true", seen: |c| debug(c.serve.core_dumps), default: "false", value: "true" },
    Case { key: "api.listen", toml: "'127.0.0.1:8322'", text: "127.0.0.1:8322", seen: |c| debug(c.api.listen), default: "None", value: "Some(127.0.0.1:8322)" },
    Case { key: "api.origins", toml: "['https://shop.example', 'http://127.0.0.1:8000']", text: "https://shop.example,http://127.0.0.1:8000", seen: |c| debug(&c.api.origins), default: "[]", value: "[\"https://shop.example\", \"http://127.0.0.1:8000\"]" },
    Case { key: "api.max_waiters", toml: "0", text: "0", seen: |c| debug(c.api.max_waiters), default: "10000", value: "0" },
    Case { key: "api.idempotency.keep_h", toml: "48", text: "48", seen: |c| debug(c.api.keep_answers), default: "86400s", value: "172800s" },
];

#[test]
fn no_key_is_without_a_case() {
    let config = Sources::new().load().unwrap();
    let keys: Vec<_> = config.origins().map(|(key, _)| key).collect();
    let cases: Vec<_> = CASES.iter().map(|case| case.key).collect();
    assert_eq!(keys, cases);
}

#[test]
fn every_key_has_its_documented_default() {
    let config = Sources::new().load().unwrap();
    for case in CASES {
        assert_eq!((case.seen)(&config), case.default, "{}", case.key);
        assert_eq!(config.origin(case.key), Some(&Origin::Default));
    }
}

/// All keys with their defaults, and empty texts for those without.
const EXAMPLE: &str = r#"
[weiting]
base_url = "https://m.sh.189.cn"
appid = ""
secret_file = ""
plaintext = false
user_path = ""
encoding = "form"
token_store = ""
token_life_s = 7200
refresh_before_s = 300
daily_limit = 200
[fensi]
base_url = "https://api.fensiwansui.com"
develop_appid = ""
app_secret_file = ""
key = ""
encoding = "json"
plaintext = false
[http]
timeout_s = 10
connect_timeout_s = 3
body_cap = 1048576
proxy = ""
ca_file = ""
[serve]
listen = "127.0.0.1:8320"
admin_listen = "127.0.0.1:8321"
database = "sqlite:inbox.db"
push_secret_file = ""
keys = []
unsolicited = "hold"
second_follow = "ignore"
undecodable_status = 200
quarantine_mib = 64
quarantine_rate = 60000
allow_ips = []
trusted_proxies = []
deliver_url = ""
deliver_secret_file = ""
deliver_timeout_s = 10
deliver_public_only = false
lease_s = 30
give_up_after_s = 259200
max_attempts = 0
backoff_base_ms = 500
drain_s = 10
core_dumps = false
[api]
listen = ""
callers = []
"#;

#[test]
fn the_file_to_begin_with_spells_out_the_defaults() {
    let config = toml(EXAMPLE).load().unwrap();
    for case in CASES {
        assert_eq!((case.seen)(&config), case.default, "{}", case.key);
    }
}

#[test]
fn every_key_can_be_set_in_the_file() {
    for case in CASES {
        let config = toml(&format!("{} = {}", case.key, case.toml)).load();
        let config = config.unwrap();
        assert_eq!((case.seen)(&config), case.value, "{}", case.key);
        let origin = config.origin(case.key).unwrap();
        assert_eq!(origin.to_string(), "weifen.toml:1", "{}", case.key);
    }
}

#[test]
fn every_key_can_be_set_in_the_environment() {
    for case in CASES {
        let sources = Sources::new().environment([(variable(case.key), case.text)]);
        let config = sources.load().unwrap();
        assert_eq!((case.seen)(&config), case.value, "{}", case.key);
        let origin = config.origin(case.key).unwrap();
        assert_eq!(origin.to_string(), variable(case.key));
    }
}

#[test]
fn every_key_can_be_set_by_the_program() {
    for case in CASES {
        let config = Sources::new().set(case.key, case.text).load().unwrap();
        assert_eq!((case.seen)(&config), case.value, "{}", case.key);
        assert_eq!(config.origin(case.key), Some(&Origin::Program));
    }
}

#[test]
fn an_empty_text_says_nothing_in_any_source() {
    for case in CASES {
        let config =
            toml(&format!("{} = {}", case.key, case.toml)).environment([(variable(case.key), "")]).set(case.key, "");
        let config = config.load().unwrap();
        assert_eq!((case.seen)(&config), case.value, "{}", case.key);

        let config = toml(&format!("{} = ''", case.key)).load().unwrap();
        assert_eq!((case.seen)(&config), case.default, "{}", case.key);
        assert_eq!(config.origin(case.key), Some(&Origin::Default));
    }
}

#[test]
fn the_program_is_above_the_environment_is_above_the_file() {
    let file = "[http]\ntimeout_s = 1\nconnect_timeout_s = 1\nbody_cap = 2001\n";
    let config = toml(file)
        .environment([("WEIFEN_HTTP_TIMEOUT_S", "2"), ("WEIFEN_HTTP_CONNECT_TIMEOUT_S", "2")])
        .set("http.timeout_s", "3")
        .load()
        .unwrap();
    assert_eq!(config.http.timeout.as_secs(), 3);
    assert_eq!(config.http.connect_timeout.as_secs(), 2);
    assert_eq!(config.http.body_cap, 2001);
    let origins = ["http.timeout_s", "http.connect_timeout_s", "http.body_cap", "http.proxy"];
    let origins = origins.map(|key| config.origin(key).unwrap().to_string());
    insta::assert_snapshot!(origins.join("\n"), @r"
    given by the program
    WEIFEN_HTTP_CONNECT_TIMEOUT_S
    weifen.toml:4
    default
    ");
    assert_eq!(config.origin("http.nothing"), None);
}

#[test]
fn device_keys_are_those_of_serve_else_that_of_fensi() {
    let only_fensi = toml("fensi.key = 'a'").load().unwrap();
    assert_eq!(only_fensi.serve.keys, ["a"]);
    let both = toml("fensi.key = 'a'\nserve.keys = ['b']").load().unwrap();
    assert_eq!(both.serve.keys, ["b"]);
}

#[test]
fn a_delivery_ends_before_its_lease() {
    let times = |text: &str| {
        let serve = toml(text).load().unwrap().serve;
        (serve.deliver_timeout.as_millis(), serve.lease.as_secs())
    };
    assert_eq!(times(""), (10_000, 30));
    assert_eq!(times("serve.deliver_timeout_s = 29"), (29_000, 30));
    assert_eq!(times("serve.lease_s = 11"), (10_000, 11));
    assert_eq!(times("serve.lease_s = 10"), (5000, 10), "a default gives way to what was given");
    assert_eq!(times("serve.lease_s = 1"), (500, 1));
    let wrong = [
        "serve.deliver_timeout_s = 30",
        "serve.lease_s = 10\nserve.deliver_timeout_s = 10",
        "serve.deliver_timeout_s = 60\nserve.lease_s = 5",
    ];
    insta::assert_snapshot!(errors(wrong.map(toml)), @r"
    weifen.toml:1: serve.deliver_timeout_s: expected less than serve.lease_s, which is 30
    weifen.toml:1: serve.lease_s: expected more than serve.deliver_timeout_s, which is 10
    weifen.toml:2: serve.lease_s: expected more than serve.deliver_timeout_s, which is 60
    ");
}

#[test]
fn deliveries_have_an_address_and_a_key_or_neither() {
    let secret = "serve.deliver_secret_file = '-'";
    let delivery = |text: &str| {
        let stdin = io::Cursor::new("whsec_MDEyMzQ1Njc4OWFiY2RlZg");
        toml(text).stdin(stdin).load().unwrap().serve.delivery()
    };
    assert!(delivery("").unwrap().is_none());
    let both = delivery(&format!("{secret}\nserve.deliver_url = 'https://shop.example/hook'")).unwrap().unwrap();
    assert_eq!(both.url.expose(), "https://shop.example/hook");
    assert_eq!(both.secret.expose_secret(), b"0123456789abcdef");
    let halves = [secret, "serve.deliver_url = 'https://shop.example/hook'"];
    let errors = halves.map(|half| delivery(half).unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"), @r"
    weifen.toml:1: serve.deliver_secret_file: expected serve.deliver_url as well, which is not set
    serve.deliver_secret_file is not set; expected deliver_secret_file in [serve] of the configuration file, or WEIFEN_SERVE_DELIVER_SECRET_FILE
    ");
}

#[test]
fn deliveries_to_public_addresses_only_go_through_no_proxy() {
    let wrong = ["http.proxy = 'http://proxy:3128'\nserve.deliver_public_only = true"];
    insta::assert_snapshot!(errors(wrong.map(toml)), @"weifen.toml:2: serve.deliver_public_only: expected false if \
        http.proxy is set, because a proxy resolves names itself");
    let without = toml("http.proxy = ''\nserve.deliver_public_only = true").load().unwrap();
    assert!(without.serve.deliver_public_only);
}

/// The table of keys names words; the typed sections have their meanings.
#[test]
fn every_word_and_number_that_a_key_takes_has_a_meaning() {
    let schema = weifen::config::schema();
    let mut tried = 0;
    for (section, table) in schema["properties"].as_object().unwrap() {
        for (key, property) in table["properties"].as_object().unwrap() {
            for value in property["enum"].as_array().into_iter().flatten() {
                let loaded = toml(&format!("{section}.{key} = {value}")).load();
                assert!(loaded.is_ok(), "{section}.{key} = {value}: {loaded:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn variables_that_are_no_concern_of_ours_are_ignored() {
    let variables = [
        ("WEIFEN_CONFIG", "not-searched.toml"),
        ("WEIFEN_LOG", "debug"),
        ("WEIFEN_OTHER_KEY", "1"),
        ("WEIFEN_HTTP", "1"),
        ("weifen_http_nonsense", "1"),
        ("HTTPS_PROXY", "http://proxy"),
    ];
    let config = Sources::new().environment(variables).load().unwrap();
    assert!(config.origins().all(|(_, origin)| *origin == Origin::Default));
}
