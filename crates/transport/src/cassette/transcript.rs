//! Writes down each request byte for byte, for snapshots of test data.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Transport, TransportError};

/// A transport that writes down each request in clear and sends it through another transport.
pub struct Transcript {
    transport: Arc<dyn Transport>,
    text: Mutex<String>,
}

impl Transcript {
    /// Writes down the requests that `transport` sends.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport, text: Mutex::default() }
    }

    /// Returns the requests so far, each with its method, path and query, headers and body.
    pub fn text(&self) -> String {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn written(request: &http::Request<Bytes>) -> String {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut text = format!("{} {target}\n", request.method());
    for (name, value) in request.headers() {
        _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    if !request.body().is_empty() {
        _ = write!(text, "\n{}\n", String::from_utf8_lossy(request.body()));
    }
    text
}

#[async_trait]
impl Transport for Transcript {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let separator = if self.lock().is_empty() { "" } else { "\n" };
        _ = write!(self.lock(), "{separator}{}", written(&request));
        self.transport.send(request).await
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript").field("transport", &self.transport).finish_non_exhaustive()
    }
}
