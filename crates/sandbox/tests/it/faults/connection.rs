//! Faults of the connection: late, cut, slow, reset; and whether the operation was done.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{all_bytes, last, order, orders, report_order, start_with};

fn split(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a whole head");
    (String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase(), &bytes[end + 4..])
}

fn announced(head: &str) -> usize {
    head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_reset_connection_gets_not_a_byte_and_the_operation_was_done() {
    let (sandbox, token) = start_with(json!({ "kind": "reset" })).await;
    let (bytes, end) = all_bytes(&sandbox, &order(&token));
    assert_eq!((bytes.len(), end.unwrap_err().kind()), (0, ErrorKind::ConnectionReset));
    assert_eq!(orders(&sandbox), 1);
    assert_eq!(last(&sandbox), (json!("reset"), true));
    assert_eq!(sandbox.log().pop().unwrap().answer["status"], 200);
}

#[tokio::test]
async fn a_reset_before_the_operation_leaves_it_undone() {
    let (sandbox, token) = start_with(json!({ "kind": "reset", "before": true })).await;
    let (bytes, end) = all_bytes(&sandbox, &order(&token));
    assert_eq!((bytes.len(), end.unwrap_err().kind()), (0, ErrorKind::ConnectionReset));
    assert_eq!(orders(&sandbox), 0);
    let entry = sandbox.log().pop().unwrap();
    assert_eq!((entry.fault.as_deref(), entry.done, entry.status), (Some("reset"), false, 0));
    assert_eq!((&entry.answer, &entry.parameters["traffic_package_name"]), (&json!(null), &json!("1G")));
}

#[tokio::test]
async fn a_late_reply_comes_whole() {
    let (sandbox, token) = start_with(json!({ "kind": "delay", "delay_ms": 400 })).await;
    let begun = Instant::now();
    let (bytes, end) = all_bytes(&sandbox, &order(&token));
    assert!(begun.elapsed() >= Duration::from_millis(400), "{:?}", begun.elapsed());
    end.unwrap();
    assert_eq!(split(&bytes).1, sandbox.log().pop().unwrap().answer.to_string().as_bytes());
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("delay"), true)));
}

#[tokio::test]
async fn an_operation_whose_reply_is_late_is_done_before_it() {
    // Nobody waits for this reply.
    let (sandbox, token) = start_with(json!({ "kind": "delay", "delay_ms": 600_000 })).await;
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream.write_all(&order(&token)).unwrap();
    let done = async {
        while orders(&sandbox) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), done).await.expect("it is done");
    stream.set_nonblocking(true).unwrap();
    assert!(stream.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
}

#[tokio::test]
async fn a_delay_before_the_operation_ends_without_a_reply() {
    let late = json!({ "kind": "delay", "delay_ms": 300, "before": true });
    let (sandbox, token) = start_with(late).await;
    let begun = Instant::now();
    let (bytes, end) = all_bytes(&sandbox, &order(&token));
    assert_eq!((bytes.len(), end.unwrap()), (0, 0));
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!((orders(&sandbox), last(&sandbox)), (0, (json!("delay"), false)));
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_its_announced_length() {
    let (sandbox, token) = start_with(json!({ "kind": "truncate" })).await;
    let (bytes, end) = all_bytes(&sandbox, &order(&token));
    end.unwrap();
    let (head, body) = split(&bytes);
    let whole = sandbox.log().pop().unwrap().answer.to_string();
    assert_eq!(announced(&head), whole.len());
    assert_eq!(body, &whole.as_bytes()[..whole.len() / 2]);
    assert_eq!((orders(&sandbox), last(&sandbox)), (1, (json!("truncate"), true)));
}

#[tokio::test]
async fn a_truncated_body_without_announced_length_ends_as_if_it_were_whole() {
    let (sandbox, token) = start_with(json!({ "kind": "truncate", "announced": false, "keep": 7 })).await;
    let (bytes, end) = all_bytes(&sandbox, &order(&token));
    end.unwrap();
    let (head, body) = split(&bytes);
    assert!(!head.contains("content-length") && !head.contains("transfer-encoding"), "{head}");
    assert_eq!(body, &sandbox.log().pop().unwrap().answer.to_string().as_bytes()[..7]);
}

#[tokio::test]
async fn nothing_at_all_can_be_kept_of_a_body() {
    let (sandbox, token) = start_with(json!({ "kind": "truncate", "keep": 0 })).await;
    let (bytes, _) = all_bytes(&sandbox, &order(&token));
    let (head, body) = split(&bytes);
    assert!(announced(&head) > 0 && body.is_empty(), "{head}");
}

#[tokio::test]
async fn a_dripping_body_comes_byte_by_byte() {
    let (sandbox, token) = start_with(json!({ "kind": "drip", "pause_ms": 20 })).await;
    let begun = Instant::now();
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream.write_all(&order(&token)).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let (head, body) = split(&bytes);
    assert_eq!(body, sandbox.log().pop().unwrap().answer.to_string().as_bytes());
    assert_eq!(announced(&head), body.len());
    // So long only byte by byte takes, however late this machine reads.
    assert!(begun.elapsed() >= Duration::from_millis(20) * u32::try_from(body.len() - 1).unwrap());
    assert_eq!(last(&sandbox), (json!("drip"), true));
}

#[tokio::test]
async fn after_its_fault_the_sandbox_answers_as_before() {
    for kind in ["reset", "truncate", "gzip-bomb", "empty"] {
        let (sandbox, token) = start_with(json!({ "kind": kind, "times": 1 })).await;
        let _ = all_bytes(&sandbox, &order(&token));
        assert_eq!(last(&sandbox), (json!(kind), true));
        assert_eq!(report_order(&sandbox, &token).json()["status"], 200, "{kind}");
        assert_eq!(last(&sandbox), (json!(null), true));
    }
}
