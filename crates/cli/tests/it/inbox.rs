//! `weifen inbox`: looking into the inbox, and a person's decisions.

use std::fs::OpenOptions;
use std::process::Stdio;

use serde_json::{Value, json};
use weifen::inbox::Receipt;

use crate::support::{InboxFile, push};

/// One that was held and pushed again, one that is to be delivered.
fn two() -> InboxFile {
    let file = InboxFile::with(&[push("stranger").as_bytes(), push("stranger").as_bytes()]);
    file.receive_booked("booked");
    file
}

/// As after a delivery that never succeeded.
fn give_up(file: &InboxFile, id: i64) {
    file.change(&format!(
        "UPDATE events SET status = 'dead', due_at = NULL, settled_at = 0, attempts = 12, last_failure = 'HTTP 500' \
         WHERE id = {id}"
    ));
}

fn ids(document: &Value) -> Vec<i64> {
    document["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
}

/// RFC 3339 in UTC.
fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok())
}

#[test]
fn events_are_listed_with_all_that_is_known() {
    let file = two();
    let document = file.json(&["list"]).done();
    let held = &document["events"][0];
    assert!(is_time(&held["received_at"]), "{held}");
    let webhook_id = held["webhook_id"].as_str().unwrap();
    assert!(webhook_id.starts_with("evt_"), "{held}");
    assert_eq!(
        *held,
        json!({
            "id": 1, "webhook_id": webhook_id, "status": "held", "attempts": 0, "received_at": held["received_at"],
            "duplicates": 1, "hold_reason": "not_booked", "booking": null,
            "push": {
                "key": "fs-key", "develop_appid": "fs-appid", "auth_open_id": "stranger", "bidding": 90,
                "appid": "wx-account", "appname": "七彩东莞", "openid": "o-stranger", "nickname": "追梦小窝",
            },
        })
    );
    assert_eq!(document["events"][1]["status"], "pending");
    assert_eq!(document["events"][1].get("hold_reason"), None);
    assert_eq!(ids(&document), [1, 2]);
    assert_eq!(file.json(&["show", "1"]).done(), json!({"event": held}));
}

#[test]
fn those_that_wait_for_a_person_are_listed_alone() {
    let file = two();
    file.receive_booked("unlucky");
    give_up(&file, 3);
    assert_eq!(ids(&file.json(&["list", "--held"]).done()), [1]);
    let dead = file.json(&["list", "--dead"]).done();
    assert_eq!(ids(&dead), [3]);
    let dead = &dead["events"][0];
    assert_eq!((&dead["attempts"], &dead["last_failure"]), (&json!(12), &json!("HTTP 500")));
    assert_eq!(dead["settled_at"], "1970-01-01T00:00:00Z");
}

#[test]
fn people_are_shown_a_table_and_why_an_event_waits() {
    let file = two();
    give_up(&file, 2);
    let listed = file.run(&["list"]);
    let rows: Vec<Vec<&str>> = listed.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["id", "status", "received_at", "user", "account", "bid", "attempts", "because"]);
    assert_eq!(rows[1][..2], ["1", "held"]);
    assert_eq!(rows[1][3..], ["stranger", "wx-account", "90", "fen", "0", "not_booked"]);
    assert_eq!(rows[2][3..], ["booked", "wx-account", "90", "fen", "12", "HTTP", "500"]);
    assert_eq!(rows.len(), 3);

    let shown = file.run(&["show", "1"]).stdout;
    for fact in
        ["webhook_id     evt_", "held because   not_booked", "duplicates     1", "bid            90 fen (0.90 yuan)"]
    {
        assert!(shown.contains(fact), "{fact}: {shown}");
    }
    assert_eq!(InboxFile::with(&[]).run(&["list"]).stdout, "none\n");
}

#[test]
fn programs_get_all_of_a_long_list_and_people_the_newest() {
    let file = InboxFile::nowhere();
    file.inside(async |intake| {
        let mut pushes = tokio::task::JoinSet::new();
        for user in 0..2100 {
            let intake = intake.clone();
            pushes.spawn(async move { intake.receive(push(&format!("u{user}"))).await.unwrap() });
        }
        for strange in 0..101 {
            intake.receive(format!("<{strange}>")).await.unwrap();
        }
        pushes.join_all().await;
    });
    assert_eq!(ids(&file.json(&["list"]).done()), (1..=2100).collect::<Vec<_>>());
    for arguments in [&["list"][..], &["list", "--held"]] {
        let people = file.run(arguments).stdout;
        assert!(people.contains("\n2001 ") && !people.contains("\n2000  held"), "{people}");
        assert!(people.ends_with("\n\n2000 more are older; --json lists all.\n"), "{people}");
    }
    assert_eq!(file.run(&["list", "--dead"]).stdout, "none\n");
    assert_eq!(file.json(&["quarantine"]).done()["quarantine"].as_array().unwrap().len(), 101);
    let people = file.run(&["quarantine"]).stdout;
    assert!(people.ends_with("<100>\n\n1 more is older; --json lists it too.\n"), "{people}");
}

#[test]
fn a_list_that_breaks_off_is_no_whole_document_and_says_so_beside_it() {
    let file = InboxFile::nowhere();
    file.inside(async |intake| {
        let mut pushes = tokio::task::JoinSet::new();
        for user in 0..1100 {
            let intake = intake.clone();
            pushes.spawn(async move { intake.receive(push(&format!("u{user}"))).await.unwrap() });
        }
        pushes.join_all().await;
    });
    file.change("UPDATE events SET raw = x'00' WHERE id = 1050");
    let ended = file.json(&["list"]);
    assert_eq!(ended.code, 3);
    assert!(ended.stdout.starts_with("{\"events\":[") && !ended.stdout.contains("error"), "{ended:?}");
    assert!(serde_json::from_str::<Value>(&ended.stdout).is_err());
    assert!(ended.stderr.starts_with(&format!("error: {}", file.name())), "{}", ended.stderr);
    // On the first page nothing was begun.
    file.change("UPDATE events SET raw = x'00' WHERE id = 1");
    assert_eq!(file.json(&["list"]).error(3)["kind"], "config");
}

#[test]
fn a_list_whose_reader_went_away_is_no_fault_and_a_full_disk_is_told() {
    let file = two();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = file.program(&["list", "--json"]).stdout(Stdio::from(writer)).run_as_it_is();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    for arguments in [&["list", "--json"][..], &["list"], &["quarantine", "--json"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = file.program(arguments).stdout(full).run_as_it_is();
        assert_eq!(ended.code, 3, "{ended:?}");
        assert!(ended.stderr.starts_with("error: stdout: "), "{ended:?}");
    }
}

#[test]
fn a_held_event_is_released_once() {
    let file = two();
    let released = file.json(&["release", "1"]).done();
    assert_eq!((&released["event"]["id"], &released["event"]["status"]), (&json!(1), &json!("pending")));
    let error = file.json(&["release", "1"]).error(2);
    assert_eq!((&error["kind"], &error["message"]), (&json!("usage"), &json!("event 1 is not held but pending")));
    assert_eq!(file.json(&["list", "--held"]).done(), json!({"events": []}));

    let file = two();
    let people = file.run(&["release", "1"]);
    assert_eq!(people.stdout.lines().next(), Some("Event 1 is now pending."), "{people:?}");
}

#[test]
fn a_dead_event_is_redriven_with_all_its_attempts() {
    let file = two();
    let error = file.json(&["redrive", "2"]).error(2);
    assert_eq!(error["message"], "event 2 is not dead but pending");
    give_up(&file, 2);
    let redriven = &file.json(&["redrive", "2"]).done()["event"];
    assert_eq!((&redriven["status"], &redriven["attempts"]), (&json!("pending"), &json!(0)));
    assert_eq!(redriven.get("settled_at"), None);
}

/// Three dead ones: of the first device a day ago and now, of another now.
fn three_dead() -> InboxFile {
    let file = InboxFile::nowhere();
    for user in ["a", "b", "c"] {
        file.receive_booked(user);
    }
    for id in 1..=3 {
        give_up(&file, id);
    }
    file.change("UPDATE events SET received_at = received_at - 86400000 WHERE id = 1");
    file.change("UPDATE events SET device_key = 'another' WHERE id = 3");
    file
}

#[test]
fn many_dead_events_are_redriven_by_what_they_have_in_common() {
    for (filter, matching) in [
        (&["--since", "2h"][..], vec![2, 3]),
        (&["--until", "2h"], vec![1]),
        (&["--since", "2d", "--until", "2h"], vec![1]),
        (&["--device", "fs-key"], vec![1, 2]),
        (&["--device", "fs-key", "--since", "12h"], vec![2]),
        (&["--since", "2100-01-01"], vec![]),
        (&["--since", "1970-01-02T00:00:00Z"], vec![1, 2, 3]),
        (&["--since", "0"], vec![1, 2, 3]),
        (&["--all"], vec![1, 2, 3]),
    ] {
        let file = three_dead();
        let dry = file.json(&[&["redrive", "--dry-run"], filter].concat()).done();
        assert_eq!(dry, json!({"matched": matching.len(), "redriven": 0}), "{filter:?}");
        assert_eq!(ids(&file.json(&["list", "--dead"]).done()), [1, 2, 3]);
        let done = file.json(&[&["redrive"], filter].concat()).done();
        assert_eq!(done, json!({"matched": matching.len(), "redriven": matching.len()}), "{filter:?}");
        let left: Vec<_> = (1..=3).filter(|id| !matching.contains(id)).collect();
        assert_eq!(ids(&file.json(&["list", "--dead"]).done()), left, "{filter:?}");
        assert_eq!(file.json(&[&["redrive"], filter].concat()).done(), json!({"matched": 0, "redriven": 0}));
    }
    let file = three_dead();
    assert_eq!(file.run(&["redrive", "--all", "--dry-run"]).stdout, "3 dead events match; nothing was changed.\n");
    assert_eq!(file.run(&["redrive", "--all"]).stdout, "3 of 3 dead events are now pending.\n");
}

#[test]
fn many_held_events_are_released_by_a_filter_and_never_all_of_them() {
    let file = InboxFile::with(&[push("a").as_bytes(), push("b").as_bytes()]);
    file.change("UPDATE events SET reason = 'booking_over' WHERE id = 2");
    let all = file.json(&["release", "--all"]).error(2);
    assert_eq!(all["kind"], "usage");
    let none = file.json(&["release"]).error(2);
    assert!(none["hint"].as_str().unwrap().contains("forged pushes"), "{none}");
    let dry = file.json(&["release", "--device", "fs-key", "--dry-run"]).done();
    assert_eq!(dry, json!({"matched": 2, "released": 0}));
    let done = file.json(&["release", "--reason", "booking_over"]).done();
    assert_eq!(done, json!({"matched": 1, "released": 1}));
    assert_eq!(ids(&file.json(&["list", "--held"]).done()), [1]);
    let done = file.json(&["release", "--since", "1h", "--reason", "not_booked"]).done();
    assert_eq!(done, json!({"matched": 1, "released": 1}));
    assert_eq!(ids(&file.json(&["list", "--held"]).done()), Vec::<i64>::new());
}

#[test]
fn a_choice_of_events_that_cannot_be_meant_is_refused_and_changes_nothing() {
    let file = three_dead();
    for arguments in [
        &["redrive"][..],
        &["redrive", "--dry-run"],
        &["redrive", "1", "--all"],
        &["redrive", "1", "--dry-run"],
        &["redrive", "--all", "--since", "1h"],
        &["redrive", "--since", "yesterday"],
        &["redrive", "--since", "1h", "--until", "2h"],
        &["redrive", "--device", ""],
        &["redrive", "--reason", "not_booked"],
        &["release", "--reason", "none"],
    ] {
        assert_eq!(file.json(arguments).error(2)["kind"], "usage", "{arguments:?}");
    }
    assert_eq!(ids(&file.json(&["list", "--dead"]).done()), [1, 2, 3]);
}

#[test]
fn deliveries_are_resumed_if_they_were_paused() {
    let file = two();
    assert_eq!(file.json(&["resume"]).done(), json!({"resumed": false}));
    file.change("UPDATE deliveries SET paused_in = resumptions");
    assert_eq!(file.json(&["stats"]).done()["stats"]["deliveries_paused"], true);
    assert_eq!(file.json(&["resume"]).done(), json!({"resumed": true}));
    assert_eq!(file.json(&["stats"]).done()["stats"]["deliveries_paused"], false);
    assert_eq!(file.run(&["resume"]).stdout, "Deliveries were not paused.\n");
}

#[test]
fn an_event_that_is_not_there_is_told() {
    let file = two();
    for command in ["show", "release", "redrive"] {
        let error = file.json(&[command, "77"]).error(2);
        assert_eq!(error["message"], format!("no event has the number 77 in {}", file.name()));
        for id in ["x", "+1", "1.0", "99999999999999999999", ""] {
            assert_eq!(file.json(&[command, id]).error(2)["kind"], "usage", "{id}");
        }
    }
}

#[test]
fn everything_is_counted() {
    let file = two();
    file.receive(&[b"<html>"]);
    let stats = file.json(&["stats"]).done()["stats"].clone();
    let age = stats["oldest_pending_s"].as_u64().unwrap();
    assert_eq!(
        stats,
        json!({
            "events": {"pending": 1, "held": 1, "delivered": 0, "dead": 0}, "duplicates": 1, "quarantined": 1,
            "open_bookings": 1, "oldest_pending_s": age, "misdated": 0, "deliveries_paused": false,
        })
    );
    let people = file.run(&["stats"]).stdout;
    for fact in ["pending         1", "held            1", "dead            0", "open bookings   1"] {
        assert!(people.contains(fact), "{fact}: {people}");
    }
}

#[test]
fn what_is_in_quarantine_is_shown_byte_for_byte() {
    let other = push("u").replace("fs-appid", "other");
    let file = InboxFile::with(&["你好 \u{1b}[2J".as_bytes(), b"\xff\xfe", other.as_bytes()]);
    file.inside(async |intake| {
        let packet = weifen::inbox::Packet::new("<html>").content_type("text/html; charset=GBK");
        assert_eq!(intake.receive(packet).await.unwrap(), Receipt::Quarantined);
    });
    let document = file.json(&["quarantine"]).done();
    let rows = document["quarantine"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!((rows[0].get("content_type"), &rows[3]["content_type"]), (None, &json!("text/html; charset=GBK")));
    assert!(is_time(&rows[0]["received_at"]), "{}", rows[0]);
    assert_eq!((&rows[0]["id"], &rows[0]["raw"]), (&json!(1), &json!("你好 \u{1b}[2J")));
    assert_eq!((rows[1].get("raw"), &rows[1]["raw_base64"]), (None, &json!("//4=")));
    assert_eq!((rows[2].get("raw_base64"), &rows[2]["raw"]), (None, &json!(other)));
    assert_eq!(rows[2]["reason"], "the push is not ours: develop_appid is another developer's");

    let people = file.run(&["quarantine"]).stdout;
    assert_eq!(people.lines().count(), 5, "{people}");
    assert!(people.contains("你好 \\u{1b}[2J") && people.contains('…'), "{people}");
}

#[test]
fn a_pushs_escapes_are_shown_and_not_obeyed() {
    let hostile = "\\u001b[2J\\u001b]0;x\\u0007\u{202e}gnp.exe\\nid  2";
    let file = InboxFile::with(&[push("u").replace("追梦小窝", hostile).as_bytes()]);
    let is_raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    for arguments in [&["show", "1"][..], &["list"], &["release", "1"]] {
        let people = file.run(arguments).stdout;
        assert!(!people.contains(is_raw) && !people.contains("\nid  2"), "{people}");
        assert_eq!(people.contains("\\u{1b}[2J"), arguments[0] != "list", "{people}");
    }
    let json = file.json(&["list"]);
    assert!(!json.stdout.contains(is_raw), "{json:?}");
    assert_eq!(json.done()["events"][0]["push"]["nickname"], "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}gnp.exe\nid  2");
}

#[test]
fn a_purge_erases_for_good_and_nothing_is_paid_twice_after_it() {
    let file = InboxFile::with(&[push("CANARY-held").as_bytes(), b"CANARY-strange"]);
    file.receive_booked("CANARY-delivered");
    file.change("UPDATE events SET status = 'delivered', due_at = NULL, settled_at = received_at WHERE id = 2");
    file.change("UPDATE bookings SET ends_at = booked_at");
    file.receive_booked("pending");
    let people = file.run(&["purge", "--older-than", "1h"]).stdout;
    let nothing =
        "Erased:\npushes of events      0\nbodies in quarantine  0\nended bookings        0\nanswers to calls      0\n";
    assert_eq!(people, nothing, "nothing is so old");
    assert!(contains(&file.bytes(), "CANARY"));

    let purged = file.json(&["purge", "--older-than", "0"]).done();
    assert_eq!(purged, json!({"purged": {"events": 2, "quarantined": 1, "bookings": 1, "calls": 0}}));
    assert!(!contains(&file.bytes(), "CANARY"));
    assert!(contains(&file.bytes(), "o-pending"), "it is still to be delivered");

    let listed = file.json(&["list"]).done();
    let pushes: Vec<_> = listed["events"].as_array().unwrap().iter().map(|event| event["push"].is_null()).collect();
    assert_eq!(pushes, [true, true, false]);
    let error = file.json(&["release", "1"]).error(2);
    assert_eq!(error["message"], "event 1 was purged: its data is erased and cannot be delivered");
    for user in ["CANARY-held", "CANARY-delivered"] {
        assert_eq!(file.receive(&[push(user).as_bytes()]), [Receipt::Duplicate]);
    }
    assert!(file.run(&["list"]).stdout.contains("(purged)"));
    assert!(file.run(&["show", "1"]).stdout.contains("push          purged"));
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn ages_are_seconds_or_carry_their_unit() {
    let file = InboxFile::with(&[push("u").as_bytes()]);
    // Half an hour from both sides, for machines that take their time.
    let age = (25 * 60 + 30) * 60 * 1000;
    file.change(&format!("UPDATE events SET received_at = received_at - {age}"));
    for too_old in ["93600", "93600s", "1560m", "26h", "2d", "9999999999999999999"] {
        let purged = file.json(&["purge", "--older-than", too_old]).done();
        assert_eq!(purged["purged"]["events"], 0, "{too_old}");
    }
    for wrong in ["", "d", "1.5h", "-1", "+1", "1w", "1 d", "99999999999999999999", "9999999999999999999d"] {
        let error = file.json(&["purge", &format!("--older-than={wrong}")]).error(2);
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("--older-than: expected") || message.contains("needs a value"), "{wrong}: {error}");
    }
    for (index, young) in ["90000", "90000s", "1500m", "25h", "1d"].into_iter().enumerate() {
        let purged = file.json(&["purge", "--older-than", young]).done();
        assert_eq!(purged["purged"]["events"], 1, "{young}");
        let user = format!("again{index}");
        file.receive(&[push(&user).as_bytes()]);
        file.change(&format!("UPDATE events SET received_at = received_at - {age} WHERE raw IS NOT NULL"));
    }
}

#[test]
fn commands_work_while_a_server_has_the_inbox_open() {
    let file = two();
    let held = file.inside(async |intake| {
        let listed = file.json(&["list", "--held"]).done();
        file.json(&["release", "1"]).done();
        intake.receive(push("another")).await.unwrap();
        file.json(&["purge", "--older-than", "0"]).done();
        (listed, intake.inbox().stats().await.unwrap().events["pending"])
    });
    assert_eq!((ids(&held.0), held.1), (vec![1], 2));
}
