//! All is well: everything is looked at, nothing is said against it, and nothing has changed.

use super::clinic::{Clinic, DELIVER_SECRET, PUSH_SECRET, Report};
use crate::support::{Program, Reply, Sandboxed, Server};

/// All that there is to be set, set rightly.
fn everything(clinic: &Clinic, sandbox: &Sandboxed, receiver: &Server, arguments: &[&str]) -> Program {
    clinic
        .with(sandbox.program(arguments))
        .env("WEIFEN_SERVE_PUSH_SECRET_FILE", &clinic.file("push-secret", PUSH_SECRET))
        .env("WEIFEN_SERVE_DELIVER_URL", &receiver.url())
        .env("WEIFEN_SERVE_DELIVER_SECRET_FILE", &clinic.file("deliver-secret", DELIVER_SECRET))
}

#[test]
fn all_is_ok_where_all_is_well() {
    let (clinic, sandbox, receiver) = (Clinic::new(), Sandboxed::start(), Server::start(|_| Reply::Close));
    let report = Report::of(everything(&clinic, &sandbox, &receiver, &["doctor", "--json"]));
    let wrong: Vec<_> = report.checks().iter().filter(|check| check["state"] != "ok").collect();
    assert_eq!(wrong, Vec::<&serde_json::Value>::new());
    for (section, name) in [
        ("configuration", "file"),
        ("secrets", "weiting.secret"),
        ("secrets", "serve.push_secret_file"),
        ("http", "proxy"),
        ("http", "authorities"),
        ("weiting", "base URL"),
        ("weiting", "credentials"),
        ("weiting", "connection"),
        ("weiting", "answer"),
        ("weiting", "clock"),
        ("fensi", "answer"),
        ("fensi", "clock"),
        ("signature", "known ones"),
        ("signature", "own secret"),
        ("token", "store"),
        ("token", "ledger"),
        ("database", "database"),
        ("push", "secret"),
        ("push", "push URL"),
        ("push", "listen"),
        ("push", "receiver"),
    ] {
        report.line(section, name);
    }
    assert_eq!(report.ended.stderr, "");
}

#[test]
fn it_calls_no_operation_fetches_no_token_posts_nothing_and_makes_no_file() {
    let (clinic, sandbox, receiver) = (Clinic::new(), Sandboxed::start(), Server::start(|_| Reply::Close));
    let program = everything(&clinic, &sandbox, &receiver, &["doctor", "--json"]);
    let before = clinic.content();
    let (child, folder) = program.spawn(std::process::Stdio::piped());
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(clinic.content(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves nothing where it stands");
    let log = sandbox.log();
    assert_eq!(log.len(), 2, "one look at each vendor: {log:?}");
    for asked in log {
        assert_eq!(
            (asked.operation, asked.method.as_str(), asked.path.as_str(), asked.query.as_str()),
            (None, "HEAD", "/", "")
        );
    }
    assert_eq!(receiver.requests().len(), 0);
}

#[test]
fn a_look_carries_no_credential() {
    let server = Server::start(|_| Reply::with("200 OK", "", ""));
    Program::at(&server.url(), &["doctor", "--json"]).run();
    let asked = server.requests();
    assert_eq!(asked.len(), 2);
    for request in asked {
        let sent = format!("{request:?}");
        assert!(
            !["wt-appid", "wt-secret", "fs-appid", "fs-secret", "signature"].iter().any(|it| sent.contains(it)),
            "{sent}"
        );
    }
}

#[test]
fn people_get_a_table_with_what_to_do() {
    let (clinic, sandbox, receiver) = (Clinic::new(), Sandboxed::start(), Server::start(|_| Reply::Close));
    let well = everything(&clinic, &sandbox, &receiver, &["doctor"]).run();
    assert_eq!(well.code, 0, "{well:?}");
    assert!(well.stdout.ends_with("\nAll is well.\n"), "{well:?}");
    let ill = everything(&clinic, &sandbox, &receiver, &["doctor"]).env("WEIFEN_HTTP_BODY_CAP", "x").run();
    assert_eq!(ill.code, 3);
    assert!(ill.stdout.ends_with("\n1 problem, 0 warnings.\n"), "{ill:?}");
    let line = ill.stdout.lines().find(|line| line.starts_with("configuration: http.body_cap")).unwrap();
    assert!(line.contains("problem") && line.contains("correct or unset WEIFEN_HTTP_BODY_CAP"), "{line}");
}

#[test]
fn with_nothing_set_up_it_says_what_to_set_and_that_is_no_failure() {
    let clinic = Clinic::new();
    let program = Program::new(&["doctor", "--json"]).env("XDG_STATE_HOME", &clinic.path("state"));
    let report = Report::of(program);
    assert_eq!(report.ended.code, 0);
    report.says("configuration", "vendors", "warning", "neither");
    report.says("weiting", "set up", "ok", "no:");
    report.says("push", "set up", "ok", "no;");
}

/// As in a copy of the documented file: every key there is, with its default or nothing.
#[test]
fn a_file_that_spells_out_the_defaults_sets_nothing_up() {
    let text = "[weiting]\nbase_url = 'https://m.sh.189.cn'\nappid = ''\nsecret_file = ''\ndaily_limit = 200\ntoken_store = ''\n\
                [fensi]\nbase_url = 'https://api.fensiwansui.com'\ndevelop_appid = ''\nplaintext = false\n\
                [serve]\nlisten = '127.0.0.1:8320'\nadmin_listen = '127.0.0.1:8321'\ndatabase = 'sqlite:inbox.db'\n\
                keys = []\nunsolicited = 'hold'\nlease_s = 30\ndeliver_timeout_s = 10\n";
    let report = Report::of(Program::new(&["doctor", "--json"]).file("weifen.toml", text));
    for section in ["weiting", "fensi", "token", "push"] {
        report.says(section, "set up", "ok", "no");
    }
    assert_eq!(report.ended.code, 0);
}
