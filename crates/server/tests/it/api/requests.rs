//! What a request that is wrong gets: a problem that tells all of it, and nothing is sent.

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{Kept, Request};
use super::service::{KEY, Service};

const MOBILE: &str = "/v1/weiting/mobile";
const ACK: &str = "/v1/deliveries/ack";

/// A request for a QR code whose texts are a character too long.
fn long_qrcode() -> Value {
    let long = "长".repeat(256);
    let state = "s".repeat(1025);
    json!({ "auth_open_id": long, "key": long, "nickname": "", "state": state, "sex": 0, "ip": "127.0.0.1" })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_number_and_is_for_nobody_else() {
    let service = Service::start("").await;
    let mut numbers = std::collections::BTreeSet::new();
    for path in ["/healthz", "/v1/openapi.json", "/v1/fensi/cities", "/v1/nothing", "/v1/weiting/mobile"] {
        let answer = service.send(Request::get(path)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(numbers.insert(answer.header("request-id").unwrap().to_owned()), "{path}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_none_gets_404_and_a_method_that_is_none_405() {
    let service = Service::start("").await;
    for path in ["/", "/v1", "/v1/weiting", "/v1/weiting/mobile/", "/v1/weiting/users/", "/push/x", "/metrics"] {
        let answer = service.send(Request::get(path)).await;
        assert_eq!((answer.status, &*answer.problem()), (404, "not_found"), "{path}");
    }
    for (method, path, allow) in [
        ("GET", MOBILE, "POST"),
        ("DELETE", MOBILE, "POST"),
        ("POST", "/v1/fensi/cities", "GET,HEAD"),
        ("PUT", "/healthz", "GET,HEAD"),
    ] {
        let answer = service.send(Request::get(path).method(method)).await;
        assert_eq!((answer.status, &*answer.problem()), (405, "invalid_request"), "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_said_to_be_json_gets_415() {
    let service = Service::start("").await;
    let body = r#"{"ticket":"sandbox-ticket-1"}"#;
    for request in [
        Request::post(MOBILE, body).without("content-type"),
        Request::post(MOBILE, body).header("content-type", "application/x-www-form-urlencoded"),
        Request::post(MOBILE, body).header("content-type", "text/plain"),
        Request::post(MOBILE, body).header("content-encoding", "gzip"),
    ] {
        let answer = service.send(request).await;
        assert_eq!((answer.status, &*answer.problem()), (415, "invalid_request"));
        assert!(answer.json()["hint"].as_str().unwrap().contains("Content-"), "{answer:?}");
    }
    for coding in ["identity", "Identity"] {
        let answer = service.send(Request::post(MOBILE, "{}").header("content-encoding", coding)).await;
        assert_eq!((answer.status, answer.faults()), (400, vec!["#/ticket".to_owned()]), "{coding}");
    }
    for media in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.shop+json"] {
        let answer = service.send(Request::post(MOBILE, "{}").header("content-type", media)).await;
        assert_eq!(answer.status, 400, "{media}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_more_than_a_mebibyte_gets_413() {
    let service = Service::start("").await;
    let body = |length: usize| format!(r#"{{"ticket":"{}"}}"#, "x".repeat(length - 13));
    let whole = Request::post(MOBILE, body((1 << 20) + 1));
    let chunk = format!("{:x}\r\n{}\r\n0\r\n\r\n", (1 << 20) + 1, body((1 << 20) + 1));
    let chunked = Request::post(MOBILE, chunk).header("transfer-encoding", "chunked");
    let declared = Request::post(MOBILE, "").header("content-length", "99999999").header("expect", "100-continue");
    for request in [whole, chunked, declared] {
        let answer = service.send(request).await;
        assert_eq!((answer.status, &*answer.problem()), (413, "invalid_request"));
    }
    assert!(service.sandbox.log().is_empty(), "nothing was sent");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_gets_400() {
    let service = Service::start("").await;
    for body in ["{", "nonsense", r#"{"ticket":"a"} x"#, "\u{feff}{}", "null", "1", "[1]", r#""ticket""#, "\u{1}"] {
        let answer = service.send(Request::post(MOBILE, body)).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{body}");
        assert_eq!(answer.faults(), ["#"], "{body}");
    }
    let answer = service.send(Request::post(MOBILE, "{")).await;
    assert_eq!(answer.json()["detail"], "is not JSON: EOF while parsing an object at line 1 column 1");
    let answer = service.send(Request::post(MOBILE, "\u{feff}{}")).await;
    assert!(answer.json()["detail"].as_str().unwrap().contains("BOM"), "{answer:?}");
    for body in [b"{\"ticket\":\"\xff\"}".to_vec(), vec![b'['; 100_000]] {
        assert_eq!(service.send(Request::post(MOBILE, body)).await.faults(), ["#"]);
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_broken_gets_400_and_a_late_one_a_408_that_may_be_sent_again() {
    let service = Service::start("").await;
    let broken = Request::post(MOBILE, "no length\r\n{}").header("transfer-encoding", "chunked").key(KEY);
    let answer = Kept::connect(service.address()).await.send(&broken).await;
    assert_eq!((answer.status, answer.problem(), answer.faults()), (400, "invalid_request".into(), vec!["#".into()]));
    assert_eq!(answer.header("connection"), Some("close"));
    let answer = service.send(Request::post(MOBILE, "{").header("content-length", "2")).await;
    assert_eq!((answer.status, &*answer.problem()), (408, "invalid_request"));
    assert_eq!((&answer.json()["retryable"], answer.header("retry-after")), (&json!(true), Some("1")));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_emoji_is_told_by_its_field() {
    let service = Service::start("").await;
    for (body, pointer) in [
        (r#"{"ticket":"小明\ud83d"}"#, "#/ticket"),
        (r#"{"ticket":"\ud83d小明"}"#, "#/ticket"),
        (r#"{"ticket":"\ud83d\u5c0f"}"#, "#/ticket"),
        (r#"{"ticket":"\ude00"}"#, "#/ticket"),
        (r#"{"a/b":{"x":1,"list":[0,{},"\ud83d"]}}"#, "#/a~1b/list/2"),
        (r#"{"\ud83d":1}"#, "#"),
    ] {
        let answer = service.send(Request::post(MOBILE, body)).await;
        assert_eq!((answer.status, answer.faults()), (400, vec![pointer.to_owned()]), "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("half an emoji"), "{answer:?}");
    }
    let whole = service.send(Request::post(MOBILE, r#"{"ticket":"\ud83d\ude00"}"#)).await;
    assert_eq!((whole.status, &*whole.problem()), (422, "refused"), "the vendor was asked");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_given_twice_is_told() {
    let service = Service::start("").await;
    let ack = r#"{"id":1,"lease":"1-1","ok":false,"ok":true}"#;
    for (path, body, faults) in [
        (MOBILE, r#"{"ticket":"a","ticket":"a"}"#.to_owned(), &["#/ticket"][..]),
        (MOBILE, r#"{"ticket":null,"tick\u0065t":"b","more":1}"#.to_owned(), &["#/ticket", "#/more"]),
        (ACK, format!(r#"{{"acks":[{ack},{{"id":2}},{ack}]}}"#), &["#/acks/0/ok", "#/acks/2/ok", "#/acks/1/lease"]),
    ] {
        let answer = service.send(Request::post(path, &*body)).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{body}");
        assert_eq!(answer.faults(), faults, "{body}: {answer:?}");
    }
    let twice = r#"{"acks":[{"id":1,"lease":"1-1","ok":true},{"id":2,"lease":"1-1","ok":true}]}"#;
    assert_eq!(service.send(Request::post(ACK, twice)).await.status, 200, "in two objects it may stand");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_is_refused_wherever_it_stands() {
    let service = Service::start("").await;
    let booking = |text: &str| json!({ "auth_open_id": "u", "key": "k", "appid": text, "ttl_s": 60 }).to_string();
    for (request, place) in [
        (Request::post("/v1/bookings", booking("a\0")), "#/appid"),
        (Request::post(ACK, r#"{"acks":[{"id":1,"lease":"1\u0000","ok":true}]}"#), "#/acks/0/lease"),
        (Request::get("/v1/events/%00"), "id"),
        (Request::get("/v1/events/evt_%00"), "id"),
        (Request::post("/v1/events/evt_%00/redrive", ""), "id"),
        (Request::get("/v1/bookings/%00/status"), "id"),
        (Request::get("/v1/bookings?reference=a%00"), "reference"),
        (Request::get("/v1/bookings?auth_open_id=%00"), "auth_open_id"),
        (Request::get("/v1/events?auth_open_id=%00"), "auth_open_id"),
        (Request::get("/v1/events?key=%00"), "key"),
        (Request::get("/v1/events?appid=%00"), "appid"),
        (Request::get("/v1/events?reference=%00"), "reference"),
    ] {
        let answer = service.send(request.clone()).await;
        assert_eq!((answer.status, answer.faults()), (400, vec![place.to_owned()]), "{request:?}: {answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("NUL"), "{answer:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_whole_is_an_integer_however_it_is_written() {
    let service = Service::start("").await;
    let claim = |wait: &str| {
        Request::post("/v1/deliveries/claim", format!(r#"{{"max":1e2,"wait_s":{wait},"lease_s":6.00e1}}"#))
    };
    for zero in ["0", "0.0", "-0", "-0.0", "0e5"] {
        service.send(claim(zero)).await.ok();
    }
    for (request, place, range) in [
        (claim("0.5"), "#/wait_s", "from 0 to 30"),
        (claim("-1.0"), "#/wait_s", "from 0 to 30"),
        (claim("1e300"), "#/wait_s", "from 0 to 30"),
        (
            Request::post(ACK, r#"{"acks":[{"id":9223372036854775808,"lease":"1-1","ok":true}]}"#),
            "#/acks/0/id",
            "to 9223372036854775807",
        ),
        // A float that stands for 9007199254740993 too.
        (
            Request::post(ACK, r#"{"acks":[{"id":9007199254740992.0,"lease":"1-1","ok":true}]}"#),
            "#/acks/0/id",
            "to 9223372036854775807",
        ),
        (Request::get("/v1/events?limit=99999999999999999999"), "limit", "from 1 to 500"),
        (Request::post("/v1/quarantine/9223372036854775808/readmit", ""), "id", "from 1 to 9223372036854775807"),
    ] {
        let answer = service.send(request.clone()).await;
        assert_eq!((answer.status, answer.faults()), (400, vec![place.to_owned()]), "{request:?}: {answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().ends_with(range), "{answer:?}");
    }
    service.send(Request::get("/v1/events?limit=10.0")).await.ok();
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_those_of_rfc_3339() {
    let service = Service::start("").await;
    let after = async |time: &str| service.send(Request::get(&format!("/v1/events?received_after={time}"))).await;
    for time in [
        "2026-01-31T08:00:00Z",
        "2026-01-31t08:00:00.123456789123z",
        "2026-01-31T08:00:00%2B08:00",
        "2026-01-31T08:00:00-00:00",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.999-23:59",
    ] {
        after(time).await.ok();
    }
    for time in [
        "2026-01-31T08:00:00Z[UTC]",
        "-000001-01-01T00:00:00Z",
        "+002026-01-31T08:00:00Z",
        "2026-01-31",
        "2026-01-31T08:00:00",
        "2026-01-31T08:00Z",
        "2026-02-30T08:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T08:00:00.Z",
        "2026-01-31T08:00:00,5Z",
        "2026-01-31T08:00:00%2B08",
        "2026-01-31T08:00:00%2B24:00",
        "2026-01-31T08:00:00%2B08:60",
        "20260131T080000Z",
        "Z",
        "时",
    ] {
        assert_eq!(after(time).await.faults(), ["received_after"], "{time}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_wrong_fields_are_told_at_once() {
    let service = Service::start("").await;
    for (path, body, faults) in [
        (MOBILE, json!({}), &["#/ticket"][..]),
        (MOBILE, json!({ "ticket": null }), &["#/ticket"]),
        (MOBILE, json!({ "ticket": 7 }), &["#/ticket"]),
        (MOBILE, json!({ "ticket": ["a"] }), &["#/ticket"]),
        (MOBILE, json!({ "ticket": "" }), &["#/ticket"]),
        (MOBILE, json!({ "ticket": "two words" }), &["#/ticket"]),
        (MOBILE, json!({ "tiket": "a", "a/b~c": 1 }), &["#/a~1b~0c", "#/tiket", "#/ticket"]),
        (MOBILE, json!({ "ticket": true, "more": {} }), &["#/more", "#/ticket"]),
        ("/v1/fensi/qrcodes", long_qrcode(), &["#/auth_open_id", "#/key", "#/nickname", "#/state"]),
        ("/v1/weiting/authorize-url", json!({ "state": "shop.example" }), &["#/state"]),
        ("/v1/weiting/openid", json!({}), &["#"]),
        ("/v1/weiting/openid", json!({ "code": "a", "callback": "https://shop.example/?code=a" }), &["#"]),
        ("/v1/weiting/openid", json!({ "callback": "https://shop.example/" }), &["#/callback"]),
        ("/v1/weiting/openid", json!({ "code": 1, "refrence": 2 }), &["#/code", "#/refrence"]),
    ] {
        let answer = service.send(Request::post(path, body.to_string())).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{body}");
        assert_eq!(answer.faults(), faults, "{body}: {answer:?}");
    }
    assert!(service.sandbox.log().is_empty(), "nothing was sent");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_and_both_of_two_fields_are_told_that_one_is_expected() {
    let service = Service::start("").await;
    for body in ["{}", r#"{"code":"a","callback":"https://shop.example/?code=a"}"#] {
        let answer = service.send(Request::post("/v1/weiting/openid", body)).await;
        assert_eq!(answer.json()["detail"], "expected exactly one of callback, code");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_is_wrong_is_named() {
    let service = Service::start("").await;
    for (request, faults) in [
        (Request::get("/v1/fensi/cities?page=2"), &["page"][..]),
        (Request::get("/v1/weiting/users/two%20words"), &["openid"]),
        (Request::get("/v1/weiting/users/a?openid=b"), &["openid"]),
        (Request::get("/v1/weiting/users/%FF"), &["path"]),
        (Request::post("/v1/weiting/mobile?ticket=a", r#"{"ticket":"a"}"#), &["ticket"]),
    ] {
        let answer = service.send(request.clone()).await;
        assert_eq!((answer.status, &*answer.problem()), (400, "invalid_request"), "{request:?}");
        assert_eq!(answer.faults(), faults, "{request:?}");
        assert!(answer.json()["errors"][0].get("parameter").is_some(), "{answer:?}");
    }
    assert!(service.sandbox.log().is_empty(), "nothing was sent");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_body_and_an_empty_list_are_an_empty_object() {
    let service = Service::start("").await;
    for request in [
        Request::post(MOBILE, ""),
        Request::post(MOBILE, "").header("content-type", "application/x-www-form-urlencoded"),
        Request::post(MOBILE, "[]"),
        Request::post(MOBILE, "{}"),
    ] {
        let answer = service.send(request).await;
        assert_eq!((answer.status, answer.faults()), (400, vec!["#/ticket".to_owned()]), "{answer:?}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_though_an_answer_does_not_wait_for_the_body() {
    let service = Service::start("rate = 2").await;
    let (small, large) = (r#"{"ticket":"t"}"#.to_owned(), " ".repeat(900_000));
    let mut connection = Kept::connect(service.address()).await;
    for body in [small, large] {
        let strange = Request::post(MOBILE, body);
        for (status, request) in [
            (401, strange.clone()),
            (405, strange.clone().method("PUT").key(KEY)),
            (404, Request::post("/v1/nothing", strange.body()).key(KEY)),
        ] {
            assert_eq!(connection.send(&request).await.status, status);
        }
    }
    let limited = async |connection: &mut Kept| {
        while connection.send(&Request::post(MOBILE, "{}").key(KEY)).await.status != 429 {}
    };
    tokio::time::timeout(Duration::from_secs(10), limited(&mut connection)).await.unwrap();
    assert_eq!(connection.send(&Request::get("/healthz")).await.status, 200);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_to_send_a_body_and_need_not_is_told_that_the_connection_ends() {
    let service = Service::start("").await;
    let mut connection = Kept::connect(service.address()).await;
    let waiting = Request::post(MOBILE, "").header("content-length", "10").header("expect", "100-continue");
    let answer = connection.send(&waiting).await;
    assert_eq!((answer.status, answer.header("connection")), (401, Some("close")));
    service.stop().await;
}
