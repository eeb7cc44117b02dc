//! Only hyper's: no compression is asked for, and exact knowledge of what never left.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::sleep;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use weifen_transport::testing::RawServer;
use weifen_transport::{BodyFault, HyperTransport, RetryAfter, Transport, TransportError};

use crate::http_transports::fault;
use crate::server::{ok, requests, server, url};
use crate::stacks::get;

fn hyper() -> HyperTransport {
    HyperTransport::new().unwrap()
}

#[tokio::test]
async fn no_compression_is_asked_for_and_any_is_refused() {
    for coding in ["gzip", "deflate", "BR", "zstd", "gzip, gzip", "identity, br", "utf-8\r\ncontent-encoding: compress"]
    {
        let compressed = format!("content-encoding: {coding}\r\nretry-after: 7\r\ncontent-length: 3");
        let server = server(ok(&compressed, b"\x1f\x8b\x08"), false);
        let error = get(&hyper(), &url(&server)).await.unwrap_err();
        let TransportError::BadBody { status, retry_after, fault } = error else { panic!("{coding}: {error:?}") };
        assert_eq!((status.as_u16(), fault), (200, BodyFault::Compressed), "{coding}");
        assert!(matches!(retry_after, Some(RetryAfter::For(_))), "{coding}");
        assert!(error.to_string().contains("is compressed"), "{error}");
        let request = String::from_utf8(server.received().concat()).unwrap().to_ascii_lowercase();
        assert!(!request.contains("accept-encoding"), "{request}");
        assert!(request.contains("\r\nuser-agent: weifen/"), "{request}");
    }
    for coding in ["identity", "", "utf-8"] {
        let server = server(ok(&format!("content-encoding: {coding}\r\ncontent-length: 2"), b"{}"), false);
        assert_eq!(get(&hyper(), &url(&server)).await.unwrap().body(), "{}", "{coding}");
    }
}

#[tokio::test]
async fn a_body_in_gzip_that_nobody_asked_for_is_read_up_to_the_cap_where_that_is_set() {
    let gzip = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let transport = HyperTransport::builder().body_cap(1000).read_gzip(true).build().unwrap();
    let answer = async |coding: &str, body: &[u8]| {
        let headers = format!("content-encoding: {coding}\r\ncontent-length: {}", body.len());
        get(&transport, &url(&server(ok(&headers, body), false))).await
    };
    for coding in ["gzip", "GZIP", "identity, gzip", "utf-8\r\ncontent-encoding: x-gzip"] {
        assert_eq!(answer(coding, &gzip(b"{}")).await.unwrap().body(), "{}", "{coding}");
    }
    assert_eq!(fault(answer("gzip", &gzip(&vec![0; 100_000])).await), BodyFault::TooLarge { cap: 1000 });
    let refusing = server(ok("content-encoding: br\r\ncontent-length: 2", b"{}"), false);
    assert_eq!(fault(get(&transport, &url(&refusing)).await), BodyFault::Compressed);
    for broken in [&gzip(b"{}")[..12], b"{}"] {
        assert_eq!(fault(answer("gzip", broken).await), BodyFault::Compression);
    }
}

#[tokio::test]
async fn a_body_that_comes_in_chunks_is_held_to_the_cap_chunk_by_chunk() {
    let transport = HyperTransport::builder().body_cap(6).build().unwrap();
    let chunked = "transfer-encoding: chunked";
    let whole = server(ok(chunked, b"3\r\nabc\r\n3\r\ndef\r\n0\r\nx-trailer: y\r\n\r\n"), false);
    assert_eq!(get(&transport, &url(&whole)).await.unwrap().body(), "abcdef");
    let larger = server(ok(chunked, b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"), false);
    assert_eq!(fault(get(&transport, &url(&larger)).await), BodyFault::TooLarge { cap: 6 });
}

/// A server that keeps a connection after its reply, until it is told to close it.
fn closing() -> (RawServer, Sender<()>) {
    let (close, closes) = channel();
    let closes = Mutex::new(closes);
    let server = RawServer::start(move |connection| {
        connection.request()?;
        connection.write_all(&ok("content-length: 2", b"{}"))?;
        // An error is a sender that is gone.
        _ = closes.lock().unwrap().recv();
        Ok(())
    });
    (server.unwrap(), close)
}

#[tokio::test]
async fn a_request_that_a_closing_connection_hands_back_is_sent_once_on_another() {
    let (server, close) = closing();
    let transport = hyper();
    get(&transport, &url(&server)).await.unwrap();
    close.send(()).unwrap();
    // On this thread the client can't see the closing before it is asked to send.
    sleep(Duration::from_millis(200));
    let request = Request::post(url(&server)).body(Bytes::from_static(b"canary")).unwrap();
    drop(close);
    transport.send(request).await.unwrap();
    let received = server.received();
    let posts: Vec<_> = received.iter().map(|bytes| bytes.starts_with(b"POST")).collect();
    assert_eq!((received.len(), posts), (2, vec![false, true]));
    assert_eq!(requests(&server), 2);
}
