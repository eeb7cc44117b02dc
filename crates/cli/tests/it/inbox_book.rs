//! Bookings: `weifen inbox book` and `missing`, and `weifen fensi qrcode --book`.

use serde_json::json;
use weifen::inbox::{HoldReason, Receipt};

use crate::support::{Ended, InboxFile, Program, Reply, Sandboxed, Server, call, push};

const BOOK: [&str; 7] = ["book", "--auth-open-id", "u", "--key", "fs-key", "--appid", "wx-account"];

fn book(file: &InboxFile, more: &[&str]) -> Ended {
    file.program(&[&BOOK, more].concat()).env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid").arg("--json").run()
}

#[test]
fn a_booked_push_is_expected_in_an_inbox_that_is_made_for_it() {
    let file = InboxFile::nowhere();
    assert_eq!(book(&file, &["--ttl", "60"]).done(), json!({"ok": true}));
    assert_eq!(file.receive(&[push("u").as_bytes()]), [Receipt::Stored]);
    let people = file.program(&[&BOOK[..], &["--ttl", "2h"]].concat()).env("WEIFEN_FENSI_DEVELOP_APPID", "d").run();
    assert_eq!(people.stdout, "Booked: the push is expected for 2 h 0 min.\n");
}

#[test]
fn a_booked_state_must_come_back() {
    let file = InboxFile::nowhere();
    book(&file, &["--ttl", "60", "--state", "visit-7"]).done();
    let with_state = |state: &str| push("u").replace("\"nickname\"", &format!("\"state\":\"{state}\",\"nickname\""));
    let receipts = file.receive(&[with_state("visit-8").as_bytes(), with_state("visit-7").as_bytes()]);
    assert_eq!(receipts, [Receipt::Held(HoldReason::OtherState), Receipt::Stored]);
}

#[test]
fn a_user_may_come_from_stdin() {
    let file = InboxFile::nowhere();
    let arguments = ["book", "--auth-open-id", "-", "--key", "fs-key", "--appid", "wx-account", "--ttl", "60"];
    let program = file.program(&arguments).env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid").stdin("from-stdin\n");
    assert_eq!(program.run().code, 0);
    assert_eq!(file.receive(&[push("from-stdin").as_bytes()]), [Receipt::Stored]);
}

#[test]
fn a_booking_that_cannot_be_right_is_refused() {
    let file = InboxFile::nowhere();
    for (wrong, told) in [
        (["book", "--auth-open-id=", "--key=k", "--appid=a", "--ttl=1"], "--auth-open-id"),
        (["book", "--auth-open-id=u", "--key=", "--appid=a", "--ttl=1"], "--key"),
        (["book", "--auth-open-id=u", "--key=k", "--appid=CANARY a", "--ttl=1"], "--appid"),
        (["book", "--auth-open-id=u", "--key=k", "--appid=a", "--ttl=soon"], "--ttl"),
    ] {
        let ended = file.json(&wrong);
        let error = ended.error(2);
        assert_eq!(error["kind"], "usage");
        assert!(error["message"].as_str().unwrap().starts_with(told), "{error}");
        assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    }
    let long = "长".repeat(256);
    for option in ["--auth-open-id", "--key", "--appid"] {
        let texts = ["--auth-open-id", "--key", "--appid"].map(|name| if name == option { &*long } else { "x" });
        let [user, key, appid] = texts;
        let wrong = ["book", "--ttl=1", "--auth-open-id", user, "--key", key, "--appid", appid];
        let error = file.json(&wrong).error(2);
        assert_eq!(error["message"], format!("{option}: must not be longer than 255 characters"));
    }
    let state = ["--ttl", "1", "--state", "https://user:CANARY@h/"];
    assert_eq!(book(&file, &state).error(2)["kind"], "usage");
    let error = file.json(&[&BOOK[..], &["--ttl", "1"]].concat()).error(3);
    assert!(error["message"].as_str().unwrap().starts_with("fensi.develop_appid is not set"), "{error}");
    assert!(!file.path().exists());
}

#[test]
fn a_device_that_is_not_ours_is_refused_before_anything_is_booked() {
    let (file, server) = (InboxFile::nowhere(), Server::start(|_| Reply::Close));
    let qrcode = [call("qrcode"), &["--book", "--json"]].concat();
    for (name, keys) in [("WEIFEN_SERVE_KEYS", "other,another"), ("WEIFEN_FENSI_KEY", "other")] {
        let arguments = [&BOOK[..], &["--ttl", "60", "--json"]].concat();
        let program = file.program(&arguments).env("WEIFEN_FENSI_DEVELOP_APPID", "fs-appid").env(name, keys);
        let error = program.run().error(2);
        assert!(error["message"].as_str().unwrap().starts_with("--key: this device is not in serve.keys"), "{error}");
    }
    let configured = || Program::at(&server.url(), &qrcode).env("WEIFEN_SERVE_DATABASE", &file.name());
    for program in [configured().env("WEIFEN_SERVE_KEYS", "other"), configured().arg("--key=other")] {
        assert!(program.run().error(2)["message"].as_str().unwrap().starts_with("--book: "));
    }
    assert!(!file.path().exists());
    assert!(server.requests().is_empty());
    let arguments = [&BOOK[..], &["--ttl", "60"]].concat();
    let program = file.program(&arguments).env("WEIFEN_FENSI_DEVELOP_APPID", "d").env("WEIFEN_SERVE_KEYS", "a,fs-key");
    assert_eq!(program.run().code, 0);
}

#[test]
fn bookings_that_ended_without_a_push_are_missing() {
    let file = InboxFile::nowhere();
    book(&file, &["--ttl", "0", "--reference", "order-7", "--bid", "90"]).done();
    let missing = file.json(&["missing"]).done();
    let row = &missing["missing"][0];
    assert_eq!(
        missing,
        json!({"missing": [{
            "auth_open_id": "u", "appid": "wx-account", "key": "fs-key", "booked_at": row["booked_at"],
            "ended_at": row["ended_at"], "reference": "order-7", "bid": 90,
        }]})
    );
    assert!(row["booked_at"].as_str().unwrap().ends_with('Z'), "{row}");
    let shown = file.run(&["missing"]).stdout;
    assert!(shown.contains("wx-account") && shown.contains("order-7"), "{shown}");
    assert_eq!(file.json(&["missing", "--older-than", "1h"]).done(), json!({"missing": []}));
    file.receive(&[push("u").as_bytes()]);
    assert_eq!(file.run(&["missing", "--older-than", "0"]).stdout, "none\n");
}

#[test]
fn an_event_shows_its_booking_with_the_reference_and_another_bid() {
    let file = InboxFile::nowhere();
    book(&file, &["--ttl", "60", "--reference", "order-7", "--bid", "60"]).done();
    file.receive(&[push("u").as_bytes()]);
    let event = file.json(&["show", "1"]).done()["event"].clone();
    let booking = &event["booking"];
    assert_eq!(
        *booking,
        json!({"id": booking["id"], "reference": "order-7", "bid": 60, "booked_at": booking["booked_at"]})
    );
    assert_eq!((&event["bid_differs"], event["push"]["bidding"].is_u64()), (&json!(true), true));
    let shown = file.run(&["show", "1"]).stdout;
    assert!(shown.contains("order-7") && shown.contains("60 fen (0.60 yuan)"), "{shown}");
}

#[test]
fn a_reference_that_is_none_is_refused_before_anything_is_booked() {
    let file = InboxFile::nowhere();
    let long = "x".repeat(201);
    for (reference, problem) in [("", "empty"), (long.as_str(), "longer than 200 characters")] {
        let error = book(&file, &["--ttl", "60", "--reference", reference]).error(2);
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("--reference: must not be ") && message.contains(problem), "{message}");
    }
    assert!(!file.path().exists());
}

#[test]
fn a_qr_code_is_booked_and_its_push_expected() {
    let sandbox = Sandboxed::start();
    let file = InboxFile::nowhere();
    let arguments = [call("qrcode"), &["--book", "--reference", "order-7", "--json"]].concat();
    let program = sandbox.program(&arguments).env("WEIFEN_SERVE_DATABASE", &file.name());
    let qrcode = program.run().done()["qrcode"].clone();
    assert!(!qrcode["appid"].as_str().unwrap().is_empty());
    assert_eq!(file.json(&["stats"]).done()["stats"]["open_bookings"], 1);

    let elsewhere = InboxFile::nowhere();
    let program = sandbox.program(&arguments).env("WEIFEN_SERVE_DATABASE", &file.name());
    let program = program.arg("--database").arg(&elsewhere.name());
    assert!(!program.run().done()["qrcode"].is_null());
    assert_eq!(elsewhere.json(&["stats"]).done()["stats"]["open_bookings"], 1);
}

#[test]
fn without_a_match_nothing_is_booked() {
    let sandbox = Sandboxed::start();
    let file = InboxFile::nowhere();
    let arguments = [call("qrcode"), &["--label", "99", "--book", "--json"]].concat();
    let program = sandbox.program(&arguments).env("WEIFEN_SERVE_DATABASE", &file.name());
    assert_eq!(program.run().done(), json!({"qrcode": null}));
    assert_eq!(file.json(&["stats"]).done()["stats"]["open_bookings"], 0);
}

#[test]
fn nobody_is_asked_for_a_code_that_could_not_be_booked() {
    let server = Server::start(|_| Reply::Close);
    let arguments = [call("qrcode"), &["--book", "--json"]].concat();
    let program =
        Program::at(&server.url(), &arguments).env("WEIFEN_SERVE_DATABASE", "sqlite:/no/such/folder/inbox.db");
    let error = program.run().error(3);
    assert_eq!(error["kind"], "config");
    assert!(error["message"].as_str().unwrap().contains("/no/such/folder/inbox.db"), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_code_whose_booking_fails_is_withheld() {
    let file = InboxFile::nowhere();
    let path = file.path();
    let server = Server::start(move |_| {
        // The inbox was opened before the vendor was asked, and is gone with the answer.
        std::fs::remove_file(&path).unwrap();
        Reply::json(
            r#"{"code":20000,"data":{"bidding":60,"appid":"wx1","appname":"a","code":null,"expire":120,"qrcode_url":"http://h/CANARY"},"message":"ok"}"#,
        )
    });
    let arguments = [call("qrcode"), &["--book", "--json"]].concat();
    let ended = Program::at(&server.url(), &arguments).env("WEIFEN_SERVE_DATABASE", &file.name()).run();
    let error = ended.error(7);
    assert_eq!((&error["kind"], &error["operation"]), (&json!("unknown_outcome"), &json!("qrcode")));
    assert_eq!(error["retryable"], false);
    assert!(error["message"].as_str().unwrap().contains(&file.name()), "{error}");
    assert!(!ended.printed().contains("CANARY"), "{ended:?}");
    assert_eq!(server.requests().len(), 1);
}
