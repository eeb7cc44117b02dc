//! `POST /_sandbox/faults`: what it takes, what it refuses, and that it does so whole.

use serde_json::{Value, json};
use weifen_sandbox::{ControlError, Fault, FaultKind};

use super::scenes;
use crate::partner::{control, get, send, start};

const KINDS: [&str; 23] = [
    "delay",
    "status",
    "html",
    "empty",
    "truncate",
    "drip",
    "reset",
    "gzip-bomb",
    "bad-gzip",
    "redirect",
    "wrong-type",
    "extra-field",
    "missing-field",
    "number-as-string",
    "string-as-number",
    "bom",
    "gbk",
    "duplicate-key",
    "deep-nesting",
    "early-token-expiry",
    "quota-out",
    "slow-push",
    "lost-push",
];

#[tokio::test]
async fn every_kind_is_set_by_its_name_and_stands_in_the_state() {
    let sandbox = start().await;
    let list: Vec<_> = KINDS.iter().map(|kind| json!({ "kind": kind, "times": 1 })).collect();
    let reply = control(&sandbox, "faults", &json!({ "seed": 9, "faults": list }));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let state = &get(sandbox.addr(), "/_sandbox/state").json()["faults"];
    assert_eq!(&reply.json(), state);
    assert_eq!((&state["seed"], &state["chaos"]), (&json!(9), &json!(false)));
    assert_eq!(state["list"].as_array().unwrap().len(), KINDS.len());
    for (shown, kind) in state["list"].as_array().unwrap().iter().zip(KINDS) {
        assert_eq!(shown, &json!({ "kind": kind, "operation": "any", "times": 1, "before": false, "happened": 0 }));
    }
}

#[tokio::test]
async fn every_kind_has_its_row_in_the_readme() {
    let readme = include_str!("../../../README.md");
    let (kinds, _) = readme.split_once("### A mixture of all").unwrap();
    for kind in KINDS {
        assert!(kinds.contains(&format!("\n| `{kind}` |")), "{kind}");
    }
}

#[tokio::test]
async fn every_setting_is_shown_as_it_was_given() {
    let sandbox = start().await;
    let list = json!([
        { "kind": "delay", "operation": "scenes", "before": true, "share": 0.25, "delay_ms": 600_000 },
        { "kind": "status", "operation": "fensi.cities", "before": false, "status": 503, "retry_after_s": 1, "keep_body": true },
        { "kind": "truncate", "operation": "any", "before": false, "keep": 3, "announced": false },
        { "kind": "drip", "operation": "any", "before": false, "pause_ms": 60_000 },
        { "kind": "gzip-bomb", "operation": "any", "before": false, "inflated_mib": 4096 },
        { "kind": "redirect", "operation": "any", "before": false, "status": 307, "location": "/a" },
        { "kind": "deep-nesting", "operation": "any", "before": false, "field": "data", "depth": 1_000_000 },
        { "kind": "slow-push", "operation": "fensi.push", "before": false, "over_ms": 1 },
    ]);
    let mut shown = control(&sandbox, "faults", &list).json()["list"].take();
    for fault in shown.as_array_mut().unwrap() {
        assert_eq!(fault.as_object_mut().unwrap().remove("happened"), Some(json!(0)));
    }
    assert_eq!(shown, list);
}

/// A fault that is refused, and what the refusal must speak of.
fn wrong() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "kind": "explode" }), "unknown variant `explode`"),
        (json!({ "kind": null }), "kind is not a string: give its name"),
        (json!({ "kind": { "reset": null } }), "kind is not a string"),
        (json!({ "operation": "any" }), "missing field `kind`"),
        (json!("reset"), "this is not an object"),
        (json!(null), "this is not an object"),
        (json!(["reset"]), "this is not an object"),
        (json!({ "kind": "reset", "time": 1 }), "unknown field `time`"),
        (json!({ "kind": "reset", "times": 0 }), "times is 0: choose at least 1"),
        (json!({ "kind": "reset", "times": -1 }), "times: invalid value"),
        (json!({ "kind": "reset", "times": 1.5 }), "times: invalid type"),
        (json!({ "kind": "reset", "share": 0 }), "share is 0: choose"),
        (json!({ "kind": "reset", "share": 1.1 }), "share is 1.1: choose"),
        (json!({ "kind": "reset", "share": -0.5 }), "share is -0.5: choose"),
        (json!({ "kind": "reset", "share": 9e-10 }), "share is 0.0000000009: choose a number from 0.000000001 to 1"),
        (json!({ "kind": "reset", "before": "yes" }), "before: invalid type"),
        (
            json!({ "kind": "reset", "operation": "order-report" }),
            "no operation \"order-report\": choose any, access_token",
        ),
        (json!({ "kind": "reset", "operation": "fensi.order_report" }), "no operation"),
        (json!({ "kind": "reset", "operation": "" }), "no operation"),
        (json!({ "kind": "reset", "operation": "push" }), "reset does not act on push"),
        (json!({ "kind": "lost-push", "operation": "scenes" }), "lost-push does not act on scenes: choose any, push"),
        (json!({ "kind": "quota-out", "operation": "scenes" }), "choose any, access_token"),
        (json!({ "kind": "early-token-expiry", "operation": "access_token" }), "does not act on access_token"),
        (json!({ "kind": "wrong-type", "operation": "qrcode_image" }), "does not act on qrcode_image"),
        (json!({ "kind": "truncate", "before": true }), "truncate cannot come before the operation"),
        (json!({ "kind": "gbk", "before": true }), "gbk cannot come before"),
        (json!({ "kind": "quota-out", "before": true }), "quota-out cannot come before"),
        (json!({ "kind": "status", "before": true, "keep_body": true }), "keep_body keeps"),
        (json!({ "kind": "reset", "delay_ms": 5 }), "reset has no setting delay_ms: it takes none of its own"),
        (
            json!({ "kind": "status", "delay_ms": 5 }),
            "status has no setting delay_ms: it takes status, retry_after_s, keep_body",
        ),
        (json!({ "kind": "delay", "status": 5 }), "delay has no setting status: it takes delay_ms"),
        (json!({ "kind": "delay", "delay_ms": 0 }), "delay_ms is 0: choose from 1 to 600000"),
        (json!({ "kind": "delay", "delay_ms": 600_001 }), "delay_ms is 600001"),
        (json!({ "kind": "drip", "pause_ms": 60_001 }), "pause_ms is 60001"),
        (json!({ "kind": "slow-push", "over_ms": 600_001 }), "over_ms is 600001"),
        (json!({ "kind": "gzip-bomb", "inflated_mib": 4097 }), "inflated_mib is 4097"),
        (json!({ "kind": "deep-nesting", "depth": 1_000_001 }), "depth is 1000001"),
        (json!({ "kind": "status", "status": 101 }), "status is 101: choose one from 200 to 599"),
        (json!({ "kind": "status", "status": 204 }), "status is 204"),
        (json!({ "kind": "status", "status": 99_999 }), "status: invalid value"),
        (json!({ "kind": "redirect", "status": 200 }), "status is 200: a redirect's is one of"),
        (json!({ "kind": "redirect", "location": "" }), "location is empty"),
        (json!({ "kind": "redirect", "location": "a\r\nb: c" }), "location is empty or can't"),
        (json!({ "kind": "extra-field", "field": "" }), "field is \"\": an extra field needs a name"),
        (
            json!({ "kind": "extra-field", "field": "data.extra" }),
            "field is \"data.extra\": an extra field needs a name",
        ),
        (json!({ "kind": "missing-field", "field": "" }), "field is \"\": choose a name, or a path"),
        (json!({ "kind": "wrong-type", "field": "data..mobile" }), "field is \"data..mobile\": choose"),
        (json!({ "kind": "deep-nesting", "field": ".data" }), "field is \".data\": choose"),
    ]
}

#[tokio::test]
async fn a_wrong_fault_is_refused_with_its_place_and_what_is_expected_and_nothing_changes() {
    let sandbox = start().await;
    let before = control(&sandbox, "faults", &json!({ "seed": 5, "faults": [{ "kind": "html" }] })).json();
    for (fault, words) in wrong() {
        let reply = control(&sandbox, "faults", &json!({ "seed": 6, "faults": [{ "kind": "reset" }, fault] }));
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(reply.status, 400, "{fault}");
        assert!(error.starts_with("fault 2: ") && error.contains(words), "{fault}: {error}");
        assert_eq!(sandbox.state()["faults"], before);
    }
    assert!(scenes(&sandbox).text().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn shares_that_one_operation_has_no_room_for_are_refused() {
    let sandbox = start().await;
    let shares = |list: &[(&str, &str, f64)]| {
        let fault = |(kind, operation, share): &(&str, &str, f64)| json!({ "kind": kind, "operation": operation, "share": share });
        control(&sandbox, "faults", &json!(list.iter().map(fault).collect::<Vec<_>>()))
    };
    let tenths = [("reset", "any", 0.1); 10];
    for list in [
        &tenths[..],
        &[("reset", "any", 0.3), ("html", "scenes", 0.7), ("empty", "cities", 0.7)],
        &[("reset", "any", 1.0), ("lost-push", "any", 1.0), ("html", "qrcode_image", 1.0)],
    ] {
        assert_eq!(shares(list).status, 200, "{list:?}");
    }
    let before = sandbox.state()["faults"].clone();
    for (list, words) in [
        (
            &[("reset", "any", 0.3), ("html", "scenes", 0.71)][..],
            "fault 2: the shares of scenes sum to 1.010 with its 0.71: 0.700 is left",
        ),
        (
            &[("reset", "scenes", 0.6), ("html", "cities", 0.6), ("empty", "fensi.cities", 0.6)],
            "fault 3: the shares of cities sum to 1.200",
        ),
        (&[("slow-push", "any", 0.6), ("lost-push", "push", 0.5)], "fault 2: the shares of push sum to 1.100"),
    ] {
        let reply = shares(list);
        assert_eq!(reply.status, 400, "{list:?}");
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with(words), "{error}");
        assert_eq!(sandbox.state()["faults"], before);
    }
}

#[tokio::test]
async fn what_is_said_twice_is_refused_with_its_place() {
    let sandbox = start().await;
    for (body, words) in [
        (r#"[{"kind": "reset"}, {"kind": "reset", "kind": "html"}]"#, "fault 2: duplicate field `kind`"),
        (r#"{"seed": 1, "faults": [{"times": 1, "kind": "reset", "times": 1}]}"#, "fault 1: duplicate field `times`"),
        (r#"{"seed": 1, "faults": [], "seed": 2}"#, "this takes a list of faults"),
        (r#"{"faults": [], "faults": [{"kind": "reset"}]}"#, "this takes a list of faults"),
    ] {
        let reply = send(sandbox.addr(), "POST", "/_sandbox/faults", "", body.as_bytes());
        assert_eq!(reply.status, 400, "{body}");
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with(words) && error.contains("duplicate field"), "{error}");
    }
    assert_eq!(sandbox.state()["faults"]["list"], json!([]));
}

#[tokio::test]
async fn what_is_no_list_is_refused_in_words() {
    let sandbox = start().await;
    for body in [
        &b"{"[..],
        b"",
        b"null",
        b"\"reset\"",
        b"{}",
        b"{\"kind\": \"reset\"}",
        b"{\"seed\": -1, \"faults\": []}",
        b"{\"seed\": 1.5, \"faults\": []}",
        b"{\"seed\": \"x\", \"faults\": []}",
        b"{\"faults\": {}}",
        b"{\"faults\": [], \"list\": []}",
    ] {
        let reply = send(sandbox.addr(), "POST", "/_sandbox/faults", "", body);
        assert_eq!(reply.status, 400, "{}", String::from_utf8_lossy(body));
        assert!(reply.json()["error"].as_str().unwrap().starts_with("this takes a list of faults"), "{}", reply.text());
    }
    let many: Vec<_> = (0..101).map(|_| json!({ "kind": "reset" })).collect();
    assert_eq!(control(&sandbox, "faults", &json!(many)).json()["error"], "there are 101 faults: choose at most 100");
    assert_eq!(sandbox.state()["faults"], json!({ "seed": 0, "chaos": false, "list": [] }));
}

#[tokio::test]
async fn rust_is_refused_the_same() {
    let sandbox = start().await;
    let list = [Fault::new(FaultKind::Reset), Fault::new(FaultKind::Reset).share(f64::NAN)];
    let error = sandbox.set_faults(1, list).unwrap_err();
    assert!(matches!(&error, ControlError::Fault { entry: 2, .. }), "{error}");
    let error = sandbox.set_faults(1, [Fault::new(FaultKind::Delay { delay_ms: Some(0) })]).unwrap_err();
    assert_eq!(error.to_string(), "fault 1: delay_ms is 0: choose from 1 to 600000");
    assert_eq!(scenes(&sandbox).status, 200);
}

#[test]
fn a_fault_of_rust_is_its_json() {
    let status = FaultKind::Status { status: Some(503), retry_after_s: Some(7), keep_body: None };
    let nesting = FaultKind::DeepNesting { field: Some("data".to_owned()), depth: Some(3) };
    for (fault, written) in [
        (
            Fault::new(status).operation("cities").times(2),
            json!({ "kind": "status", "operation": "cities", "times": 2, "before": false, "status": 503, "retry_after_s": 7 }),
        ),
        (
            Fault::new(nesting).share(0.5),
            json!({ "kind": "deep-nesting", "field": "data", "depth": 3, "operation": "any", "share": 0.5, "before": false }),
        ),
        (
            Fault::new(FaultKind::Html { status: None }).before(true),
            json!({ "kind": "html", "operation": "any", "before": true }),
        ),
    ] {
        assert_eq!(json!(fault), written);
        assert_eq!(serde_json::from_value::<Fault>(written).unwrap(), fault);
    }
    let null_is_absent = serde_json::from_value::<Fault>(json!({ "kind": "gbk", "delay_ms": null, "times": null }));
    assert_eq!(null_is_absent.unwrap(), Fault::new(FaultKind::Gbk));
    let gbk_with_delay = json!({ "kind": "gbk", "delay_ms": 5 });
    let error = serde_json::from_value::<Fault>(gbk_with_delay).unwrap_err();
    assert_eq!(error.to_string(), "gbk has no setting delay_ms: it takes none of its own");
}
