//! A transport of your own around another: it tells on stderr what was sent where, and never with which credentials.

use std::sync::Arc;

use weifen_transport::{Bytes, Transport, TransportError, async_trait, http};

#[derive(Debug)]
struct Told(Arc<dyn Transport>);

#[async_trait]
impl Transport for Told {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let what = format!("{} {}", request.method(), request.uri().path());
        let outcome = self.0.send(request).await;
        match &outcome {
            Ok(reply) => eprintln!("{what}: {}", reply.status()),
            Err(error) => eprintln!("{what}: {error}"),
        }
        outcome
    }
}

/// Stands for the network.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        Err(TransportError::not_sent(std::io::Error::other("there is no network")))
    }
}

#[tokio::main]
async fn main() {
    let transport = Told(Arc::new(Nowhere));
    let request = http::Request::new(Bytes::new());
    assert!(matches!(transport.send(request).await, Err(TransportError::NotSent(_))));
}
