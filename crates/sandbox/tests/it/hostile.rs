//! Input that no client should send: refused, and the sandbox lives.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::json;
use weifen_sandbox::{Sandbox, test_data};

use crate::partner::{QRCODE, encode, fetch_token, get, raw, send, start, with_token};

fn lives(sandbox: &Sandbox) {
    fetch_token(sandbox);
}

#[tokio::test]
async fn a_body_beyond_64_kib_is_answered_413() {
    let sandbox = start().await;
    for (size, status) in [(64 * 1024, 200), (64 * 1024 + 1, 413), (900 * 1024, 413)] {
        let body = [&b"nickname="[..], &vec![b'x'; size - 9]].concat();
        let reply = send(sandbox.addr(), "POST", QRCODE, "application/x-www-form-urlencoded", &body);
        assert_eq!(reply.status, status, "{size}");
    }
    let reply = send(sandbox.addr(), "POST", "/_sandbox/clock", "", &vec![b' '; 70_000]);
    assert_eq!(reply.status, 413);
    let entry = &sandbox.log()[1];
    assert_eq!((entry.operation, entry.status), (Some("qrcode"), 413));
}

#[tokio::test]
async fn a_sender_of_too_much_lives_to_read_the_refusal() {
    let sandbox = start().await;
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    let head = format!("POST {QRCODE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 400000\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..4 {
        stream.write_all(&vec![b'x'; 100_000]).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_body_that_cannot_be_parsed_is_400_at_one_vendor_and_an_empty_one_at_the_other() {
    let sandbox = start().await;
    let deep = "[".repeat(60_000);
    let deep_object = format!("{}1", r#"{"a":"#.repeat(10_000));
    let notice = with_token(&sandbox, "/service/1.0/sendPrizeNotice");
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", r#"{"key": "\ud800"}"#),
        ("application/json", "[]"),
        ("application/json", "null"),
        ("application/json", r#"{"develop_appid": true, "timestamp": 1e400, "nonce": -0.0}"#),
        ("application/json", deep.as_str()),
        ("application/json", deep_object.as_str()),
        ("application/problem+json", "nothing"),
        ("multipart/form-data", "--cut--"),
        (
            "multipart/form-data; boundary=cut",
            "--cut\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nbroken off",
        ),
        ("multipart/form-data; boundary=cut", "no part at all"),
    ] {
        let reply = send(sandbox.addr(), "POST", &notice, content_type, body.as_bytes());
        assert_eq!(reply.status, 400, "{content_type} {body:.40}");
        assert!(reply.json()["error"].as_str().unwrap().contains("body"), "{}", reply.text());
        let reply = send(sandbox.addr(), "POST", QRCODE, content_type, body.as_bytes());
        assert_eq!((reply.status, &reply.json()["code"]), (200, &json!(50003)), "{content_type} {body:.40}");
        let entry = sandbox.log().pop().unwrap();
        assert_eq!(entry.encoding, Some("unread"));
        assert!(entry.why.as_ref().unwrap().contains("body"), "{entry:?}");
    }
    lives(&sandbox);
}

#[tokio::test]
async fn odd_values_are_refused_as_absent_ones() {
    let sandbox = start().await;
    for value in [json!({}), json!([]), json!(null), json!([["x"]])] {
        let body = json!({ "develop_appid": value, "timestamp": 1, "nonce": "n", "signature": "s" });
        let reply = send(sandbox.addr(), "POST", QRCODE, "application/json", body.to_string().as_bytes());
        assert_eq!(reply.json()["code"], 50003);
    }
}

#[tokio::test]
async fn bytes_that_are_no_utf8_do_no_harm() {
    let sandbox = start().await;
    for content_type in
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=cut", "application/json", ""]
    {
        let reply = send(sandbox.addr(), "POST", QRCODE, content_type, b"\xFF\xFE=\x00\x80&%zz=%");
        assert!(matches!(reply.status, 200 | 400), "{content_type}: {}", reply.status);
    }
    assert_eq!(get(sandbox.addr(), "/service/1.0/access/token?appid=%FF%FE&secret=%").json()["status"], 0);
    lives(&sandbox);
}

#[tokio::test]
async fn a_body_of_an_unknown_content_type_is_not_read_and_the_log_says_so() {
    let sandbox = start().await;
    let reply = send(sandbox.addr(), "POST", QRCODE, "text/plain", b"develop_appid=x");
    assert_eq!(reply.json()["code"], 50003);
    assert_eq!(sandbox.log()[0].encoding, Some("unread"));
}

#[tokio::test]
async fn a_wrong_method_or_path_is_told_in_words() {
    let sandbox = start().await;
    let reply = send(sandbox.addr(), "POST", "/service/1.0/access/token", "", b"");
    assert_eq!(reply.status, 405);
    assert_eq!(reply.json(), json!({ "error": "no operation answers POST /service/1.0/access/token" }));
    assert_eq!(get(sandbox.addr(), "/service/weekBind/create").status, 405);
    assert_eq!(get(sandbox.addr(), "/_sandbox/clock").status, 405);
    for path in ["/", "/_sandbox", "/_sandbox/nothing", "/service", "/open/commercial/get_qrcode/"] {
        assert_eq!(get(sandbox.addr(), path).status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_header_without_end_is_cut_off() {
    let sandbox = start().await;
    let long = format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(200_000));
    let status = raw_status(sandbox.addr(), long.as_bytes());
    assert!(matches!(status, None | Some(414 | 431)), "{status:?}");
    assert_eq!(raw(sandbox.addr(), b"nonsense\r\n\r\n").status, 400);
    lives(&sandbox);
}

/// The status, or nothing when the connection was closed before one could be read.
fn raw_status(to: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(to).unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.split(' ').nth(1)?.parse().ok()
}

#[tokio::test]
async fn slow_clients_are_let_go_and_do_not_hinder_others() {
    let sandbox = start().await;
    let begun = Instant::now();
    let mut slow_head = TcpStream::connect(sandbox.addr()).unwrap();
    slow_head.write_all(b"GET /service").unwrap();
    let mut slow_body = TcpStream::connect(sandbox.addr()).unwrap();
    slow_body
        .write_all(format!("POST {QRCODE} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx").as_bytes())
        .unwrap();
    lives(&sandbox);
    assert!(begun.elapsed() < Duration::from_secs(5));

    for stream in [&slow_head, &slow_body] {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    }
    let mut answer = String::new();
    slow_body.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let mut rest = Vec::new();
    slow_head.read_to_end(&mut rest).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(25));
}

#[tokio::test]
async fn user_pages_hold_no_markup_from_outside() {
    let sandbox = start().await;
    let state = encode("http://a.test/\"><script>alert(1)</script>");
    let page = get(sandbox.addr(), &format!("/connect/oauth2/authorize?state={state}"));
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("<script>"), "{}", page.text());
    assert!(page.text().contains(test_data::USER_PATH) || page.text().contains("/service/wxoauth/2.0/wxcode"));
}
