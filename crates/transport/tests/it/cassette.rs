//! Recording and strict replay of sandbox cassettes, which keep everything.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use weifen_transport::cassette::{Against, Allowed, Cassette, Inputs, RecordError, Recorder, Replay, ReplayError};
use weifen_transport::mock::Canned;
use weifen_transport::{BaseUrl, Plaintext, Transport, TransportError};

/// A vendor that gives these replies in turn.
pub(crate) fn canned(replies: impl IntoIterator<Item = Response<Bytes>>) -> Arc<Canned> {
    Arc::new(Canned::in_turn(replies.into_iter().map(Ok)))
}

pub(crate) fn json(body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().header("content-type", "application/json").body(body.into()).unwrap()
}

pub(crate) fn get(target: &str) -> Request<Bytes> {
    Request::get(target).body(Bytes::new()).unwrap()
}

pub(crate) fn post(target: &str, content_type: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post(target).header("content-type", content_type).body(body.into()).unwrap()
}

/// Writes a cassette as text and reads it again.
pub(crate) fn reread(cassette: &Cassette) -> Cassette {
    Cassette::parse(Path::new("reread.json"), cassette.to_text().as_bytes()).unwrap()
}

/// Records these requests, each answered with an empty JSON object.
async fn recorded(requests: impl IntoIterator<Item = Request<Bytes>>) -> Cassette {
    let requests: Vec<_> = requests.into_iter().collect();
    let recorder = Recorder::sandbox(canned(requests.iter().map(|_| json("{}"))), "a test", Inputs::new());
    for request in requests {
        recorder.send(request).await.unwrap();
    }
    reread(&recorder.finish().unwrap())
}

/// Returns the difference that a replay of `before` shows for `after`.
async fn difference(before: Request<Bytes>, after: Request<Bytes>) -> String {
    let replay = Replay::new(recorded([before]).await, Allowed::nothing());
    let error = replay.send(after).await.expect_err("another request");
    assert!(matches!(error, TransportError::NotSent(_)));
    let shown = error.source().unwrap().to_string();
    assert_eq!(replay.finish().unwrap_err().to_string(), shown);
    shown
}

#[tokio::test]
async fn a_reply_comes_again_byte_for_byte() {
    let deep = format!("{}{}", "[".repeat(125), "]".repeat(125));
    let bodies: [&[u8]; 14] = [
        b"",
        br#"{"data":"=a=b","status":200,"info":0}"#,
        br#"{"z":1,"a":{"y":[1,null,true],"b":"x"},"z":2}"#,
        br#"{ "spaced": 1 }"#,
        br#"{"escaped":"\u5317\/"}"#,
        b"{\"numbers\":[1e2,1.0,-0,12345678901234567890123,0.1,-7,18446744073709551615]}",
        b"[0.1,2.5,18446744073709551615]",
        b"\xef\xbb\xbf{}",
        b"<html>\n<body>no</body>\n</html>\n",
        b"{\"key\":\"3e3a\",}",
        b"\xb1\xb1\xbe\xa9",
        b" ",
        b"\"text\"",
        deep.as_bytes(),
    ];
    for body in bodies {
        let reply = Response::builder()
            .status(StatusCode::IM_A_TEAPOT)
            .header("content-type", "application/json; charset=utf-8")
            .header("location", "https://elsewhere.example/?a=b")
            .body(Bytes::copy_from_slice(body))
            .unwrap();
        let recorder = Recorder::sandbox(canned([reply.clone()]), "a test", Inputs::new());
        recorder.send(get("http://127.0.0.1:1/x")).await.unwrap();
        let tape = Replay::new(reread(&recorder.finish().unwrap()), Allowed::nothing());
        let replayed = tape.send(get("http://127.0.0.1:2/x")).await.unwrap();
        assert_eq!(replayed.body(), reply.body());
        assert_eq!((replayed.status(), replayed.headers()), (reply.status(), reply.headers()));
        tape.finish().unwrap();
    }
}

#[tokio::test]
async fn a_cassette_is_readable_and_the_same_every_time() {
    let inputs = Inputs::new().with_integer("timestamp", 1_557_200_022).with_texts("nonces", ["jbh12345"]);
    let replies = || [json(r#"{"code":20000,"data":[{"id":1,"name":"学校"}],"message":"ok"}"#), json("no JSON\n")];
    let mut texts = Vec::new();
    for _ in 0..2 {
        let recorder = Recorder::sandbox(canned(replies()), "cargo xtask record", inputs.clone());
        let body = r#"{"timestamp":1557200022,"nonce":"jbh12345","again":{"b":[],"a":null}}"#;
        recorder.send(post("http://a/scenes?b=%3D&a=1+2&b=", "application/json", body)).await.unwrap();
        let form = "url=https%3A%2F%2Fa%2F&remark=";
        recorder.send(post("http://a/notice", "application/x-www-form-urlencoded", form)).await.unwrap();
        texts.push(recorder.finish().unwrap().to_text());
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(reread(&Cassette::parse(Path::new("x"), texts[0].as_bytes()).unwrap()).to_text(), texts[0]);
    insta::assert_snapshot!(texts[0]);
}

#[tokio::test]
async fn every_part_of_a_request_is_compared() {
    let before = || post("http://a/order?a=1&b=2", "application/json", r#"{"x":"1","y":[1]}"#);
    let others = [
        ("another method", Request::put("http://a/order?a=1&b=2")),
        ("another path", Request::post("http://a/orders?a=1&b=2")),
        ("another value", Request::post("http://a/order?a=1&b=3")),
        ("another order", Request::post("http://a/order?b=2&a=1")),
        ("one less", Request::post("http://a/order?a=1")),
    ];
    let mut shown = String::new();
    for (what, request) in others {
        let request = request.header("content-type", "application/json").body(before().into_body()).unwrap();
        shown.extend([what, ":\n", &difference(before(), request).await, "\n\n"]);
    }
    let bodies = [
        ("another type", "application/json", r#"{"x":1,"y":[1]}"#),
        ("another order", "application/json", r#"{"y":[1],"x":"1"}"#),
        ("a blank more", "application/json", r#"{"x":"1", "y":[1]}"#),
        ("twice", "application/json", r#"{"x":"1","x":"1","y":[1]}"#),
        ("another encoding", "application/x-www-form-urlencoded", "x=1&y=%5B1%5D"),
        ("none", "application/json", ""),
        ("bytes", "application/json", "\u{0}\u{1b}[31m"),
    ];
    for (what, content_type, body) in bodies {
        let request = post("http://a/order?a=1&b=2", content_type, body);
        shown.extend([what, ":\n", &difference(before(), request).await, "\n\n"]);
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn texts_that_differ_in_their_last_line_break_are_shown() {
    let request = |body: &'static str| post("http://a/", "text/plain", body);
    let shown = difference(request("a"), request("a\n")).await;
    assert!(shown.contains("\n+ text"), "{shown}");
}

#[tokio::test]
async fn a_form_that_is_written_in_another_way_is_another_one() {
    let request = |body: &'static str| post("http://a/", "application/x-www-form-urlencoded", body);
    let shown = difference(request("a=b+c"), request("a=b%20c")).await;
    assert!(shown.contains("- form a = \"b c\"\n+ text \"a=b%20c\""), "{shown}");
}

#[tokio::test]
async fn one_request_more_is_an_error_that_shows_it() {
    let replay = Replay::new(recorded([get("http://a/1")]).await, Allowed::nothing());
    replay.send(get("http://a/1")).await.unwrap();
    replay.send(get("http://a/2?b=c")).await.unwrap_err();
    let expected = ReplayError::OneMore { number: 2, request: "+ GET /2\n+ query b = \"c\"".to_owned() };
    assert_eq!(replay.finish(), Err(expected));
}

#[tokio::test]
async fn a_leftover_is_an_error_that_shows_it() {
    let replay =
        Replay::new(recorded([get("http://a/1"), get("http://a/2"), get("http://a/3")]).await, Allowed::nothing());
    replay.send(get("http://a/1")).await.unwrap();
    let expected = ReplayError::Leftover { count: 2, recorded: 3, request: "- GET /2".to_owned() };
    assert_eq!(replay.finish(), Err(expected));
}

#[tokio::test]
async fn a_wrong_request_takes_no_reply_from_the_right_one_and_is_not_forgotten() {
    let replay = Replay::new(recorded([get("http://a/1"), get("http://a/2")]).await, Allowed::nothing());
    replay.send(get("http://a/2")).await.unwrap_err();
    replay.send(get("http://a/1")).await.unwrap();
    replay.send(get("http://a/2")).await.unwrap();
    assert!(matches!(replay.finish(), Err(ReplayError::Changed { number: 1, .. })));
}

#[tokio::test]
async fn a_base_url_with_a_path_is_left_out() {
    let base = |url| BaseUrl::new(url, Plaintext::Refused).unwrap();
    let recorder = Recorder::sandbox(canned([json("{}"), json("{}")]), "a test", Inputs::new());
    let recorder = recorder.below(&base("https://a.example/white/label/"));
    recorder.send(get("https://a.example/white/label/order")).await.unwrap();
    recorder.send(get("https://a.example/white/labels")).await.unwrap();
    let cassette = recorder.finish().unwrap();
    let replay = Replay::new(cassette.clone(), Allowed::nothing());
    replay.send(get("https://b.example:8443/order")).await.unwrap();
    let replay = Replay::new(cassette, Allowed::nothing()).below(&base("https://c.example/c"));
    replay.send(get("https://c.example/c/order")).await.unwrap();
    replay.send(get("https://c.example/c/white/labels")).await.unwrap();
    replay.finish().unwrap();
}

#[tokio::test]
async fn a_call_without_a_reply_is_no_cassette() {
    let recorder = Recorder::sandbox(canned([]), "a test", Inputs::new());
    recorder.send(get("http://a/1")).await.unwrap_err();
    assert!(matches!(recorder.finish(), Err(RecordError::NoReply(TransportError::NoReply(_)))));
}

#[tokio::test]
async fn a_call_that_was_dropped_is_no_cassette() {
    let silent = Canned::in_turn([]).delay(std::time::Duration::MAX);
    let recorder = Recorder::sandbox(Arc::new(silent), "a test", Inputs::new());
    let call = tokio::time::timeout(std::time::Duration::from_millis(10), recorder.send(get("http://a/1")));
    assert!(call.await.is_err());
    assert!(matches!(recorder.finish(), Err(RecordError::Unfinished(1))));
}

#[tokio::test]
async fn calls_at_once_are_kept_in_the_order_in_which_they_went_out() {
    let recorder = Recorder::sandbox(canned([json("1"), json("2")]), "a test", Inputs::new());
    let (one, two) = tokio::join!(recorder.send(get("http://a/1")), recorder.send(get("http://a/2")));
    assert_eq!((one.unwrap().body().as_ref(), two.unwrap().body().as_ref()), (&b"1"[..], &b"2"[..]));
    let cassette = recorder.finish().unwrap();
    assert_eq!((cassette.len(), cassette.is_empty(), cassette.against()), (2, false, Against::Sandbox));
    let replay = Replay::new(cassette, Allowed::nothing());
    assert_eq!(replay.send(get("http://a/1")).await.unwrap().body().as_ref(), b"1");
}

#[test]
fn inputs_are_read_by_name_and_type() {
    let inputs = Inputs::new().with_text("openid", "o1").with_integer("sex", 0).with_texts("nonces", ["a", "b"]);
    assert_eq!((inputs.text("openid"), inputs.integer("sex")), (Ok("o1"), Ok(0)));
    assert_eq!(inputs.texts("nonces").unwrap(), ["a", "b"]);
    assert_eq!(inputs.text("sex").unwrap_err().to_string(), "the inputs contain no text named `sex`");
    assert_eq!(inputs.integer("none").unwrap_err().to_string(), "the inputs contain no integer named `none`");
    let both = inputs.with_all(&Inputs::new().with_text("openid", "o2").with_text("ip", "::1"));
    assert_eq!(both.text("openid"), Ok("o2"));
    assert_eq!(both.names().collect::<Vec<_>>(), ["openid", "sex", "nonces", "ip"]);
}
