//! The default transport on a real socket.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use weifen_transport::testing::RawServer;
use weifen_transport::{
    BodyFault, BuildError, NetworkFault, ReqwestTransport, Resolver, RetryAfter, Transport, TransportError,
    is_past_proxy,
};

use crate::server::{ok, requests, server, url};

const CAP: usize = 1000;

async fn get(url: &str) -> Result<Response<Bytes>, TransportError> {
    get_within(url, Duration::from_secs(10)).await
}

async fn get_within(url: &str, time: Duration) -> Result<Response<Bytes>, TransportError> {
    let transport = ReqwestTransport::builder().timeout(time).body_cap(CAP).build().unwrap();
    transport.send(Request::get(url).body(Bytes::new()).unwrap()).await
}

async fn reply(bytes: Vec<u8>) -> Result<Response<Bytes>, TransportError> {
    get(&url(&server(bytes, false))).await
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn fault(outcome: Result<Response<Bytes>, TransportError>) -> BodyFault {
    match outcome {
        Err(TransportError::BadBody { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

/// Returns everything that an error prints, its sources included.
fn printed(error: &TransportError) -> String {
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
async fn a_gzip_bomb_is_stopped_at_the_cap() {
    let bomb = gzip(&vec![0; 20 << 20]);
    let headers = format!("content-encoding: gzip\r\ncontent-length: {}", bomb.len());
    let transport = ReqwestTransport::builder().body_cap(100_000).build().unwrap();
    let server = server(ok(&headers, &bomb), false);
    let outcome = transport.send(Request::get(url(&server)).body(Bytes::new()).unwrap()).await;
    assert_eq!(fault(outcome), BodyFault::TooLarge { cap: 100_000 });
    let broken = [gzip(b"{\"a\": 1}")[..12].to_vec(), vec![0xff; 30]].concat();
    let headers = format!("content-encoding: gzip\r\ncontent-length: {}", broken.len());
    assert_eq!(fault(reply(ok(&headers, &broken)).await), BodyFault::Compression);
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
async fn a_proxy_that_can_t_be_reached_is_told_apart_from_the_server() {
    let nobody = RawServer::refusing().unwrap();
    let proxy = format!("http://user:canary@{}", nobody.address());
    let transport = ReqwestTransport::builder().proxy(proxy).build().unwrap();
    for url in ["http://vendor.invalid/", "https://vendor.invalid/"] {
        let error = transport.send(Request::get(url).body(Bytes::new()).unwrap()).await.unwrap_err();
        assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
        let told = error.fault().unwrap().to_string();
        assert!(told.starts_with("the proxy can't be used: Connection refused"), "{told}");
        assert!(!printed(&error).contains("canary"), "{}", printed(&error));
    }
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
    let zipped = "content-encoding: gzip\r\ncontent-length: 4\r\n\r\nnone";
    for body in ["content-length: 9999\r\n\r\n", "content-length: 9\r\n\r\n{", zipped] {
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
    assert_eq!(requests(&server), 1);
}

#[tokio::test]
async fn only_a_configured_proxy_is_gone_through() {
    let proxy = server(ok("content-length: 7", b"proxied"), false);
    let transport = ReqwestTransport::builder().proxy(format!("http://{}", proxy.address())).build().unwrap();
    let request = Request::get("http://vendor.invalid/").body(Bytes::new()).unwrap();
    assert_eq!(transport.send(request).await.unwrap().body().as_ref(), b"proxied");
    for none in ["not a proxy", "foo://proxy.example:1", "ftp://proxy.example", "proxy.example:3128", "http://"] {
        assert!(matches!(ReqwestTransport::builder().proxy(none).build(), Err(BuildError::Proxy(_))), "{none}");
    }
}

/// A resolver that resolves every name to this machine.
#[derive(Debug)]
struct Here;

#[async_trait]
impl Resolver for Here {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

#[tokio::test]
async fn this_machine_is_reached_past_a_proxy_that_is_another() {
    let proxy = server(ok("content-length: 7", b"proxied"), false);
    let server = server(ok("content-length: 6", b"direct"), false);
    let port = proxy.address().port();
    for (proxy, reached) in
        [(format!("http://proxy.example:{port}"), &b"direct"[..]), (format!("http://localhost:{port}"), b"proxied")]
    {
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("http://{host}:{}", server.address().port());
            let transport = ReqwestTransport::builder().resolver(Arc::new(Here)).proxy(&proxy).build().unwrap();
            let request = Request::get(&url).body(Bytes::new()).unwrap();
            assert_eq!(transport.send(request).await.unwrap().body().as_ref(), reached, "{url} by {proxy}");
            assert_eq!(is_past_proxy(&url, &proxy), reached == b"direct");
        }
    }
    let proxy = format!("http://proxy.example:{port}");
    let transport = ReqwestTransport::builder().resolver(Arc::new(Here)).proxy(&proxy).build().unwrap();
    for url in ["http://vendor.invalid/", "http://localhost.example/", "http://128.0.0.1/"] {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        assert_eq!(transport.send(request).await.unwrap().body().as_ref(), b"proxied", "{url}");
        assert!(!is_past_proxy(url, &proxy));
    }
}

#[test]
fn authorities_without_a_certificate_are_refused() {
    assert!(ReqwestTransport::builder().ca_pem("nothing here").build().is_err());
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(ReqwestTransport::builder().ca_pem(broken).build().is_err());
}
