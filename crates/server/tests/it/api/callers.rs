//! Who may use the API, for what, and how often.

use std::time::Duration;

use weifen_server::{Server, StartError};

use super::client::Request;
use super::service::{KEY, Service, config};
use crate::setup::Setup;

const OTHER_KEY: &str = "till-key-0123456789abcdef0123456789";

fn cities() -> Request {
    Request::get("/v1/fensi/cities")
}

/// A second caller, whose key stands in the file `name`.
fn caller(folder: &std::path::Path, name: &str, key: &str, more: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, key).unwrap();
    format!("[[api.callers]]\nname = '{name}'\nkey_file = '{}'\n{more}\n", file.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_and_a_wrong_one_are_answered_with_401() {
    let service = Service::start("").await;
    let almost = &KEY[..KEY.len() - 1];
    for request in [
        cities(),
        cities().key(""),
        cities().key(almost),
        cities().key(&format!("{KEY}x")),
        cities().key(&KEY.to_uppercase()),
        cities().header("authorization", KEY),
        cities().header("authorization", &format!("Basic {KEY}")),
    ] {
        let answer = request.send(service.address()).await;
        assert_eq!((answer.status, &*answer.problem()), (401, "unauthorized"), "{answer:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.json()["retryable"], false);
    }
    assert!(service.sandbox.log().is_empty(), "nothing was sent");
    let lower = cities().header("authorization", &format!("bearer {KEY}")).send(service.address()).await;
    assert_eq!(lower.status, 200, "a scheme has no case");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lines_are_two_keys_that_both_live() {
    let folder = tempfile::tempdir().unwrap();
    let newer = "till-key-newer-0123456789abcdef01234";
    let keys = format!("{OTHER_KEY}\n{newer}\n");
    let service = Service::start(&caller(folder.path(), "till", &keys, "scopes = ['fensi']")).await;
    for key in [KEY, OTHER_KEY, newer] {
        cities().key(key).send(service.address()).await.ok();
    }
    assert_eq!(cities().key(&keys.replace('\n', "")).send(service.address()).await.status, 401);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_missing_is_answered_with_403() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(&caller(folder.path(), "till", OTHER_KEY, "scopes = ['weiting']")).await;
    for (request, status) in [
        (cities(), 403),
        (Request::get("/v1/weiting/token"), 403),
        (Request::post("/v1/weiting/mobile", "{}"), 400),
        (Request::post("/v1/events/1/release", ""), 403),
    ] {
        assert_eq!(request.clone().key(OTHER_KEY).send(service.address()).await.status, status, "{request:?}");
    }
    let answer = cities().key(OTHER_KEY).send(service.address()).await;
    assert_eq!(answer.problem(), "forbidden");
    assert!(answer.json()["detail"].as_str().unwrap().contains("fensi"), "the scope is named: {answer:?}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_over_its_rate_gets_429_and_another_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(&caller(folder.path(), "till", OTHER_KEY, "scopes = []\nrate = 1")).await;
    // Without a scope each is answered at once, long before there is a token more.
    let mut limited = None;
    for _ in 0..50 {
        let answer = cities().key(OTHER_KEY).send(service.address()).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
        assert_eq!(answer.status, 403);
    }
    let limited = limited.expect("50 requests take less than 48 seconds");
    assert_eq!((&*limited.problem(), limited.header("retry-after")), ("rate_limited", Some("1")));
    assert_eq!(limited.json()["retryable"], true);
    service.send(cities()).await.ok();
    service.stop().await;
}

#[tokio::test]
async fn a_key_that_two_callers_have_is_refused_at_the_start() {
    let (setup, folder) = (Setup::new(), tempfile::tempdir().unwrap());
    let twin = caller(folder.path(), "till", KEY, "");
    let error = Server::builder(config(&setup, "", &twin)).start().await.unwrap_err();
    assert!(matches!(&error, StartError::SharedKey { one, other } if one == "shop" && other == "till"), "{error:?}");
    assert!(!format!("{error} {error:?}").contains(KEY));
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let service = Service::start("").await;
    let mut stream = tokio::net::TcpStream::connect(service.address()).await.unwrap();
    for _ in 0..3 {
        stream.write_all(Request::get("/healthz").head().as_bytes()).await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(br#"{"ok":true}"#) {
            let byte = tokio::time::timeout(Duration::from_secs(30), stream.read_u8()).await.expect("an answer");
            read.push(byte.expect("the connection stands"));
        }
    }
    drop(stream);
    service.stop().await;
}
