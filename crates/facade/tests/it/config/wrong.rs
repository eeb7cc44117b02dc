//! Faults of a configuration, and the message of each.

use super::*;

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    let wrong = [
        toml("[http]\n\ntimeout = 3"),
        toml("[weiting]\napp_secret = 's'"),
        toml("[fensi]\nappid = 'a'"),
        toml("[fensi]\nsecret_file = 's'"),
        toml("[fensi]\nkeys = ['k']"),
        toml("[serve]\nca_file = 'f'"),
        Sources::new().environment([("WEIFEN_FENSI_KEYS", "k")]),
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
    weifen.toml:2: unknown key weiting.app_secret; did you mean fensi.app_secret, or weiting.secret?
    weifen.toml:2: unknown key fensi.appid; did you mean weiting.appid, or fensi.develop_appid?
    weifen.toml:2: unknown key fensi.secret_file; did you mean weiting.secret_file, or fensi.app_secret_file?
    weifen.toml:2: unknown key fensi.keys; did you mean serve.keys, or fensi.key?
    weifen.toml:2: unknown key serve.ca_file; did you mean http.ca_file?
    WEIFEN_FENSI_KEYS: unknown key fensi.keys; did you mean WEIFEN_SERVE_KEYS, or WEIFEN_FENSI_KEY?
    weifen.toml:1: unknown section [weitng]; did you mean [weiting]?
    weifen.toml:1: unknown section [database]; expected one of [weiting], [fensi], [http], [serve], [api], [api.idempotency], [[api.callers]]
    weifen.toml:1: unknown section [appid]; expected one of [weiting], [fensi], [http], [serve], [api], [api.idempotency], [[api.callers]]
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
        "serve.deliver_public_only = 'yes'",
        "serve.lease_s = 0",
        "serve.give_up_after_s = 0",
        "serve.max_attempts = -1",
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
    weifen.toml:1: serve.deliver_public_only: expected true or false
    weifen.toml:1: serve.lease_s: expected a whole number from 1 to 86400
    weifen.toml:1: serve.give_up_after_s: expected a whole number from 1 to 31536000
    weifen.toml:1: serve.max_attempts: expected a whole number from 0 to 1000
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
    WEIFEN_HTTP_TIMEOUT_S: http.timeout_s: expected a whole number from 1 to 3600, without white space or a line break around it
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
    weifen.toml:2:17: not valid TOML, or a duplicate key (the line is not shown, because it may contain a secret)
    weifen.toml:2:10: not valid TOML, or a duplicate key (the line is not shown, because it may contain a secret)
    weifen.toml:2:1: not valid TOML, or a duplicate key (the line is not shown, because it may contain a secret)
    weifen.toml:3:1: not valid TOML, or a duplicate key (the line is not shown, because it may contain a secret)
    weifen.toml:1:9: not valid TOML, or a duplicate key (the line is not shown, because it may contain a secret)
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

#[test]
fn what_kubernetes_tells_of_services_is_no_setting_and_what_people_mistype_is_told() {
    let services = [
        ("WEIFEN_SERVICE_HOST", "10.0.0.1"),
        ("WEIFEN_SERVICE_PORT", "80"),
        ("WEIFEN_SERVICE_PORT_HTTP", "80"),
        ("WEIFEN_PORT", "tcp://10.0.0.1:80"),
        ("WEIFEN_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("WEIFEN_SERVE_SERVICE_HOST", "10.0.0.1"),
        ("WEIFEN_SERVE_PORT", "tcp://10.0.0.1:8320"),
        ("WEIFEN_SERVE_PORT_8320_TCP", "tcp://10.0.0.1:8320"),
        ("WEIFEN_SERVE_PORT_8320_TCP_PROTO", "tcp"),
        ("WEIFEN_FENSI_PORT_80_TCP_PORT", "80"),
        ("WEIFEN_INBOX_SERVICE_PORT", "80"),
        ("WEIFEN_SERVE_DRAIN_S", "7"),
    ];
    assert_eq!(Sources::new().environment(services).load().unwrap().serve.drain.as_secs(), 7);

    for (name, value, words) in [
        ("WEIFEN_SERVICE_HOTS", "10.0.0.1", "unknown section [service]; did you mean [serve]?"),
        ("WEIFEN_SERVE_PROT", "tcp://10.0.0.1:8320", "unknown key serve.prot; "),
        ("WEIFEN_SERVE_PORT", "8320", "unknown key serve.port; expected one of WEIFEN_SERVE_LISTEN, "),
        ("WEIFEN_SERVICE_LISTEN", "127.0.0.1:8320", "unknown section [service]; did you mean [serve]?"),
    ] {
        let error = error(Sources::new().environment([(name, value)])).to_string();
        assert!(error.starts_with(&format!("{name}: {words}")), "{error}");
    }
}
