//! Secrets are planted everywhere, and printed nowhere; what a terminal would obey is not printed either.

use super::clinic::{Clinic, Report};
use crate::support::{Program, Reply, Server};

/// Stands in every secret. It is long enough for a push secret, and its letters are those of base64.
const CANARY: &str = "cafe0ddba11c0ffee5ecre7bad5eed00";

/// Everything that is secret, in its file, in the configuration's file and in URLs.
fn planted(clinic: &Clinic, url: &str, flags: &[&str]) -> Program {
    let port = url.rsplit(':').next().unwrap();
    let text = format!(
        "[weiting]\nappid = 'wt'\nsecret = '{CANARY}'\nbase_url = '{url}'\ntoken_store = 'redis://:{CANARY}@127.0.0.1:{port}/0'\n\
         [fensi]\ndevelop_appid = 'fs'\napp_secret_file = 'app-secret'\nbase_url = '{url}'\nencoding = '{CANARY}'\n\
         [http]\nproxy = 'http://user:{CANARY}@127.0.0.1:{port}'\n\
         [serve]\ndatabase = 'postgres://user:{CANARY}@127.0.0.1:{port}/inbox'\npush_secret_file = 'push-secret'\n\
         deliver_url = 'http://127.0.0.1:{port}/{CANARY}?token={CANARY}'\ndeliver_secret_file = 'deliver-secret'\n"
    );
    clinic.file("app-secret", &format!("{CANARY}\n"));
    clinic.file("push-secret", &format!("{CANARY}\n"));
    clinic.file("deliver-secret", &format!("whsec_{CANARY}"));
    let file = clinic.file("weifen.toml", &text);
    Program::new(&[&["doctor", "-vv", "--timeout=3", "--config", file.as_str()], flags].concat())
}

#[test]
fn no_secret_is_printed_whatever_becomes_of_the_checks() {
    for answer in [Reply::with("200 OK", "", ""), Reply::Close, Reply::Raw(CANARY.into())] {
        let server = Server::start(move |_| answer.clone());
        for flags in [&[][..], &["--json"]] {
            let clinic = Clinic::new();
            let ended = planted(&clinic, &server.url(), flags).run();
            assert_eq!(ended.code, 3, "{ended:?}");
            assert!(!ended.printed().contains(&CANARY[..12]), "{ended:?}");
            assert!(ended.stderr.contains("weiting.secret: "), "-vv tells where it came from: {ended:?}");
        }
    }
}

#[test]
fn what_a_terminal_would_obey_is_shown_and_not_sent() {
    let clinic = Clinic::new();
    let evil = "\u{1b}]0;x\u{7}\u{202e}";
    let text = format!("[weiting]\n\"a\\u001b[31m\" = 1\nappid = \"\\u001b[31mred\"\nsecret_file = '{}'\n", "s");
    let file = clinic.file("weifen.toml", &text);
    for flags in [&[][..], &["--json"]] {
        let program = Program::new(&[&["doctor", "--config", file.as_str()], flags].concat())
            .env("WEIFEN_WEITING_BASE_URL", &Server::nowhere())
            .env("WEIFEN_FENSI_APP_SECRET_FILE", evil)
            .env("WEIFEN_FENSI_BASE_URL", &Server::nowhere());
        let ended = program.run();
        assert!(!ended.printed().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{ended:?}");
        assert!(ended.stdout.contains("app_secret_file"), "{ended:?}");
    }
}

#[test]
fn its_document_is_one_line_of_json_and_nothing_stands_beside_it() {
    let clinic = Clinic::new();
    let report = Report::of(clinic.doctor());
    assert_eq!((report.ended.stdout.lines().count(), report.ended.stderr.as_str()), (1, ""));
}
