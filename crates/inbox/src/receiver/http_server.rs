//! Serves a router over HTTP/1.1, and withstands clients that are slow, many, or gone.

use std::convert::Infallible;
use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, CONTENT_ENCODING, EXPECT};
use axum::http::{HeaderMap, HeaderValue};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_io_timeout::TimeoutWriter;

use super::connection_limit::ConnectionLimit;
use super::door::{Door, Guest};
use super::networks::Networks;
use super::rest;
use super::timed_body::{Late, TimedBody};

/// Cap on a request's line and headers, in bytes. A larger head is answered with 431.
const HEADER_CAP: usize = 16 * 1024;

/// Limits of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLimits {
    /// Timeout of a request's head, and of an idle connection; default 5 s. Then the connection is closed.
    pub header_time: Duration,
    /// Timeout of a request's body, and of an answer that the client does not read; default 10 s.
    pub body_time: Duration,
    /// Number of connections at once, each of which takes a file handle; default 4096. Where all are taken, a new one
    /// takes the place of the one that has waited longest for its client to send a request. A connection whose request
    /// is being handled keeps its place. One address has a quarter of them at the most.
    pub connections: usize,
    /// Addresses that may have more than a quarter of the connections; default loopback, for a proxy on this machine.
    pub uncapped: Vec<IpNet>,
    /// True where a client that has closed its sending side is still answered; default true. Where false, its request
    /// is dropped at once: such a client can't be told from one that is gone.
    pub half_close: bool,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            header_time: Duration::from_secs(5),
            body_time: Duration::from_secs(10),
            connections: 4096,
            uncapped: vec![
                Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8).trunc().into(),
                Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128).into(),
            ],
            half_close: true,
        }
    }
}

/// A server on the tokio runtime that it was started on. Dropped, it ends at once, and closes its connections.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    connections: Arc<ConnectionLimit>,
    stop: oneshot::Sender<Duration>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Serves the router on the listener. Requests carry their peer's `ConnectInfo<SocketAddr>`. A handler that panics
    /// ends its connection and nothing else.
    pub fn start(listener: TcpListener, router: Router, limits: ServerLimits) -> Self {
        Self::open(listener, router, limits, Networks::default())
    }

    /// The same for peers in these networks alone; for all peers if there is none.
    pub(super) fn open(listener: TcpListener, router: Router, limits: ServerLimits, peers: Networks) -> Self {
        let address = listener.local_addr().unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
        let connections = ConnectionLimit::new(&limits, peers);
        let (stop, told) = oneshot::channel();
        let task = tokio::spawn(serve(Door::new(listener, connections.clone()), router, limits, told));
        Self { address, connections, stop, task }
    }

    /// Its address; port 0 where the system doesn't tell.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns true for the error of a request's body that was not complete within [`ServerLimits::body_time`].
    pub fn timed_out(error: &(dyn Error + 'static)) -> bool {
        std::iter::successors(Some(error), |&error| error.source()).any(<dyn Error>::is::<Late>)
    }

    /// Returns true for the headers of a request whose body has a `Content-Encoding` other than `identity`.
    pub fn compressed(headers: &HeaderMap) -> bool {
        headers.get_all(CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    }

    /// Returns a function that prints metrics of its connections, in the text format of Prometheus: open
    /// (`weifen_http_connections`), allowed (`weifen_http_connections_max`), and closed before they were answered
    /// (`weifen_http_connections_closed_total`).
    pub fn figures(&self) -> impl Fn() -> String + Send + Sync + 'static {
        let connections = self.connections.clone();
        move || connections.figures()
    }

    /// Accepts no more connections, closes idle ones, gives requests under way `drain` to finish, and cuts the rest.
    pub async fn stop(self, drain: Duration) {
        // Neither fails unless the task has ended, and all its connections with it.
        let _ = self.stop.send(drain);
        let _ = self.task.await;
    }
}

async fn serve(mut door: Door, router: Router, limits: ServerLimits, mut told: oneshot::Receiver<Duration>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let drain = loop {
        tokio::select! {
            told = &mut told => match told {
                Ok(drain) => break drain,
                Err(_) => return,
            },
            guest = door.next() => {
                connections.spawn(connection(guest, router.clone(), &limits, &graceful));
            }
            // The panic hook has logged a panic; its connection is closed.
            Some(_) = connections.join_next() => {}
        }
    };
    drop(door);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(drain) => {}
    }
    connections.shutdown().await;
}

fn connection(
    guest: Guest,
    router: Router,
    limits: &ServerLimits,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    let Guest { stream, peer, permit } = guest;
    // Small answers are sent at once; a socket that refuses the option works too.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(limits.body_time));
    let (router, body_time, own) = (TowerToHyperService::new(router), limits.body_time, permit.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        let (body, rest) = rest::lend(TimedBody::new(body, body_time));
        let waits_to_send = head.headers.contains_key(EXPECT);
        let mut request = Request::from_parts(head, body);
        request.extensions_mut().insert(ConnectInfo(peer));
        own.is_needed();
        let (answering, permit) = (router.call(request), own.clone());
        async move {
            let mut answer = answering.await?;
            permit.waits();
            if !rest.drain(waits_to_send).await {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(HEADER_CAP)
        .half_close(limits.half_close)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let watched = graceful.watch(connection);
    async move {
        tokio::select! {
            // Polled first, so that an answer which is ready is sent before its connection may be cut.
            biased;
            // An error here is a client that went away or spoke no HTTP.
            _ = watched => {}
            () = permit.cut() => {}
        }
    }
}
