//! What both transports do on a real socket.

use std::error::Error;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use weifen_transport::testing::RawServer;
use weifen_transport::{
    BodyFault, BuildError, HyperTransport, NetworkFault, ReqwestTransport, RetryAfter, TransportError,
};

use crate::server::{ok, requests, server, url};
use crate::stacks::{Settings, get_by_both};

const CAP: usize = 1000;

async fn get(url: &str) -> Result<Response<Bytes>, TransportError> {
    get_within(url, Duration::from_secs(10)).await
}

async fn get_within(url: &str, time: Duration) -> Result<Response<Bytes>, TransportError> {
    get_by_both(&Settings { timeout: Some(time), body_cap: Some(CAP), ..Settings::default() }, url).await
}

async fn reply(bytes: Vec<u8>) -> Result<Response<Bytes>, TransportError> {
    get(&url(&server(bytes, false))).await
}

pub(crate) fn fault(outcome: Result<Response<Bytes>, TransportError>) -> BodyFault {
    match outcome {
        Err(TransportError::BadBody { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

/// Returns everything that an error prints, its sources included.
pub(crate) fn printed(error: &TransportError) -> String {
    let mut text = format!("{error:?}");
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(error) = next {
        _ = write!(text, "\n{error}");
        next = error.source();
    }
    text
}

#[tokio::test]
async fn a_body_above_the_cap_is_not_read() {
    let large = vec![b'x'; CAP + 1];
    let announced = format!("content-length: {}", large.len());
    assert_eq!(fault(reply(ok(&announced, &large)).await), BodyFault::TooLarge { cap: CAP });
    assert_eq!(fault(reply(ok("connection: close", &large)).await), BodyFault::TooLarge { cap: CAP });
    let exact = format!("content-length: {CAP}");
    assert_eq!(reply(ok(&exact, &large[..CAP])).await.unwrap().body().len(), CAP);
}

#[tokio::test]
async fn a_body_cut_short_is_an_error_where_framing_shows_it() {
    assert_eq!(fault(reply(ok("content-length: 50", b"{\"a\":")).await), BodyFault::CutShort);
    assert_eq!(fault(reply(ok("transfer-encoding: chunked", b"5\r\n{\"a\":")).await), BodyFault::CutShort);
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let error = get(&url(&RawServer::refusing().unwrap())).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    assert!(matches!(error.fault(), Some(NetworkFault::Refused { on_this_machine: true, .. })), "{error:?}");
    assert!(!error.fault().unwrap().advice().unwrap().contains("firewall"));
    assert!(!printed(&error).contains("canary"), "{}", printed(&error));
}

#[tokio::test]
async fn a_name_that_no_one_has_sent_nothing() {
    let error = get("http://no-such-host.invalid/").await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    assert!(error.fault().unwrap().to_string().starts_with("name not found: "), "{error:?}");
}

#[tokio::test]
async fn tls_that_fails_sent_nothing() {
    let server = server(b"HTTP/1.1 400 plain\r\n\r\n".to_vec(), false);
    let error = get(&url(&server).replace("http:", "https:")).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn silence_is_no_reply_within_the_time_given() {
    for bytes in [Vec::new(), b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n".to_vec()] {
        let server = server(bytes, true);
        let start = Instant::now();
        let error = get_within(&url(&server), Duration::from_secs(1)).await.unwrap_err();
        assert!(matches!(error, TransportError::NoReply(_)), "{error:?}");
        assert!(matches!(error.fault(), Some(NetworkFault::AnswerTimedOut)), "{error:?}");
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
        assert!(!printed(&error).contains("canary"), "{}", printed(&error));
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_sent_nothing_within_the_time_given() {
    let server = server(Vec::new(), true);
    let error = get_within(&url(&server).replace("http:", "https:"), Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    assert!(matches!(error.fault(), Some(NetworkFault::ConnectTimedOut)), "{error:?}");
}

#[tokio::test]
async fn a_body_that_stalls_leaves_status_and_retry_after() {
    for body in ["content-length: 9\r\n\r\n{", "transfer-encoding: chunked\r\n\r\n", "\r\n"] {
        let reply = format!("HTTP/1.1 429 Slow\r\nretry-after: 7\r\n{body}").into_bytes();
        let server = server(reply, true);
        match get_within(&url(&server), Duration::from_secs(1)).await {
            Err(TransportError::BodyTimedOut { status, retry_after }) => {
                assert_eq!((status.as_u16(), retry_after), (429, Some(RetryAfter::For(Duration::from_secs(7)))));
            }
            other => panic!("{body:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_body_that_can_t_be_used_leaves_status_and_retry_after() {
    for body in ["content-length: 9999\r\n\r\n", "content-length: 9\r\n\r\n{"] {
        let text = format!("HTTP/1.1 503 Busy\r\nretry-after: 7\r\n{body}");
        match reply(text.into_bytes()).await {
            Err(TransportError::BadBody { status, retry_after, .. }) => {
                assert_eq!((status.as_u16(), retry_after), (503, Some(RetryAfter::For(Duration::from_secs(7)))));
            }
            other => panic!("{body:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_lost_connection_is_no_reply_and_is_not_tried_again() {
    let server = server(Vec::new(), false);
    let error = get(&url(&server)).await.unwrap_err();
    assert!(matches!(error, TransportError::NoReply(_)), "{error:?}");
    assert!(matches!(error.fault(), Some(NetworkFault::Lost(_))), "{error:?}");
    assert_eq!(requests(&server), 2, "one by each");
}

#[test]
fn authorities_without_a_certificate_are_refused() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["nothing here", broken] {
        assert!(matches!(ReqwestTransport::builder().ca_pem(pem).build(), Err(BuildError::Authorities(_))), "{pem}");
        assert!(matches!(HyperTransport::builder().ca_pem(pem).build(), Err(BuildError::Authorities(_))), "{pem}");
    }
}
