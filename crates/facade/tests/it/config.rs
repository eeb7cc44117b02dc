//! Configuration: every key from every source, precedence, secrets, and each error in words.

use std::error::Error;
use std::ffi::OsString;
use std::fmt::Debug;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use secrecy::ExposeSecret;
use weifen::config::{Config, ConfigError, DatabaseUrl, Origin, Sources, TokenStoreUrl};

/// Stands wherever a secret could: no output may contain it.
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

/// One configuration error a line.
fn errors(sources: impl IntoIterator<Item = Sources>) -> String {
    let lines: Vec<_> = sources.into_iter().map(|s| error(s).to_string()).collect();
    lines.join("\n")
}

/// A key, a value in TOML, the same in the environment, and what the program sees of it: by
/// default, and with that value.
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
    Case { key: "fensi.encoding", toml: "'get'", text: "get", seen: |c| debug(c.fensi.encoding), default: "Json", value: "Get" },
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
    Case { key: "serve.undecodable_status", toml: "400", text: "400", seen: |c| debug(c.serve.undecodable_status), default: "200", value: "400" },
    Case { key: "serve.allow_ips", toml: "['192.0.2.7', '10.1.2.3/8']", text: "192.0.2.7,10.1.2.3/8", seen: |c| debug(&c.serve.allow_ips), default: "[]", value: "[192.0.2.7/32, 10.0.0.0/8]" },
    Case { key: "serve.trusted_proxies", toml: "['::1']", text: "::1", seen: |c| debug(&c.serve.trusted_proxies), default: "[]", value: "[::1/128]" },
    Case { key: "serve.deliver_url", toml: "'https://shop.example/hook'", text: "https://shop.example/hook", seen: |c| debug(c.serve.deliver_url.as_ref().map(|url| url.expose().to_owned())), default: "None", value: "Some(\"https://shop.example/hook\")" },
    Case { key: "serve.deliver_secret_file", toml: "'/nonexistent/d'", text: "/nonexistent/d", seen: |c| c.serve.deliver_secret().unwrap_err().to_string().split_once("serve.deliver_secret_file").unwrap().1.to_owned(), default: " is not set; expected deliver_secret_file in [serve] of the configuration file, or WEIFEN_SERVE_DELIVER_SECRET_FILE", value: ": /nonexistent/d does not exist" },
    Case { key: "serve.deliver_timeout_s", toml: "5", text: "5", seen: |c| debug(c.serve.deliver_timeout), default: "10s", value: "5s" },
    Case { key: "serve.lease_s", toml: "2", text: "2", seen: |c| debug(c.serve.lease), default: "30s", value: "2s" },
    Case { key: "serve.max_attempts", toml: "3", text: "3", seen: |c| debug(c.serve.max_attempts), default: "12", value: "3" },
    Case { key: "serve.backoff_base_ms", toml: "10", text: "10", seen: |c| debug(c.serve.backoff_base), default: "500ms", value: "10ms" },
    Case { key: "serve.drain_s", toml: "0", text: "0", seen: |c| debug(c.serve.drain), default: "10s", value: "0ns" },
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

/// All keys with their defaults, and empty texts where nothing is set: a file to begin with.
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
allow_ips = []
trusted_proxies = []
deliver_url = ""
deliver_secret_file = ""
deliver_timeout_s = 10
lease_s = 30
max_attempts = 12
backoff_base_ms = 500
drain_s = 10
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
    weifen.toml:1: serve.deliver_secret_file: expected serve.deliver_url beside it, which is not set
    serve.deliver_secret_file is not set; expected deliver_secret_file in [serve] of the configuration file, or WEIFEN_SERVE_DELIVER_SECRET_FILE
    ");
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

mod files {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_named_file_goes_before_the_environments_before_the_one_that_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let named = write(folder.path(), "named.toml", "http.timeout_s = 1");
        let environments = write(folder.path(), "environments.toml", "http.timeout_s = 2");
        let found = write(folder.path(), "weifen.toml", "http.timeout_s = 3");
        let searched =
            |name: &Path| Sources::new().environment([("WEIFEN_CONFIG", name.as_os_str())]).search(folder.path());
        for (sources, path, seconds) in [
            (searched(&environments).file(&named), &named, 1),
            (searched(&environments), &environments, 2),
            (searched(Path::new("")), &found, 3),
        ] {
            let config = sources.load().unwrap();
            assert_eq!(config.file(), Some(path.as_path()));
            assert_eq!(config.http.timeout.as_secs(), seconds);
        }
    }

    #[test]
    fn only_a_file_that_nobody_named_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let config = Sources::new().search(folder.path()).load().unwrap();
        assert_eq!(config.file(), None);

        let named = Sources::new().file("/nonexistent/weifen.toml");
        let in_environment =
            Sources::new().environment([("WEIFEN_CONFIG", "/nonexistent/weifen.toml")]).search(folder.path());
        let folder_as_file = Sources::new().file("/");
        insta::assert_snapshot!(errors([named, in_environment, folder_as_file]), @r"
        /nonexistent/weifen.toml: the configuration file does not exist
        /nonexistent/weifen.toml: the configuration file does not exist
        /: the configuration file cannot be read: is a directory
        ");
    }

    #[test]
    fn a_found_file_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("weifen.toml")).unwrap();
        let error = error(Sources::new().search(folder.path()));
        assert!(matches!(error, ConfigError::File { .. }), "{error}");
    }

    #[test]
    fn a_file_in_another_encoding_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gbk.toml");
        fs::write(&path, b"[weiting]\nappid = '\xd6\xd0'\n").unwrap();
        let error = error(Sources::new().file(&path));
        assert!(error.to_string().ends_with("gbk.toml: the configuration file is not UTF-8 text"));
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_are_understood() {
        let text = "\u{feff}[http]\r\ntimeout_s = 4\r\nbody_cap = 1\r\n";
        let error = error(toml(text));
        assert_eq!((error.line(), error.key()), (Some(3), Some("http.body_cap")));
    }

    #[test]
    fn paths_in_the_file_are_relative_to_its_folder_all_others_to_the_current_one() {
        let keys = "
            weiting.token_store = 'file:token.json'
            http.ca_file = 'ca.pem'
            serve.database = 'sqlite:inbox.db'";
        let in_file = Sources::new().toml("/etc/weifen/weifen.toml", keys);
        insta::assert_snapshot!(paths(in_file), @r#"Some(File("/etc/weifen/token.json")) Some("/etc/weifen/ca.pem") Sqlite("/etc/weifen/inbox.db")"#);
        let outside = Sources::new()
            .toml("/etc/weifen/weifen.toml", "")
            .environment([("WEIFEN_WEITING_TOKEN_STORE", "file:token.json"), ("WEIFEN_HTTP_CA_FILE", "ca.pem")])
            .set("serve.database", "sqlite:inbox.db");
        insta::assert_snapshot!(paths(outside), @r#"Some(File("token.json")) Some("ca.pem") Sqlite("inbox.db")"#);
        let absolute = Sources::new().toml(
            "/etc/weifen/weifen.toml",
            "weiting.token_store = 'file:///run/token.json'\nserve.database = 'sqlite:/run/inbox.db'",
        );
        insta::assert_snapshot!(paths(absolute), @r#"Some(File("/run/token.json")) None Sqlite("/run/inbox.db")"#);
    }

    fn paths(sources: Sources) -> String {
        let config = sources.load().unwrap();
        format!("{:?} {:?} {:?}", config.weiting.token_store, config.http.ca_file, config.serve.database)
    }

    #[test]
    fn a_secret_file_is_relative_to_the_file_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "weiting.secret", "from the folder\n");
        let path = write(folder.path(), "any.toml", "weiting.secret_file = 'weiting.secret'");
        let config = Sources::new().file(path).load().unwrap();
        assert_eq!(revealed(config.weiting.secret()), "from the folder");
    }
}

mod secrets {
    use super::*;

    /// A configuration whose `key` names a file with this content.
    fn with_file(key: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, content).unwrap();
        let sources = Sources::new().set(key, path.to_str().unwrap());
        (folder, sources.load().unwrap())
    }

    #[test]
    fn one_trailing_newline_is_dropped_and_nothing_else() {
        for (content, secret) in
            [("s\n", "s"), ("s\r\n", "s"), ("s", "s"), ("s\n\n", "s\n"), (" s \n", " s "), ("s\r", "s\r")]
        {
            let (_folder, config) = with_file("weiting.secret_file", content);
            assert_eq!(revealed(config.weiting.secret()), secret, "{content:?}");
        }
    }

    #[test]
    fn a_file_that_can_hold_no_secret_is_refused_by_name() {
        let mut messages = Vec::new();
        for content in [&b""[..], b"\n", b"\xff\xfe", "\u{feff}s".as_bytes(), &vec![b'a'; 70_000]] {
            let (folder, config) = with_file("fensi.app_secret_file", content);
            let error = config.fensi.app_secret().unwrap_err();
            assert_eq!(error.key(), Some("fensi.app_secret_file"));
            messages.push(error.to_string().replace(folder.path().to_str().unwrap(), ""));
        }
        let config = Sources::new().set("fensi.app_secret_file", "/").load().unwrap();
        messages.push(config.fensi.app_secret().unwrap_err().to_string());
        insta::assert_snapshot!(messages.join("\n"), @r"
        given by the program: fensi.app_secret_file: /secret: expected a secret, but it is empty
        given by the program: fensi.app_secret_file: /secret: expected a secret, but it is empty
        given by the program: fensi.app_secret_file: /secret is not UTF-8 text
        given by the program: fensi.app_secret_file: /secret: expected no byte order mark before the secret
        given by the program: fensi.app_secret_file: /secret cannot be read: file too large
        given by the program: fensi.app_secret_file: / cannot be read: is a directory
        ");
    }

    #[test]
    fn a_missing_file_fails_only_who_asks_for_it() {
        let config = toml("\n\nweiting.secret_file = '/nonexistent'\nfensi.app_secret = 's'");
        let config = config.load().unwrap();
        assert_eq!(revealed(config.fensi.app_secret()), "s");
        let error = config.weiting.secret().unwrap_err();
        assert_eq!(error.file(), Some(Path::new("weifen.toml")));
        assert_eq!(error.line(), Some(3));
        insta::assert_snapshot!(error, @"weifen.toml:3: weiting.secret_file: /nonexistent does not exist");
    }

    #[test]
    fn a_file_is_read_once() {
        let (folder, config) = with_file("weiting.secret_file", "first");
        let copy = config.clone();
        assert_eq!(revealed(config.weiting.secret()), "first");
        fs::write(folder.path().join("secret"), "second").unwrap();
        assert_eq!(revealed(config.weiting.secret()), "first");
        assert_eq!(revealed(copy.weiting.secret()), "first");
    }

    #[test]
    fn a_higher_source_replaces_either_form_of_a_lower() {
        let as_text = || toml("weiting.secret = 'file'");
        let as_file = || toml("weiting.secret_file = '/nonexistent'");
        for lower in [as_text(), as_file()] {
            let config = lower.environment([("WEIFEN_WEITING_SECRET", "new")]);
            let config = config.load().unwrap();
            assert_eq!(revealed(config.weiting.secret()), "new");
            assert_eq!(config.origin("weiting.secret_file"), Some(&Origin::Default));
        }
        let config = as_text().environment([("WEIFEN_WEITING_SECRET_FILE", "-")]).stdin(io::Cursor::new("piped\n"));
        let config = config.load().unwrap();
        assert_eq!(revealed(config.weiting.secret()), "piped");
        assert_eq!(config.origin("weiting.secret"), Some(&Origin::Default));
        let config = as_text().environment([("WEIFEN_WEITING_SECRET_FILE", "")]).load().unwrap();
        assert_eq!(revealed(config.weiting.secret()), "file");
    }

    #[test]
    fn both_forms_in_one_source_are_refused() {
        let in_file = toml("[weiting]\nsecret = 'a'\n\nsecret_file = 'b'\n");
        let in_environment =
            Sources::new().environment([("WEIFEN_FENSI_APP_SECRET", "a"), ("WEIFEN_FENSI_APP_SECRET_FILE", "b")]);
        let by_program = Sources::new().set("weiting.secret", "a").set("weiting.secret_file", "b");
        insta::assert_snapshot!(errors([in_file, in_environment, by_program]), @r"
        weifen.toml:2: weiting.secret and weiting.secret_file (weifen.toml:4) are both set; expected only one of them
        WEIFEN_FENSI_APP_SECRET: fensi.app_secret and fensi.app_secret_file (WEIFEN_FENSI_APP_SECRET_FILE) are both set; expected only one of them
        given by the program: weiting.secret and weiting.secret_file (given by the program) are both set; expected only one of them
        ");
        let one_is_empty = toml("[weiting]\nsecret = 'a'\nsecret_file = ''\n");
        assert_eq!(revealed(one_is_empty.load().unwrap().weiting.secret()), "a");
    }

    /// Counts on nobody asking it before it is needed.
    struct Unread;

    impl Read for Unread {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("stdin was read by who did not need it")
        }
    }

    #[test]
    fn stdin_is_read_when_its_secret_is_asked_for_and_once() {
        let file = "weiting.secret_file = '-'\nfensi.app_secret = 's'";
        let config = toml(file).stdin(Unread).load().unwrap();
        assert_eq!(config.stdin_key(), Some("weiting.secret_file"));
        assert_eq!(revealed(config.fensi.app_secret()), "s");

        let config = toml(file).stdin(io::Cursor::new("piped\r\n")).load().unwrap();
        assert_eq!(revealed(config.weiting.secret()), "piped");
        assert_eq!(revealed(config.clone().weiting.secret()), "piped");

        let config = toml(file).stdin(io::empty()).load().unwrap();
        let error = config.weiting.secret().unwrap_err();
        insta::assert_snapshot!(error, @"weifen.toml:1: weiting.secret_file: stdin: expected a secret, but it is empty");
    }

    #[test]
    fn only_one_key_may_read_stdin() {
        let twice = toml("[fensi]\napp_secret_file = '-'\n[serve]\npush_secret_file = '-'\n");
        let across = toml("weiting.secret_file = '-'").environment([("WEIFEN_SERVE_DELIVER_SECRET_FILE", "-")]);
        insta::assert_snapshot!(errors([twice, across]), @r#"
        weifen.toml:4: serve.push_secret_file = "-": fensi.app_secret_file (weifen.toml:2) reads stdin already; expected a file for one of them
        WEIFEN_SERVE_DELIVER_SECRET_FILE: serve.deliver_secret_file = "-": weiting.secret_file (weifen.toml:1) reads stdin already; expected a file for one of them
        "#);
        let replaced = toml("weiting.secret_file = '-'\nserve.push_secret_file = '-'")
            .environment([("WEIFEN_WEITING_SECRET", "s")]);
        let stdin_key = replaced.load().unwrap().stdin_key();
        assert_eq!(stdin_key, Some("serve.push_secret_file"));
    }

    const BASE64URL: &str = "abcdefghijklmnopqrst-_";
    const HEX: &str = "0123456789abcdef0123456789ABCDEF";

    #[test]
    fn push_secrets_are_one_or_two_lines() {
        for (content, count) in
            [(format!("{BASE64URL}\n"), 1), (HEX.to_owned(), 1), (format!("{HEX}\r\n{BASE64URL}\r\n"), 2)]
        {
            let (_folder, config) = with_file("serve.push_secret_file", content);
            let secrets = config.serve.push_secrets().unwrap();
            assert_eq!(secrets.len(), count);
            assert_eq!(secrets[count - 1].expose_secret().trim(), secrets[count - 1].expose_secret());
        }
    }

    #[test]
    fn a_weak_push_secret_is_refused_without_being_shown() {
        let mut messages = Vec::new();
        for content in [
            BASE64URL[1..].to_owned(),
            HEX[1..].to_owned(),
            format!("{HEX}\n{BASE64URL}="),
            format!("{HEX}\n\n{BASE64URL}"),
            format!("{HEX}\n "),
            format!("{BASE64URL} {BASE64URL}"),
        ] {
            let (folder, config) = with_file("serve.push_secret_file", &content);
            let message = config.serve.push_secrets().unwrap_err().to_string();
            assert!(!message.contains("abcdef"), "{message}");
            messages.push(message.replace(folder.path().to_str().unwrap(), ""));
        }
        insta::assert_snapshot!(messages.join("\n"), @r"
        given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 1
        given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 1
        given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 2
        given by the program: serve.push_secret_file: /secret: expected at most two secrets, one a line
        given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 2
        given by the program: serve.push_secret_file: /secret: expected 22 or more base64url or 32 or more hex characters in line 1
        ");
    }

    #[test]
    fn the_delivery_secret_is_decoded() {
        // The example of the Standard Webhooks libraries.
        let (_folder, config) = with_file("serve.deliver_secret_file", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
        let key = config.serve.deliver_secret().unwrap();
        assert_eq!(key.expose_secret().len(), 24);
        assert_eq!(key.expose_secret()[..3], [0x31, 0xf2, 0x90]);
        for padded in ["whsec_MDEyMzQ1Njc4OWFiY2RlZg==", "whsec_MDEyMzQ1Njc4OWFiY2RlZg"] {
            let (_folder, config) = with_file("serve.deliver_secret_file", padded);
            let key = config.serve.deliver_secret().unwrap();
            assert_eq!(key.expose_secret(), b"0123456789abcdef");
        }
    }

    #[test]
    fn a_delivery_secret_of_another_form_is_refused() {
        for content in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MDEy", "whsec_a b*c"] {
            let (_folder, config) = with_file("serve.deliver_secret_file", content);
            let error = config.serve.deliver_secret().unwrap_err();
            assert_eq!(error.expected(), "whsec_ followed by 16 or more bytes in base64");
        }
    }
}

mod wrong {
    use super::*;

    #[test]
    fn unknown_names_are_refused_with_the_nearest_known_one() {
        let wrong = [
            toml("[http]\n\ntimeout = 3"),
            toml("[weiting]\napp_secret = 's'"),
            toml("[fensi]\nappid = 'a'"),
            toml("[fensi]\nsecret_file = 's'"),
            toml("[weitng]\nappid = 'a'"),
            toml("[database]\nurl = 'a'"),
            toml("appid = 'a'"),
            Sources::new().environment([("WEIFEN_WEITING_TOKEN_LIFE", "1")]),
            Sources::new().environment([("WEIFEN_WEITING_appid", "1")]),
            Sources::new().environment([("WEIFEN_HTTP_X\u{1b}[31m", "1")]),
            Sources::new().set("http.time_out_s", "1"),
            Sources::new().set("htp.timeout_s", "1"),
        ];
        insta::assert_snapshot!(errors(wrong), @r"
        weifen.toml:3: unknown key http.timeout; did you mean http.timeout_s?
        weifen.toml:2: unknown key weiting.app_secret; did you mean weiting.secret?
        weifen.toml:2: unknown key fensi.appid; expected one of fensi.base_url, fensi.develop_appid, fensi.app_secret, fensi.app_secret_file, fensi.key, fensi.encoding, fensi.plaintext
        weifen.toml:2: unknown key fensi.secret_file; did you mean fensi.app_secret_file?
        weifen.toml:1: unknown section [weitng]; did you mean [weiting]?
        weifen.toml:1: unknown section [database]; expected one of [weiting], [fensi], [http], [serve]
        weifen.toml:1: unknown section [appid]; expected one of [weiting], [fensi], [http], [serve]
        WEIFEN_WEITING_TOKEN_LIFE: unknown key weiting.token_life; did you mean WEIFEN_WEITING_TOKEN_LIFE_S?
        WEIFEN_WEITING_appid: unknown key weiting.appid; did you mean WEIFEN_WEITING_APPID?
        WEIFEN_HTTP_X\u{1b}[31m: unknown key http.x\u{1b}[31m; expected one of WEIFEN_HTTP_TIMEOUT_S, WEIFEN_HTTP_CONNECT_TIMEOUT_S, WEIFEN_HTTP_BODY_CAP, WEIFEN_HTTP_PROXY, WEIFEN_HTTP_CA_FILE
        given by the program: unknown key http.time_out_s; did you mean http.timeout_s?
        given by the program: unknown section [htp]; did you mean [http]?
        ");
    }

    #[test]
    fn wrong_types_texts_and_lives_say_what_was_expected() {
        let wrong = [
            "weiting = 3",
            "[[weiting]]",
            "weiting.base_url = 'm.sh.189.cn'",
            "weiting.base_url = 'ftp://m.sh.189.cn'",
            "fensi.base_url = 'https://user@host'",
            "fensi.base_url = 'https://host/?a=b'",
            "weiting.appid = 3",
            "weiting.secret = 3",
            "weiting.secret.file = 'a'",
            "weiting.plaintext = 'true'",
            "weiting.user_path = 'user'",
            "weiting.user_path = '/user?a=b'",
            "weiting.user_path = '/用户'",
            "weiting.encoding = 'get'",
            "fensi.encoding = 'xml'",
            "weiting.token_store = 'token.json'",
            "weiting.token_store = 'file:'",
            "weiting.token_store = 'file://host/token.json'",
            "weiting.token_store = 'redis://'",
            "weiting.token_store = 'Memory'",
            "weiting.token_life_s = 0",
            "weiting.token_life_s = 300",
            "weiting.refresh_before_s = 7200",
            "weiting.daily_limit = 0",
        ];
        insta::assert_snapshot!(errors(wrong.map(toml)), @r"
        weifen.toml:1: weiting: expected a section, [weiting]
        weifen.toml:1: weiting: expected a section, [weiting]
        weifen.toml:1: weiting.base_url: expected an http or https URL with no user, query or fragment, such as https://example.com
        weifen.toml:1: weiting.base_url: expected an http or https URL with no user, query or fragment, such as https://example.com
        weifen.toml:1: fensi.base_url: expected an http or https URL with no user, query or fragment, such as https://example.com
        weifen.toml:1: fensi.base_url: expected an http or https URL with no user, query or fragment, such as https://example.com
        weifen.toml:1: weiting.appid: expected a text in quotes
        weifen.toml:1: weiting.secret: expected a text in quotes
        weifen.toml:1: weiting.secret: expected a text in quotes
        weifen.toml:1: weiting.plaintext: expected true or false
        weifen.toml:1: weiting.user_path: expected a path that begins with /, is percent-encoded and has no query
        weifen.toml:1: weiting.user_path: expected a path that begins with /, is percent-encoded and has no query
        weifen.toml:1: weiting.user_path: expected a path that begins with /, is percent-encoded and has no query
        weifen.toml:1: weiting.encoding: expected one of form, json
        weifen.toml:1: fensi.encoding: expected one of json, form, get
        weifen.toml:1: weiting.token_store: expected memory, file:PATH or redis://HOST
        weifen.toml:1: weiting.token_store: expected memory, file:PATH or redis://HOST
        weifen.toml:1: weiting.token_store: expected memory, file:PATH or redis://HOST
        weifen.toml:1: weiting.token_store: expected memory, file:PATH or redis://HOST
        weifen.toml:1: weiting.token_store: expected memory, file:PATH or redis://HOST
        weifen.toml:1: weiting.token_life_s: expected a whole number from 1 to 604800
        weifen.toml:1: weiting.token_life_s: expected more than weiting.refresh_before_s, which is 300
        weifen.toml:1: weiting.refresh_before_s: expected less than weiting.token_life_s, which is 7200
        weifen.toml:1: weiting.daily_limit: expected a whole number from 1 to 1000000
        ");
    }

    #[test]
    fn wrong_numbers_addresses_and_lists_say_what_was_expected() {
        let wrong = [
            "http.timeout_s = 0",
            "http.timeout_s = -1",
            "http.timeout_s = 1.5",
            "http.timeout_s = '10'",
            "http.timeout_s = 99999999999999999999",
            "http.connect_timeout_s = 0",
            "http.body_cap = 1023",
            "http.proxy = 'proxy:3128'",
            "http.ca_file = true",
            "serve.listen = 'localhost:8320'",
            "serve.listen = 8320",
            "serve.database = 'inbox.db'",
            "serve.database = 'sqlite::memory:'",
            "serve.database = 'mysql://host/db'",
            "serve.keys = 'a'",
            "serve.keys = [1]",
            "serve.unsolicited = 'refuse'",
            "serve.second_follow = 'pay'",
            "serve.undecodable_status = 500",
            "serve.allow_ips = ['192.0.2.0/33']",
            "serve.trusted_proxies = ['proxy.example']",
            "serve.deliver_url = '/hook'",
            "serve.deliver_timeout_s = 0",
            "serve.lease_s = 0",
            "serve.max_attempts = 0",
            "serve.backoff_base_ms = 0",
            "serve.drain_s = -1",
        ];
        insta::assert_snapshot!(errors(wrong.map(toml)), @r"
        weifen.toml:1: http.timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: http.timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: http.timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: http.timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: http.timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: http.connect_timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: http.body_cap: expected a whole number from 1024 to 1073741824
        weifen.toml:1: http.proxy: expected an http or https URL
        weifen.toml:1: http.ca_file: expected a text in quotes
        weifen.toml:1: serve.listen: expected an IP address and a port, such as 127.0.0.1:8320
        weifen.toml:1: serve.listen: expected an IP address and a port, such as 127.0.0.1:8320
        weifen.toml:1: serve.database: expected sqlite:PATH or postgres://HOST/DATABASE
        weifen.toml:1: serve.database: expected sqlite:PATH or postgres://HOST/DATABASE
        weifen.toml:1: serve.database: expected sqlite:PATH or postgres://HOST/DATABASE
        weifen.toml:1: serve.keys: expected a list of texts
        weifen.toml:1: serve.keys: expected a list of texts
        weifen.toml:1: serve.unsolicited: expected one of hold, pay, drop
        weifen.toml:1: serve.second_follow: expected one of ignore, per_state
        weifen.toml:1: serve.undecodable_status: expected 200 or 400
        weifen.toml:1: serve.allow_ips: expected a list of IP addresses or networks, such as 192.0.2.0/24
        weifen.toml:1: serve.trusted_proxies: expected a list of IP addresses or networks, such as 192.0.2.0/24
        weifen.toml:1: serve.deliver_url: expected an http or https URL
        weifen.toml:1: serve.deliver_timeout_s: expected a whole number from 1 to 3600
        weifen.toml:1: serve.lease_s: expected a whole number from 1 to 86400
        weifen.toml:1: serve.max_attempts: expected a whole number from 1 to 1000
        weifen.toml:1: serve.backoff_base_ms: expected a whole number from 1 to 3600000
        weifen.toml:1: serve.drain_s: expected a whole number from 0 to 3600
        ");
    }

    #[test]
    fn wrong_variables_are_named() {
        let wrong = [
            ("WEIFEN_HTTP_TIMEOUT_S", "ten"),
            ("WEIFEN_HTTP_TIMEOUT_S", " 10"),
            ("WEIFEN_FENSI_PLAINTEXT", "yes"),
            ("WEIFEN_SERVE_ALLOW_IPS", "192.0.2.1;192.0.2.2"),
        ];
        let wrong = wrong.map(|variable| Sources::new().environment([variable]));
        insta::assert_snapshot!(errors(wrong), @r"
        WEIFEN_HTTP_TIMEOUT_S: http.timeout_s: expected a whole number from 1 to 3600
        WEIFEN_HTTP_TIMEOUT_S: http.timeout_s: expected a whole number from 1 to 3600
        WEIFEN_FENSI_PLAINTEXT: fensi.plaintext: expected true or false
        WEIFEN_SERVE_ALLOW_IPS: serve.allow_ips: expected a list of IP addresses or networks, such as 192.0.2.0/24
        ");
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_unicode_is_refused_where_it_is_ours() {
        use std::os::unix::ffi::OsStringExt as _;
        let bytes = || OsString::from_vec(vec![0xff]);
        let others = Sources::new().environment([(bytes(), bytes())]);
        assert!(others.load().is_ok());
        let ours = Sources::new().environment([(OsString::from("WEIFEN_WEITING_SECRET"), bytes())]);
        insta::assert_snapshot!(error(ours), @"WEIFEN_WEITING_SECRET: weiting.secret: expected UTF-8 text");
    }

    #[test]
    fn a_syntax_error_gives_its_place_and_not_its_line() {
        let wrong = [
            "[weiting]\nsecret = \"s3cret\nappid = 'a'",
            "[weiting]\nsecret = s3cret\n",
            "[weiting]\n密钥 = 's3cret'\n",
            "[weiting]\nsecret = 's3cret'\nsecret = 's3cret'\n",
            "[weiting\n",
        ];
        insta::assert_snapshot!(errors(wrong.map(toml)), @r"
        weifen.toml:2:17: not valid TOML, or a key given twice (the line may hold a secret and is not shown)
        weifen.toml:2:10: not valid TOML, or a key given twice (the line may hold a secret and is not shown)
        weifen.toml:2:1: not valid TOML, or a key given twice (the line may hold a secret and is not shown)
        weifen.toml:3:1: not valid TOML, or a key given twice (the line may hold a secret and is not shown)
        weifen.toml:1:9: not valid TOML, or a key given twice (the line may hold a secret and is not shown)
        ");
    }

    #[test]
    fn an_error_can_be_asked_for_its_parts() {
        let error = error(toml("[http]\ntimeout_s = 0\n"));
        assert_eq!(error.file(), Some(Path::new("weifen.toml")));
        assert_eq!(error.line(), Some(2));
        assert_eq!(error.key(), Some("http.timeout_s"));
        assert_eq!(error.expected(), "a whole number from 1 to 3600");
        assert!(matches!(error.origin(), Some(Origin::File { line: 2, .. })));

        let missing = super::error(Sources::new().file("/nonexistent"));
        assert_eq!(missing.file(), Some(Path::new("/nonexistent")));
        assert_eq!((missing.line(), missing.key()), (None, None));
        assert!(missing.source().is_some());
    }
}

mod prints {
    use super::*;

    /// Everything that can be printed of an error.
    fn printed(error: &ConfigError) -> String {
        let mut all = format!("{error} {error:?} {error:#?} {}", error.expected());
        let mut cause = error.source();
        while let Some(error) = cause {
            all = format!("{all} {error} {error:?}");
            cause = error.source();
        }
        all
    }

    #[test]
    fn no_value_is_in_any_error() {
        for case in CASES {
            let value = format!("\u{1}{CANARY}");
            let name = variable(case.key);
            let misspelt = format!("{}x", case.key);
            let wrong = [
                toml(&format!("{} = {{ a = '{CANARY}' }}", case.key)),
                toml(&format!("{} = [['{CANARY}']]", case.key)),
                toml(&format!("{} = '{CANARY}", case.key)),
                toml(&format!("{} = \"{CANARY}\\q\"", case.key)),
                toml(&format!("{} = {CANARY}", case.key)),
                toml(&format!("{0} = '{CANARY}'\n{0} = '{CANARY}'", case.key)),
                toml(&format!("{misspelt} = '{CANARY}'")),
                Sources::new().environment([(variable(&misspelt), &value)]),
                Sources::new().set(&misspelt, &value),
            ];
            for sources in wrong {
                assert!(!format!("{sources:?}").contains(CANARY));
                let error = error(sources);
                assert!(!printed(&error).contains(CANARY), "{}: {error}", case.key);
            }
            let accepted_or_not = Sources::new().environment([(name, &value)]).load();
            if let Err(error) = accepted_or_not {
                assert!(!printed(&error).contains(CANARY), "{}: {error}", case.key);
            }
        }
    }

    #[test]
    fn no_secret_is_in_an_error_about_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut bytes = CANARY.as_bytes().to_vec();
        bytes.push(0xff);
        fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap();
        let config = Sources::new()
            .set("weiting.secret_file", path)
            .set("serve.push_secret_file", path)
            .set("serve.deliver_secret_file", path);
        let config = config.load().unwrap();
        let read = || {
            [
                config.weiting.secret().map(drop),
                config.serve.push_secrets().map(drop),
                config.serve.deliver_secret().map(drop),
            ]
        };
        for result in read() {
            let printed = printed(&result.unwrap_err());
            assert!(printed.contains("is not UTF-8 text") && !printed.contains(CANARY));
        }
        fs::write(path, CANARY).unwrap();
        for result in &read()[1..] {
            let printed = printed(result.as_ref().unwrap_err());
            assert!(!printed.contains(CANARY), "{printed}");
        }
    }

    #[test]
    fn the_debug_of_a_configuration_holds_no_secret_and_no_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, format!("whsec_{CANARY}{CANARY}{CANARY}")).unwrap();
        let path = path.to_str().unwrap();
        for database in [
            format!("postgres://user:{CANARY}@db.example/inbox"),
            format!("postgres://db.example/inbox?password={CANARY}"),
            format!("postgres://{CANARY}/part@db.example/inbox"),
            format!("postgres://{CANARY}#part@db.example/inbox"),
        ] {
            let config = Sources::new()
                .set("weiting.secret", CANARY)
                .set("fensi.app_secret_file", path)
                .set("weiting.token_store", format!("redis://:{CANARY}@cache.example:6380/1"))
                .set("http.proxy", format!("http://user:{CANARY}@proxy.example:1"))
                .set("serve.database", &database)
                .set("serve.push_secret_file", path)
                .set("serve.deliver_secret_file", path)
                .set("serve.deliver_url", format!("https://shop.example/{CANARY}"));
            let config = config.load().unwrap();
            assert!(config.weiting.secret().is_ok() && config.fensi.app_secret().is_ok());
            let printed = format!("{config:?} {config:#?}");
            assert!(!printed.contains(CANARY), "{printed}");
            assert!(printed.contains("redis://cache.example:6380/1"));
            let DatabaseUrl::Postgres(url) = config.serve.database else {
                panic!("a postgres URL");
            };
            assert_eq!(url.expose(), database);
        }
    }

    #[test]
    fn a_user_is_not_shown_either() {
        let config = Sources::new()
            .set("weiting.token_store", "rediss://cache.example")
            .set("serve.database", "postgresql://app@db.example/inbox?sslmode=require")
            .load()
            .unwrap();
        assert!(matches!(config.weiting.token_store, Some(TokenStoreUrl::Redis(_))));
        assert_eq!(config.weiting.token_store.unwrap().to_string(), "rediss://cache.example");
        let DatabaseUrl::Postgres(postgres) = config.serve.database else {
            panic!("a postgres URL");
        };
        assert_eq!(postgres.to_string(), "postgresql://db.example");
    }
}
