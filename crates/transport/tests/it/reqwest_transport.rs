//! Only reqwest's: gzip, and a proxy.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use weifen_transport::testing::RawServer;
use weifen_transport::{BodyFault, BuildError, ReqwestTransport, Resolver, Transport, TransportError, is_past_proxy};

use crate::http_transports::{fault, printed};
use crate::server::{ok, server, url};
use crate::stacks::get;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_gzip_bomb_is_stopped_at_the_cap() {
    let bomb = gzip(&vec![0; 20 << 20]);
    let headers = format!("content-encoding: gzip\r\ncontent-length: {}", bomb.len());
    let transport = ReqwestTransport::builder().body_cap(100_000).build().unwrap();
    let server = server(ok(&headers, &bomb), false);
    assert_eq!(fault(get(&transport, &url(&server)).await), BodyFault::TooLarge { cap: 100_000 });
    let broken = [gzip(b"{\"a\": 1}")[..12].to_vec(), vec![0xff; 30]].concat();
    let headers = format!("content-encoding: gzip\r\ncontent-length: {}", broken.len());
    let server = crate::server::server(ok(&headers, &broken), false);
    assert_eq!(fault(get(&transport, &url(&server)).await), BodyFault::Compression);
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
