//! What a request that is wrong gets: a problem that tells all of it, and nothing is sent.

use std::time::Duration;

use serde_json::json;

use super::client::{Kept, Request};
use super::service::{KEY, Service};

const MOBILE: &str = "/v1/weiting/mobile";

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
    for body in [b"{\"ticket\":\"\xff\"}".to_vec(), vec![b'['; 100_000]] {
        assert_eq!(service.send(Request::post(MOBILE, body)).await.faults(), ["#"]);
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
