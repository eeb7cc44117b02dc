//! `weifen secret`: a fresh secret, in the form that its purpose takes, and nothing else.

use crate::support::Program;

/// Prints a secret in a place where no configuration can be read.
fn secret(purpose: &str) -> String {
    let ended = Program::new(&["secret", purpose]).env("WEIFEN_CONFIG", "nowhere.toml").run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    let line = ended.stdout.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{line}");
    line.to_owned()
}

#[test]
fn each_is_another_and_long_enough() {
    for (purpose, length) in [("push", 43), ("deliver", "whsec_".len() + 44), ("api", 43)] {
        let (one, another) = (secret(purpose), secret(purpose));
        assert_eq!((one.len(), another.len()), (length, length), "{purpose}");
        assert_ne!(one, another, "{purpose}");
    }
}

#[test]
fn a_program_gets_it_in_a_document() {
    let document = Program::new(&["secret", "push", "--json"]).run().done();
    assert_eq!(document.as_object().unwrap().len(), 1);
    assert_eq!(document["secret"].as_str().unwrap().len(), 43);
}

#[test]
fn it_is_what_a_server_takes() {
    let report = Program::new(&["doctor", "--json"])
        .file("push", format!("{}\n", secret("push")))
        .file("deliver", format!("{}\n", secret("deliver")))
        .env("WEIFEN_SERVE_PUSH_SECRET_FILE", "push")
        .env("WEIFEN_SERVE_DELIVER_SECRET_FILE", "deliver")
        .run()
        .json();
    for (section, name) in [("push", "secret"), ("secrets", "serve.deliver_secret_file")] {
        let checks = report["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["section"] == section && check["name"] == name).unwrap();
        assert_ne!(check["state"], "problem", "{check}");
    }
}

#[test]
fn a_purpose_is_asked_for() {
    assert_eq!(Program::new(&["secret", "--json"]).run().error(2)["kind"], "usage");
    let ended = Program::new(&["secret", "CANARY", "--json"]).run();
    assert_eq!(ended.error(2)["kind"], "usage");
    assert!(!ended.printed().contains("CANARY"), "{ended:?}");
}
