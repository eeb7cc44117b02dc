//! A transport of your own around another: it prints the target of each request on stderr, and never the credentials.
//! The conformance kit tries it.

use std::sync::Arc;
use std::time::Duration;

use weifen_transport::testing::transport_conformance;
use weifen_transport::{Bytes, ReqwestTransport, Transport, TransportError, async_trait, http};

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

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let timeout = Duration::from_secs(2);
    let transport = Told(Arc::new(ReqwestTransport::builder().timeout(timeout).build()?));
    transport_conformance(&transport, timeout).await;
    Ok(())
}
