//! Origins of settings, and the errors of wrong ones.

use serde_json::json;

use crate::support::{Program, Reply, Sandboxed, Server, call};

fn scenes_server() -> Server {
    Server::start(|_| Reply::json(r#"{"code":20000,"data":[],"message":"ok"}"#))
}

fn file(url: &str) -> String {
    format!("[fensi]\nbase_url = '{url}'\ndevelop_appid = 'from-file'\napp_secret = 's'\n")
}

fn develop_appid(server: &Server) -> String {
    let body: serde_json::Value = serde_json::from_slice(&server.calls().last().unwrap().body).unwrap();
    body["develop_appid"].as_str().unwrap().to_owned()
}

#[test]
fn a_file_is_found_named_by_the_environment_or_named_by_a_flag() {
    let (here, by_environment, by_flag) = (scenes_server(), scenes_server(), scenes_server());
    let program = |arguments: &[&str]| {
        Program::new(arguments)
            .file("weifen.toml", file(&here.url()))
            .file("environment.toml", file(&by_environment.url()))
            .file("flag.toml", file(&by_flag.url()))
    };
    program(&["fensi", "scenes", "--json"]).run().done();
    assert_eq!((here.calls().len(), develop_appid(&here).as_str()), (1, "from-file"));
    program(&["fensi", "scenes", "--json"]).env("WEIFEN_CONFIG", "environment.toml").run().done();
    assert_eq!(by_environment.calls().len(), 1);
    for arguments in [["--config", "flag.toml", "fensi", "scenes"], ["fensi", "scenes", "--config", "flag.toml"]] {
        let program = program(&arguments).env("WEIFEN_CONFIG", "environment.toml").arg("--json");
        assert_eq!(program.run().done(), json!({"scenes": []}));
    }
    assert_eq!(by_flag.calls().len(), 2);
}

#[test]
fn a_found_file_that_others_can_write_is_refused_by_name_and_no_secret_is_sent() {
    let strangers = scenes_server();
    let text = format!("[fensi]\nbase_url = '{}'\n", strangers.url());
    let program = |arguments: &[&str]| {
        let program = Program::new(arguments).file_of_all("weifen.toml", &text);
        program.env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid").env("WEIFEN_FENSI_APP_SECRET", "CANARY")
    };
    for arguments in
        [&["fensi", "scenes", "--json"][..], &["weiting", "token", "--json"], &["config", "check", "--json"]]
    {
        let error = program(arguments).run().error(3);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("./weifen.toml") && message.contains("every user can write the file"), "{message}");
        assert!(message.contains("--config") && !message.contains("CANARY"), "{message}");
    }
    assert!(strangers.requests().is_empty());
    program(&["fensi", "scenes", "--json", "--config", "weifen.toml"]).run().done();
    assert_eq!(strangers.calls().len(), 1);
}

#[test]
fn the_environment_stands_over_the_file() {
    let server = scenes_server();
    let program = Program::new(&["fensi", "scenes"]).file("weifen.toml", file(&server.url()));
    program.env("WEIFEN_FENSI_DEVELOP_APPID", "from-environment").run();
    assert_eq!(develop_appid(&server), "from-environment");
}

#[test]
fn the_timeout_flag_stands_over_all() {
    let server = Server::start(|_| Reply::Hang);
    let program = Program::at(&server.url(), &["--timeout", "1", "fensi", "scenes", "--json"]);
    let began = std::time::Instant::now();
    let error = program.trusting_nobody().env("WEIFEN_HTTP_TIMEOUT_S", "600").run().error(5);
    assert_eq!(error["kind"], "no_reply");
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn what_is_wrong_with_the_configuration_ends_with_3() {
    let wrong = [
        ("weifen.toml", "[fensi]\nbase_ulr = 'x'\n", "base_ulr"),
        ("weifen.toml", "[fensi]\nbase_url = 7\n", "fensi.base_url"),
        ("weifen.toml", "[fensi\n", "weifen.toml:1"),
        ("weifen.toml", "[http]\ntimeout_s = 0\n", "http.timeout_s"),
        ("other.toml", "", "fensi.develop_appid is not set"),
    ];
    for (name, content, told) in wrong {
        let ended = Program::new(&["fensi", "scenes", "--json"]).file(name, content).run();
        let error = ended.error(3);
        assert_eq!(error["kind"], "config");
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
        let people = Program::new(&["fensi", "scenes"]).file(name, content).run();
        assert_eq!((people.code, people.stdout.as_str()), (3, ""));
        assert!(people.stderr.starts_with("error: ") && people.stderr.contains(told), "{people:?}");
    }
    let error = Program::new(&["fensi", "scenes", "--json", "--config", "none.toml"]).run().error(3);
    assert!(error["message"].as_str().unwrap().contains("none.toml"), "{error}");
    let error = Program::at("http://127.0.0.1:1", &["fensi", "scenes", "--json"])
        .env("WEIFEN_HTTP_CA_FILE", "none.pem")
        .run()
        .error(3);
    assert!(error["message"].as_str().unwrap().contains("none.pem"), "{error}");
}

#[test]
fn credentials_do_not_go_over_plain_http_to_another_machine() {
    for operation in ["access_token", "scenes"] {
        let error = Program::at("http://192.0.2.1", call(operation)).arg("--json").run().error(3);
        assert_eq!(error["kind"], "config");
        assert!(error["message"].as_str().unwrap().contains("plaintext = true"), "{error}");
    }
}

#[test]
fn calls_work_without_any_certificate_authority() {
    let sandbox = Sandboxed::start();
    let program = sandbox.program(&["weiting", "token", "--json"]);
    program.env("SSL_CERT_FILE", "/dev/null").env("SSL_CERT_DIR", "/nonexistent").run().done();
}

#[test]
fn a_tilde_is_home_in_files_variables_and_flags() {
    let store = |home: &str, arguments: &[&str]| {
        let program = Program::new(arguments).env("WEIFEN_WEITING_APPID", "a").env("WEIFEN_WEITING_SECRET", "s");
        program.env("HOME", home).file("here.toml", "weiting.token_store = 'file:~/t.json'")
    };
    let home = tempfile::tempdir().unwrap();
    let path = home.path().display().to_string();
    std::fs::write(home.path().join("mine.toml"), "weiting.token_store = 'file:~/t.json'").unwrap();
    for arguments in [["--config", "here.toml"], ["--config", "~/mine.toml"]] {
        let shown = store(&path, &[&arguments[..], &["weiting", "token", "show", "--json"]].concat()).run().done();
        assert_eq!(shown["store"], format!("file:{path}/t.json"));
    }
    let nowhere = store("", &["--config", "here.toml", "weiting", "token", "show", "--json"]).run().error(3);
    assert!(nowhere["message"].as_str().unwrap().contains("HOME"), "{nowhere}");

    let database = |url| Program::new(&["inbox", "stats", "--json", "--database", url]).env("HOME", &path).run();
    let missing = database("sqlite:~/inbox.db").error(3);
    assert!(missing["message"].as_str().unwrap().contains(&format!("{path}/inbox.db")), "{missing}");
    let refused = database("sqlite:~bo/inbox.db").error(2);
    assert!(refused["message"].as_str().unwrap().starts_with("--database: expected an absolute path"), "{refused}");
}

#[test]
fn what_kubernetes_tells_of_services_is_no_setting() {
    let server = scenes_server();
    let program = |name: &str, value: &str| Program::at(&server.url(), &["fensi", "scenes", "--json"]).env(name, value);
    let services = [
        ("WEIFEN_SERVICE_HOST", "10.0.0.1"),
        ("WEIFEN_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("WEIFEN_SERVE_PORT", "tcp://10.0.0.1:8320"),
    ];
    for (name, value) in services {
        program(name, value).run().done();
    }
    for (name, value) in [("WEIFEN_SERVICE_HOTS", "10.0.0.1"), ("WEIFEN_SERVE_PORT", "8320")] {
        let error = program(name, value).run().error(3);
        assert!(error["message"].as_str().unwrap().contains(name), "{error}");
    }
}
