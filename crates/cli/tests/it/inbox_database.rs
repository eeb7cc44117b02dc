//! The choice of the inbox: the configuration's, or that of `--database`.

use serde_json::json;

use crate::support::{InboxFile, Program, push};

/// Every command that looks into an inbox which is there.
const LOOKING: [&[&str]; 8] = [
    &["list"],
    &["show", "1"],
    &["stats"],
    &["quarantine"],
    &["release", "1"],
    &["redrive", "1"],
    &["missing", "--older-than", "0"],
    &["purge", "--older-than", "0"],
];

#[test]
fn the_flag_stands_over_the_configuration_wherever_it_stands() {
    let (configured, given) = (InboxFile::with(&[]), InboxFile::with(&[push("u").as_bytes()]));
    let count = |arguments: &[&str]| configured.json(arguments).done()["stats"]["events"]["held"].clone();
    assert_eq!(count(&["stats"]), 0);
    assert_eq!(count(&["stats", "--database", &given.name()]), 1);
    assert_eq!(count(&["--database", &given.name(), "stats"]), 1);

    let file = format!("serve.database = '{}'", configured.name());
    let program = Program::new(&["inbox", "list", "--json"]).file("weifen.toml", &file);
    assert_eq!(program.run().done(), json!({"events": []}));
    let program = Program::new(&["inbox", "list", "--json"]).file("weifen.toml", file);
    let ended = program.env("WEIFEN_SERVE_DATABASE", &given.name()).run();
    assert_eq!(ended.done()["events"][0]["id"], 1);
}

#[test]
fn the_file_beside_the_program_is_the_default() {
    let given = InboxFile::with(&[push("u").as_bytes()]);
    let bytes = std::fs::read(given.path()).unwrap();
    let document = Program::new(&["inbox", "list", "--json"]).file("inbox.db", bytes).run().done();
    assert_eq!(document["events"][0]["push"]["auth_open_id"], "u");
}

#[test]
fn a_mistyped_name_makes_no_inbox() {
    let file = InboxFile::nowhere();
    for arguments in LOOKING {
        let error = file.json(arguments).error(3);
        assert_eq!(error["kind"], "config", "{arguments:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&file.name()) && message.contains("the file does not exist"), "{message}");
        assert!(error["hint"].as_str().unwrap().contains("--database"), "{error}");
        assert!(!file.path().exists());
    }
}

#[test]
fn what_is_no_inbox_is_told() {
    let file = InboxFile::nowhere();
    std::fs::write(file.path(), "no database").unwrap();
    for arguments in LOOKING {
        let error = file.json(arguments).error(3);
        assert!(error["message"].as_str().unwrap().starts_with(&file.name()), "{error}");
    }
    assert_eq!(std::fs::read(file.path()).unwrap(), b"no database");
}

#[test]
fn one_that_is_locked_may_be_tried_again_and_one_that_is_corrupt_may_not() {
    let file = InboxFile::with(&[push("u").as_bytes()]);
    let locked = file.while_locked(|| file.json(&["resume"]).error(5));
    assert_eq!((&locked["kind"], &locked["retryable"]), (&json!("store"), &json!(true)), "{locked}");
    assert!(locked["hint"].as_str().unwrap().contains("run the command again"), "{locked}");
    assert_eq!(file.json(&["resume"]).done(), json!({"resumed": false}));

    let mut bytes = std::fs::read(file.path()).unwrap();
    bytes[4096..].fill(0xff);
    std::fs::write(file.path(), bytes).unwrap();
    let corrupt = file.json(&["resume"]).error(3);
    assert_eq!((&corrupt["kind"], corrupt.get("retryable")), (&json!("config"), None), "{corrupt}");
    assert!(corrupt["message"].as_str().unwrap().contains("malformed"), "{corrupt}");
}

#[test]
fn a_password_in_the_argument_is_refused() {
    for url in [
        "postgres://user:CANARY@127.0.0.1:1/inbox",
        "postgresql://:CANARY@127.0.0.1:1/inbox",
        "postgres://user:CAN/ARY@127.0.0.1/inbox",
        "postgres://user:12/CANARY@127.0.0.1/inbox",
        "postgres://127.0.0.1:1/inbox?password=CANARY",
        "postgres://127.0.0.1:1/inbox?sslpassword=CANARY",
    ] {
        let books = ["book", "--auth-open-id=u", "--key=k", "--appid=a", "--ttl=1"];
        for arguments in LOOKING.into_iter().chain([&books[..]]) {
            let ended = Program::new(&[&["inbox"], arguments, &["--json", "--database", url]].concat()).run();
            let error = ended.error(2);
            assert_eq!(error["kind"], "usage", "{url}");
            assert!(error["hint"].as_str().unwrap().contains("WEIFEN_SERVE_DATABASE"), "{error}");
            assert!(!ended.printed().contains("CANARY") && !ended.printed().contains("ARY"), "{ended:?}");
        }
        let qrcode = ["fensi", "qrcode", "--auth-open-id=u", "--nickname=n", "--sex=0", "--ip=::1", "--book", "--json"];
        let ended = Program::new(&qrcode).arg("--database").arg(url).run();
        assert_eq!(ended.error(2)["kind"], "usage");
        assert!(!ended.printed().contains("ARY"), "{ended:?}");
    }
}

#[test]
fn a_user_may_stand_in_the_argument_and_a_password_elsewhere() {
    for (arguments, database) in [
        (&["inbox", "stats", "--json", "--database", "postgres://user@127.0.0.1:1/inbox"][..], ""),
        (&["inbox", "stats", "--json", "-vv"], "postgres://user:CANARY@127.0.0.1:1/inbox"),
    ] {
        let ended = Program::new(arguments).env("WEIFEN_SERVE_DATABASE", database).run();
        let error = ended.error(5);
        assert_eq!((&error["kind"], &error["retryable"]), (&json!("store"), &json!(true)), "{error}");
        assert!(error["message"].as_str().unwrap().starts_with("postgres://127.0.0.1:1 can't be used"), "{error}");
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
}

#[test]
fn an_empty_name_is_refused_and_leads_to_no_other_inbox() {
    let file = InboxFile::with(&[push("u").as_bytes()]);
    let error = file.json(&["purge", "--older-than", "0", "--database", ""]).error(2);
    assert!(error["message"].as_str().unwrap().starts_with("--database: the value is empty"), "{error}");
    assert_eq!(file.json(&["list"]).done()["events"][0]["push"]["auth_open_id"], "u");
}
