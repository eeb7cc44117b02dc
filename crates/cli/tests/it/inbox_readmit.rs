//! `weifen inbox quarantine readmit`: a device's key was missing, or a newer version understands more.

use serde_json::{Value, json};

use crate::support::{Ended, InboxFile, push};

/// Three pushes of a device that is not known yet, a copy of one, and what is no push.
fn five() -> InboxFile {
    let of_another = |user: &str| push(user).replace("fs-key", "late-key").into_bytes();
    let bodies = [of_another("u1"), of_another("u2"), of_another("u3"), of_another("u3"), b"hello".to_vec()];
    InboxFile::with(&bodies.each_ref().map(Vec::as_slice))
}

fn readmit(file: &InboxFile, key: &str, arguments: &[&str]) -> Ended {
    let program = file.program(&[&["quarantine", "readmit"], arguments].concat());
    let program = program.env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid").env("WEIFEN_FENSI_KEY", key);
    program.env("WEIFEN_SERVE_UNSOLICITED", "pay").run()
}

fn count(file: &InboxFile) -> Value {
    file.json(&["stats"]).done()["stats"]["events"]["pending"].clone()
}

#[test]
fn a_key_that_was_missing_is_configured_and_each_push_becomes_one_event() {
    let file = five();
    let neither = "the push cannot be decoded: the body is neither JSON nor a form";
    let whole = json!({
        "dry_run": true, "matched": 5, "readmitted": 0, "stored": 3, "held": 0, "duplicates": 1, "dropped": 0,
        "quarantined": 1, "reasons": {neither: 1},
    });
    assert_eq!(readmit(&file, "late-key", &["--since", "1h", "--dry-run", "--json"]).done(), whole);
    assert_eq!(count(&file), 0);
    let done = readmit(&file, "late-key", &["--since", "1h", "--json"]).done();
    assert_eq!((&done["dry_run"], &done["readmitted"], &done["stored"]), (&json!(false), &json!(4), &json!(3)));
    assert_eq!(count(&file), 3);
    let again = readmit(&file, "late-key", &["--since", "1h", "--json"]).done();
    assert_eq!((&again["matched"], &again["readmitted"], &again["quarantined"]), (&json!(1), &json!(0), &json!(1)));
    assert_eq!(count(&file), 3);
    let left = file.json(&["quarantine"]).done();
    assert_eq!((left["quarantine"].as_array().unwrap().len(), &left["quarantine"][0]["raw"]), (1, &json!("hello")));
}

#[test]
fn people_are_told_how_many_left_and_why_others_stay() {
    let file = five();
    let people = readmit(&file, "late-key", &["--since", "1970-01-01T08:00:00+08:00"]).stdout;
    for line in [
        "4 of 5 left the quarantine:",
        "to be delivered      3",
        "copies               1",
        "still in quarantine  1",
        "Why they stay:",
        "neither JSON nor a form  1",
    ] {
        assert!(people.contains(line), "{line}: {people}");
    }
    let none = readmit(&five(), "late-key", &["--since", "0", "--until", "1"]).stdout;
    assert!(none.starts_with("0 of 0 left the quarantine:"), "{none}");
    let trial = readmit(&five(), "late-key", &["--since", "0", "--dry-run"]).stdout;
    assert!(trial.starts_with("4 of 5 would leave the quarantine; nothing was changed:"), "{trial}");
}

#[test]
fn one_is_readmitted_by_its_number_once() {
    let file = five();
    let done = readmit(&file, "late-key", &["2", "--json"]).done();
    assert_eq!((&done["matched"], &done["stored"]), (&json!(1), &json!(1)));
    assert_eq!(file.json(&["show", "1"]).done()["event"]["push"]["auth_open_id"], "u2");
    let error = readmit(&file, "late-key", &["2", "--json"]).error(2);
    assert!(
        error["message"].as_str().unwrap().starts_with("no entry has the number 2 in the quarantine of "),
        "{error}"
    );
    let stays = readmit(&file, "fs-key", &["1", "--json"]).done();
    assert_eq!(stays["reasons"], json!({"the push is not ours: key is not the key of a configured device": 1}));
}

#[test]
fn what_is_meant_has_to_be_said_in_words_that_are_understood() {
    let file = five();
    for arguments in [
        &[][..],
        &["x"],
        &["+1"],
        &["1", "--since", "1h"],
        &["--until", "1h"],
        &["--since", "yesterday"],
        &["--since", "-1h"],
        &["--since", "1h", "--until", "soon"],
        &["--since", "1h", "--until", "2h"],
        &["--since", "2026-11-29T08:00:00"],
    ] {
        assert_eq!(
            readmit(&file, "late-key", &[arguments, &["--json"]].concat()).error(2)["kind"],
            "usage",
            "{arguments:?}"
        );
    }
    assert_eq!(file.json(&["quarantine", "readmit", "--since", "1h"]).error(3)["kind"], "config", "whose they are");
    assert_eq!(count(&file), 0);
}
