//! Only hyper's: no compression.

use weifen_transport::{BodyFault, HyperTransport, RetryAfter, TransportError};

use crate::http_transports::fault;
use crate::server::{ok, server, url};
use crate::stacks::get;

fn hyper() -> HyperTransport {
    HyperTransport::new().unwrap()
}

#[tokio::test]
async fn no_compression_is_asked_for_and_what_comes_compressed_is_refused() {
    for coding in ["gzip", "GZIP", "deflate", "br", "zstd", "identity, gzip", "utf-8\r\ncontent-encoding: x-gzip"] {
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
async fn a_body_that_comes_in_chunks_is_held_to_the_cap_chunk_by_chunk() {
    let transport = HyperTransport::builder().body_cap(6).build().unwrap();
    let chunked = "transfer-encoding: chunked";
    let whole = server(ok(chunked, b"3\r\nabc\r\n3\r\ndef\r\n0\r\nx-trailer: y\r\n\r\n"), false);
    assert_eq!(get(&transport, &url(&whole)).await.unwrap().body(), "abcdef");
    let larger = server(ok(chunked, b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"), false);
    assert_eq!(fault(get(&transport, &url(&larger)).await), BodyFault::TooLarge { cap: 6 });
}
