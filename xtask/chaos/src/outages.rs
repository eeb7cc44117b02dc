//! A transport with outages: at times its requests go to a port without a listener, and are really refused.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::net::TcpSocket;
use weifen::transport::http::{Request, Response, Uri, uri::Authority};
use weifen::transport::{Bytes, Transport, TransportError, async_trait};

/// Period of the outages.
const EACH: Duration = Duration::from_secs(10);
/// Start of the outage within its period.
const AFTER: Duration = Duration::from_secs(3);
/// Length of an outage.
const LASTS: Duration = Duration::from_millis(700);

#[derive(Debug)]
pub(crate) struct Outages {
    inner: Arc<dyn Transport>,
    start: Instant,
    nobody: Authority,
    /// Bound without listening: the port refuses connections, and no other process can take it.
    _kept: TcpSocket,
}

impl Outages {
    pub(crate) fn new(inner: Arc<dyn Transport>) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let nobody = socket.local_addr()?.to_string().parse()?;
        Ok(Self { inner, start: Instant::now(), nobody, _kept: socket })
    }

    fn is_one(&self) -> bool {
        let turn = self.start.elapsed().as_millis() % EACH.as_millis();
        (AFTER.as_millis()..(AFTER + LASTS).as_millis()).contains(&turn)
    }
}

#[async_trait]
impl Transport for Outages {
    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if self.is_one() {
            let mut parts = request.uri().clone().into_parts();
            parts.authority = Some(self.nobody.clone());
            *request.uri_mut() = Uri::from_parts(parts).map_err(TransportError::not_sent)?;
        }
        self.inner.send(request).await
    }
}
