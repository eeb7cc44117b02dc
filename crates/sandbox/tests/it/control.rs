//! `/_sandbox/`: state, log, clock, reset, and wrong requests.

use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, test_data};

use crate::{
    partner::{QRCODE, control, encode, fetch_token, get, qrcode, send, start, token_path, with_token},
    receiver::listen_for_pushes,
};

fn state(sandbox: &Sandbox) -> Value {
    get(sandbox.addr(), "/_sandbox/state").json()
}

#[tokio::test]
async fn the_clock_moves_forward_and_never_back() {
    let sandbox = Sandbox::builder().clock_start("2026-01-01T00:00:00Z".parse().unwrap()).start().await.unwrap();
    let reply = control(&sandbox, "clock", &json!({ "advance_s": 90 }));
    assert_eq!((reply.status, reply.json()), (200, json!({ "now": "2026-01-01T00:01:30.000Z" })));
    for body in [
        json!({ "advance_s": -1 }),
        json!({ "advance_s": 1.5 }),
        json!({ "advance_s": "90" }),
        json!({ "advance_s": i64::MAX }),
        json!({ "advance": 90 }),
        json!({}),
        json!([]),
    ] {
        let reply = control(&sandbox, "clock", &body);
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.json()["error"].as_str().unwrap().len() > 20, "{}", reply.text());
    }
    assert_eq!(state(&sandbox)["now"], "2026-01-01T00:01:30.000Z");
}

#[tokio::test]
async fn a_follow_that_cannot_be_is_refused_in_words() {
    let sandbox = start().await;
    qrcode(&sandbox, "user", &[]);
    for (body, status) in [
        (json!({ "auth_open_id": "stranger" }), 409),
        (json!({ "auth_open_id": "user", "appid": "wxnobody" }), 404),
        (json!({ "auth_open_id": "user", "appid": "wxsandboxbroke00007" }), 409),
        (json!({ "auth_open_id": "user", "times": 101 }), 400),
        (json!({ "auth_open_id": "user", "times": -1 }), 400),
        (json!({ "auth_open_id": "user", "at_once": 1 }), 400),
        (json!({ "auth_open_id": "user", "delay_ms": 600_001 }), 400),
        (json!({ "auth_open_id": "user", "delay_ms": u64::MAX }), 400),
        (json!({ "auth_open_id": "user", "delay_ms": 1.5 }), 400),
        (json!({ "auth_open_id": "user", "over_ms": 600_001 }), 400),
        (json!({ "auth_open_id": "user", "over_ms": -1 }), 400),
        (json!({ "auth_open_id": "user", "shape": "xml" }), 400),
        (json!({ "auth_open_id": "user", "held": "yes" }), 400),
        (json!({ "auth_open_id": "user", "slowly": true }), 400),
        (json!({ "auth_open_id": 5 }), 400),
        (json!({ "user": "user" }), 400),
    ] {
        let reply = control(&sandbox, "follow", &body);
        assert_eq!(reply.status, status, "{body}");
        assert!(reply.json()["error"].as_str().unwrap().len() > 10, "{}", reply.text());
    }
    assert_eq!(state(&sandbox)["fensi"]["follows"], json!({}));
    let reply = control(&sandbox, "follow", &json!({ "auth_open_id": "user", "over_ms": 600_001 }));
    assert_eq!(reply.json()["error"], "over_ms is 600001: choose at most 600000, ten minutes");
}

#[tokio::test]
async fn a_release_in_no_order_is_refused_in_words() {
    let sandbox = start().await;
    for body in [
        json!({ "order": "backwards" }),
        json!({ "order": { "shuffled": -1 } }),
        json!({ "order": "shuffled" }),
        json!({ "orders": "reverse" }),
    ] {
        let reply = control(&sandbox, "release", &body);
        assert_eq!(reply.status, 400, "{body}");
        assert!(reply.json()["error"].as_str().unwrap().starts_with("this takes"), "{}", reply.text());
    }
}

#[tokio::test]
async fn control_reads_json_under_any_content_type() {
    let sandbox = start().await;
    for content_type in ["", "text/plain", "application/x-www-form-urlencoded"] {
        let reply = send(sandbox.addr(), "POST", "/_sandbox/clock", content_type, br#"{"advance_s": 1}"#);
        assert_eq!(reply.status, 200);
    }
    let reply = send(sandbox.addr(), "POST", "/_sandbox/clock", "", b"advance_s=1");
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn the_log_holds_every_request_with_its_answer() {
    let sandbox = Sandbox::builder().clock_start("2026-01-01T00:00:00Z".parse().unwrap()).start().await.unwrap();
    let token = fetch_token(&sandbox);
    qrcode(&sandbox, "user", &[("label", "99")]);
    get(sandbox.addr(), "/nowhere?a=b");
    let log = get(sandbox.addr(), "/_sandbox/log").json();
    let entries = log.as_array().unwrap();
    assert_eq!(entries.len(), 3);
    let expected = json!({
        "number": 1,
        "at": "2026-01-01T00:00:00.000Z",
        "vendor": "weiting",
        "operation": "access_token",
        "method": "GET",
        "path": "/service/1.0/access/token",
        "query": format!("appid={}&secret={}", encode(test_data::APPID), encode(test_data::SECRET)),
        "encoding": null,
        "parameters": { "appid": test_data::APPID, "secret": test_data::SECRET },
        "status": 200,
        "answer": { "data": token, "status": 200, "info": 0 },
        "why": null,
        "fault": null,
        "done": true,
    });
    assert_eq!(entries[0], expected);
    assert_eq!((&entries[1]["operation"], &entries[1]["encoding"]), (&json!("qrcode"), &json!("json")));
    assert_eq!(entries[1]["parameters"]["auth_open_id"], "user");
    assert_eq!(entries[1]["answer"]["code"], 50000);
    assert_eq!((&entries[2]["operation"], &entries[2]["status"]), (&Value::Null, &json!(404)));
    assert_eq!(serde_json::to_value(sandbox.log()).unwrap(), log);
}

#[tokio::test]
async fn the_log_can_be_read_in_slices() {
    let sandbox = start().await;
    (0..5).for_each(|_| drop(get(sandbox.addr(), "/nowhere")));
    let numbers = |query: &str| {
        let log = get(sandbox.addr(), &format!("/_sandbox/log?{query}")).json();
        log.as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("after=2"), [3, 4, 5]);
    assert_eq!(numbers("after=1&most=2"), [2, 3]);
    assert_eq!(numbers("most=1"), [1]);
    assert_eq!(numbers("after=5"), [0; 0]);
    assert_eq!(sandbox.log_after(4).len(), 1);
    for wrong in ["after=x", "after=-1", "since=1"] {
        let reply = get(sandbox.addr(), &format!("/_sandbox/log?{wrong}"));
        assert_eq!(reply.status, 400);
        assert!(reply.json()["error"].as_str().unwrap().starts_with("this takes ?after="), "{}", reply.text());
    }
}

/// A body of 64 KiB takes a mebibyte of memory when it is a list of zeros.
#[tokio::test]
async fn the_log_lets_the_oldest_go_when_its_entries_take_64_mib() {
    let sandbox = start().await;
    let zeros = format!(r#"{{"key": [{}0]}}"#, "0,".repeat(32_000));
    let entry = 32_001 * size_of::<Value>();
    (0..100).for_each(|_| drop(send(sandbox.addr(), "POST", QRCODE, "application/json", zeros.as_bytes())));
    let kept = sandbox.log();
    assert_eq!(kept.last().unwrap().number, 100);
    assert!(kept.len() <= (64 << 20) / entry, "{} entries are kept", kept.len());
    assert!(kept.len() >= (60 << 20) / entry, "{} entries are kept", kept.len());
    get(sandbox.addr(), "/nowhere");
    assert_eq!(sandbox.log_after(100).len(), 1);
}

#[tokio::test]
async fn a_reset_returns_everything_to_the_start() {
    let (url, _pushes) = listen_for_pushes(200);
    let sandbox =
        Sandbox::builder().clock_start("2026-01-01T00:00:00Z".parse().unwrap()).daily_limit(1).start().await.unwrap();
    let before = state(&sandbox);
    let path = with_token(&sandbox, test_data::USER_PATH);
    qrcode(&sandbox, "user", &[]);
    control(&sandbox, "push_url", &json!({ "url": url }));
    control(&sandbox, "follow", &json!({ "auth_open_id": "user" }));
    control(&sandbox, "clock", &json!({ "advance_s": 60 }));
    assert_ne!(state(&sandbox), before);
    assert_eq!(send(sandbox.addr(), "POST", "/_sandbox/reset", "", b"").status, 200);
    assert_eq!(state(&sandbox), before);
    assert!(sandbox.log().is_empty());
    assert_eq!(get(sandbox.addr(), &path).json()["status"], 0, "tokens of before are gone");
    assert_eq!(get(sandbox.addr(), &token_path()).json()["status"], 200);
}

#[tokio::test]
async fn state_shows_what_there_is_to_use() {
    let sandbox = start().await;
    fetch_token(&sandbox);
    let state = state(&sandbox);
    assert_eq!(state["clock"], "running");
    assert_eq!(state["weiting"]["users"], json!(test_data::OPENIDS));
    assert_eq!(state["weiting"]["tickets"][0]["ticket"], test_data::TICKETS[0].0);
    assert_eq!(state["weiting"]["tokens"]["daily_limit"], 200);
    assert_eq!(state["weiting"]["tokens"]["issued"][0]["live"], true);
    assert_eq!(state["fensi"]["accounts"].as_array().unwrap().len(), 6);
    assert_eq!(state["fensi"]["accounts"][1]["sex"], "male");
}

#[tokio::test]
async fn a_push_url_can_be_taken_away() {
    let sandbox = Sandbox::builder().push_url("http://127.0.0.1:9/").start().await.unwrap();
    assert_eq!(state(&sandbox)["fensi"]["push_url"], "http://127.0.0.1:9/");
    assert_eq!(control(&sandbox, "push_url", &json!({ "url": null })).status, 200);
    assert_eq!(state(&sandbox)["fensi"]["push_url"], Value::Null);
}
