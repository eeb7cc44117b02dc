//! Output of `-v`, on stderr: requests without query, headers and body, undocumented answers, and settings' origins.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use weifen::config::{Config, Origin};
use weifen::proto::Vendor;
use weifen::transport::{Drift, DriftObserver, Transport, TransportError, in_words};

use crate::output::aside;

/// A transport that reports each request.
#[derive(Debug)]
pub(crate) struct ToldTransport {
    inner: Arc<dyn Transport>,
}

impl ToldTransport {
    /// Reports requests through `inner`.
    pub(crate) fn new(inner: Arc<dyn Transport>) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl Transport for ToldTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let uri = request.uri();
        let host = uri.host().unwrap_or_default();
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = uri.scheme_str().unwrap_or_default();
        let asked = format!("{} {scheme}://{host}{port}{}", request.method(), uri.path());
        let began = Instant::now();
        let outcome = self.inner.send(request).await;
        let became = match &outcome {
            Ok(reply) => format!("HTTP {}, {} bytes", reply.status().as_u16(), reply.body().len()),
            Err(error) => in_words(error),
        };
        aside(&format!("{asked}: {became}, {} ms", began.elapsed().as_millis()));
        outcome
    }
}

/// Reports answers that are not as documented.
#[derive(Debug)]
pub(crate) struct ToldDrift;

impl DriftObserver for ToldDrift {
    fn drifted(&self, vendor: Vendor, operation: &'static str, drift: &Drift) {
        aside(&format!("{vendor} {operation} is not as documented: {drift}"));
    }
}

/// Prints the origin of each setting that is not a default.
pub(crate) fn configuration(config: &Config) {
    match config.file() {
        Some(file) => aside(&format!("configuration file: {}", file.display())),
        None => aside("configuration file: none"),
    }
    for (key, origin) in config.origins().filter(|(_, origin)| **origin != Origin::Default) {
        aside(&format!("{key}: {origin}"));
    }
}
