//! Live cassettes: only allowed values are kept, and the placeholders of the others can be decoded.

use std::collections::HashMap;
use std::error::Error;
use std::net::IpAddr;

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;
use serde_json::{Value, json as value};
use weifen_transport::cassette::{Against, Allowed, Cassette, Inputs, Recorder, Replay};
use weifen_transport::{Transport, TransportError};

use crate::cassette::{canned, get, json, post, reread};

fn allowed() -> Allowed {
    Allowed::nothing()
        .names(&["access_token", "openid", "status", "code", "data", "channel", "mobile", "list", "errMsg"])
        .texts(&["code 已过期", "#wechat_redirect"])
        .text_at("channel", "1")
        .path("/order")
        .integers_of_requests(&["sex"])
        .integers_of_replies(&["status", "code"])
}

/// Records these calls live and reads the cassette.
async fn recorded(inputs: &Inputs, calls: Vec<(Request<Bytes>, Response<Bytes>)>) -> Cassette {
    let (requests, replies): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    let recorder = Recorder::live(canned(replies), "a test", inputs, allowed());
    for request in requests {
        recorder.send(request).await.unwrap();
    }
    reread(&recorder.finish().unwrap())
}

fn parsed(cassette: &Cassette) -> Value {
    serde_json::from_str(&cassette.to_text()).unwrap()
}

/// Returns a reply's JSON body as a live cassette keeps it.
async fn replaced(body: Value) -> Value {
    let cassette = recorded(&Inputs::new(), vec![(get("http://a/order"), json(body.to_string()))]).await;
    parsed(&cassette)["exchanges"][0]["reply"]["body"]["json"].clone()
}

#[tokio::test]
async fn no_value_is_kept_that_is_not_allowed() {
    let inputs = Inputs::new()
        .with_text("secret", "canary-input-text")
        .with_integer("timestamp", 1_717_171_717)
        .with_texts("nonces", ["canary-nonce"]);
    let body = value!({
        "openid": "canary-openid", "canary-name": {"canary-inner": ["canary-item", 98_765_432]}, "sex": 7_654_321,
        "channel": "canary-channel", "status": 200, "amount": 98.765, "yes": true,
    });
    let reply = Response::builder()
        .header("content-type", "canary/type; charset=utf-8")
        .header("location", "https://canary-host.example/?canary-code=1")
        .header("set-cookie", "canary-cookie")
        .body(Bytes::from(
            r#"{"status":40005,"data":{"code":6688,"codes":["6688"]},"errMsg":"code已过期 ","canary-key":"canary-value"}"#,
        ))
        .unwrap();
    let calls = vec![
        (
            post(
                "http://canary-host/canary-path?access_token=canary-token&canary-parameter=1",
                "application/json",
                body.to_string(),
            ),
            reply,
        ),
        (
            post("http://canary-host/order", "application/x-www-form-urlencoded", "openid=canary-openid&canary-form=x"),
            json("<p>canary-page</p>"),
        ),
        (post("http://canary-host/order", "text/plain; canary=1", "canary-body"), json(&b"canary \xff"[..])),
    ];
    let (requests, replies): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    let recorder = Recorder::live(canned(replies), "a test", &inputs, allowed());
    for request in requests {
        recorder.send(request).await.unwrap();
    }
    let cassette = recorder.finish().unwrap();
    for shown in [cassette.to_text(), format!("{cassette:?} {recorder:?} {inputs:?}")] {
        for secret in ["canary", "1717171717", "98765432", "7654321", "98.765", "6688"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    assert_eq!(cassette.against(), Against::Live);
    insta::assert_snapshot!(cassette.to_text());
}

#[tokio::test]
async fn a_placeholder_is_of_its_values_kind() {
    let same_length = |value: &str, placeholder: &str| {
        value.len() == placeholder.len() && placeholder.bytes().all(|byte| byte.is_ascii_digit())
    };
    let digits = ["18964524000", "02162306600", "0", "7", "20161014084034", "3599901201610144084678881"];
    for text in digits {
        let placeholder = replaced(value!([text])).await[0].as_str().unwrap().to_owned();
        assert!(same_length(text, &placeholder), "{text}: {placeholder}");
        assert_eq!(text.starts_with('0') && text.len() > 1, placeholder.starts_with('0') && text.len() > 1);
    }
    for (text, placeholder) in [
        ("+8618964524000", "+1000000000001"),
        ("021-62306600", "000-00000001"),
        ("-12", "-11"),
        ("12.50", "10.01"),
        ("2016-05-27", "2001-01-01"),
        ("2016-05-27 11:04:36", "2001-01-01 00:00:00"),
        ("2016-09-28T05:16:00.804Z", "2001-01-01T00:00:00.000Z"),
        ("2016-09-28T05:16:00+08:00", "2001-01-01T00:00:00Z"),
        ("2016-02-30", "1000-00-01"),
        ("2016-05-27 11:04", "text-1"),
        ("https://a.example/?x=1#wechat_redirect", "https://placeholder.invalid/1#wechat_redirect"),
        ("http://a.example/#18964524000", "http://placeholder.invalid/1#fragment"),
        ("https:///nowhere", "text-1"),
        ("/service/sandbox/user", "/path-1"),
        ("183.13.188.125", "198.18.0.1"),
        ("2408:8000::7", "2001:db8::1"),
        ("追梦小窝", "text-1"),
        ("", ""),
        (" \n", " "),
    ] {
        assert_eq!(replaced(value!([text])).await[0], placeholder, "{text}");
    }
    for text in ["183.13.188.125", "2408:8000::7"] {
        let placeholder = replaced(value!([text])).await[0].as_str().unwrap().to_owned();
        let is_v4 = |text: &str| text.parse::<IpAddr>().unwrap().is_ipv4();
        assert_eq!(is_v4(text), is_v4(&placeholder));
    }
    for integer in [value!(1_557_200_022), value!(-5), value!(u64::MAX), value!(i64::MIN), value!(0)] {
        let placeholder = replaced(value!([integer])).await[0].clone();
        assert_eq!(placeholder.is_i64(), integer.is_i64(), "{integer}: {placeholder}");
        assert_eq!(placeholder.to_string().len(), integer.to_string().len());
    }
    assert_eq!(replaced(value!([2.75, true, false, null, [], {}])).await, value!([1.5, true, true, null, [], {}]));
}

#[tokio::test]
async fn the_same_value_has_the_same_placeholder_as_a_number_and_as_a_text() {
    let list = replaced(value!([1_557_200_022, "1557200022", "o1", "o2", "o1", 1_557_200_023])).await;
    assert_eq!(list, value!([1_000_000_001, "1000000001", "text-1", "text-2", "text-1", 1_000_000_002]));
}

#[tokio::test]
async fn what_is_allowed_stays_at_its_place_alone() {
    let kept =
        value!({"status": 40005, "code": "20000", "data": {"status": 1, "code": "6688"}, "errMsg": "code  已过期"});
    let expected =
        value!({"status": 40005, "code": "20000", "data": {"name-1": 2, "code": "1001"}, "errMsg": "code  已过期"});
    let found = replaced(kept).await;
    assert_eq!(found["status"], expected["status"]);
    assert_eq!(found["code"], expected["code"]);
    assert_eq!(found["errMsg"], expected["errMsg"]);
    assert_ne!(found["data"]["code"], "6688");
    assert_eq!(replaced(value!({"status": 100_000, "code": "007"})).await, value!({"status": 100_001, "code": "001"}));
}

#[tokio::test]
async fn a_live_cassette_replays_from_its_placeholders_and_from_the_values() {
    let real = Inputs::new().with_text("openid", "oKXUCj1Fp4fNnb99").with_integer("timestamp", 1_557_200_022);
    let order = |openid: &str, timestamp: i64, signature: &str| {
        let body = format!(r#"{{"openid":"{openid}","time":"{timestamp}","signature":"{signature}"}}"#);
        post("http://a/order?access_token=%3Da", "application/json", body)
    };
    let after = |token: &str| get(&format!("http://a/order?access_token={token}"));
    let cassette = recorded(
        &real,
        vec![
            (
                order("oKXUCj1Fp4fNnb99", 1_557_200_022, "0f0f"),
                json(r#"{"status":200,"errMsg":"later","data":"=t","mobile":"18964524000","echo":"oKXUCj1Fp4fNnb99"}"#),
            ),
            (after("%3Dt"), json(r#"{"status":0}"#)),
        ],
    )
    .await;

    let fed = cassette.inputs().clone();
    let (openid, timestamp) = (fed.text("openid").unwrap(), fed.integer("timestamp").unwrap());
    let tape = Replay::new(cassette.clone(), allowed());
    let answer = tape.send(order(openid, timestamp, "another signature")).await.unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((&answer["status"], answer["name-1"].as_str()), (&value!(200), None));
    tape.send(after(answer["data"].as_str().unwrap())).await.unwrap();
    tape.finish().unwrap();

    let tape = Replay::new(cassette.clone(), allowed()).fed_with(&real);
    tape.send(order("oKXUCj1Fp4fNnb99", 1_557_200_022, "f0f0")).await.unwrap();
    tape.send(after(answer["data"].as_str().unwrap())).await.unwrap();
    tape.finish().unwrap();

    let replay = Replay::new(cassette, allowed()).fed_with(&real);
    let error = replay.send(order("somebody-else", 1_557_200_022, "f0f0")).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)));
    let shown = error.source().unwrap().to_string();
    assert!(!shown.contains("somebody") && !shown.contains("oKXUCj") && !shown.contains("f0f0"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn a_wrong_request_shifts_no_number() {
    let order = |openid: &str| get(&format!("http://a/order?openid={openid}"));
    let cassette = recorded(&Inputs::new(), vec![(order("o1"), json("{}")), (order("o2"), json("{}"))]).await;
    let replay = Replay::new(cassette, allowed());
    replay.send(order("o1")).await.unwrap();
    replay.send(get("http://a/order?openid=o3&code=o4")).await.unwrap_err();
    replay.send(order("o2")).await.unwrap();
}

#[tokio::test]
async fn a_value_that_reads_as_a_placeholder_of_the_inputs_is_a_value() {
    let real = Inputs::new().with_text("openid", "o1");
    let order = || get("http://a/order?openid=o1&code=text-1");
    let cassette = recorded(&real, vec![(order(), json("{}"))]).await;
    Replay::new(cassette, allowed()).fed_with(&real).send(order()).await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_no_json_keeps_its_kind_in_a_replay() {
    for (body, kept) in [
        (&b"<p>secret</p>"[..], &b"<placeholder>"[..]),
        (b" \n", b" "),
        (b"no", b"placeholder"),
        (b"\xb1\xb1", b"\xff"),
        (b"", b""),
    ] {
        let cassette = recorded(&Inputs::new(), vec![(get("http://a/order"), json(body))]).await;
        let reply = Replay::new(cassette, allowed()).send(get("http://a/order")).await.unwrap();
        assert_eq!(reply.body().as_ref(), kept);
    }
}

/// Returns all scalars with their places.
fn scalars<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scalars(item, found)),
        Value::Object(members) => members.values().for_each(|member| scalars(member, found)),
        scalar => found.push(scalar),
    }
}

fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        (0..30_i64).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "\\PC{1,12}".prop_filter("blanks are one", |text| !text.trim().is_empty()).prop_map(Value::from),
        "[0-9]{1,3}".prop_map(Value::from),
        "[+-]?[0-9]{1,2}[-.][0-9]{1,2}".prop_map(Value::from),
        "https?://[a-z]{1,5}/(#[a-z]{1,3})?".prop_map(Value::from),
        "20[0-2][0-9]-0[1-9]-[0-2][1-8]( 1[0-9]:00:59)?".prop_map(Value::from),
        "[1-9]\\.[1-9]\\.[1-9]\\.[1-9]".prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn different_values_have_different_placeholders_which_replay(
        requests in prop::collection::vec(prop::collection::vec(any_scalar(), 0..40), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let send = |values: &Value| post("http://a/order", "application/json", values.to_string());
        let requests: Vec<Value> = requests.into_iter().map(Value::from).collect();
        // Each reply gives what the next request carries.
        let calls = |replies: &[Value]| -> Vec<_> {
            requests.iter().zip(replies).map(|(request, reply)| (send(request), json(reply.to_string()))).collect()
        };
        let mut next = requests[1..].to_vec();
        next.push(value!([0, 1, "2"]));
        let cassette = runtime.block_on(recorded(&Inputs::new(), calls(&next)));
        let file = parsed(&cassette);
        let kept: Vec<&Value> = (0..requests.len()).map(|at| &file["exchanges"][at]["request"]["body"]["json"]).collect();

        let (mut values, mut placeholders) = (Vec::new(), Vec::new());
        for (request, kept) in requests.iter().zip(&kept) {
            scalars(request, &mut values);
            scalars(kept, &mut placeholders);
        }
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut of_value: HashMap<String, String> = HashMap::new();
        let mut of_placeholder: HashMap<String, String> = HashMap::new();
        for (value, placeholder) in values.into_iter().zip(placeholders) {
            prop_assert_eq!(value.is_string(), placeholder.is_string());
            prop_assert_eq!(value.is_f64(), placeholder.is_f64());
            let (value, placeholder) = (text(value), text(placeholder));
            prop_assert_eq!(of_value.entry(value.clone()).or_insert_with(|| placeholder.clone()), &placeholder);
            prop_assert_eq!(of_placeholder.entry(placeholder).or_insert_with(|| value.clone()), &value);
        }

        let replayed = |cassette: Cassette, sent: Vec<&Value>| -> Result<(), TestCaseError> {
            let replay = Replay::new(cassette, allowed());
            for values in sent {
                let reply = runtime.block_on(replay.send(send(values)));
                prop_assert!(reply.is_ok(), "{}", reply.unwrap_err().source().unwrap());
            }
            prop_assert_eq!(replay.finish(), Ok(()));
            Ok(())
        };
        replayed(cassette.clone(), kept)?;
        let nothing = vec![value!(null); requests.len()];
        let cassette = runtime.block_on(recorded(&Inputs::new(), calls(&nothing)));
        replayed(cassette, requests.iter().collect())?;
    }
}
