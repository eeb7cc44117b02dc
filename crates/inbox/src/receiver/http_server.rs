//! Serves a router over HTTP/1.1, and bears with clients that are slow, many, or gone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio_io_timeout::TimeoutWriter;

use super::timed_body::TimedBody;

/// Of a request's line and header, above which it is answered 431.
const HEADER_CAP: usize = 16 * 1024;
/// How long no connection is accepted after one could not be: file handles have to come back.
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// What a server bears with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// How long a request's header may take, and a connection be idle; default 5 s. Then the connection is closed.
    pub header_time: Duration,
    /// How long a request's body may take, and an answer wait for a client that takes nothing; default 10 s.
    pub body_time: Duration,
    /// How many connections there may be at once, each of which takes a file handle; default 4096. More wait in the
    /// listener's backlog until one ends.
    pub connections: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self { header_time: Duration::from_secs(5), body_time: Duration::from_secs(10), connections: 4096 }
    }
}

/// A server on the tokio runtime that it was started on. Dropped, it ends at once, and cuts its connections.
#[derive(Debug)]
pub struct HttpServer {
    address: SocketAddr,
    stop: oneshot::Sender<Duration>,
    task: JoinHandle<()>,
}

impl HttpServer {
    /// Serves the router on the listener. Requests bear their peer's `ConnectInfo<SocketAddr>`. A handler that panics
    /// ends its connection and nothing else.
    pub fn start(listener: TcpListener, router: Router, limits: ServerLimits) -> Self {
        let address = listener.local_addr().unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
        let (stop, told) = oneshot::channel();
        let task = tokio::spawn(serve(Door::new(listener, limits.connections), router, limits, told));
        Self { address, stop, task }
    }

    /// Where it listens; port 0 where the system doesn't tell.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, closes those that are idle, lets requests under way finish within `drain`, and cuts
    /// what is left.
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
                connections.spawn(connection(guest, router.clone(), limits, &graceful));
            }
            // A panic has been told by the hook; its connection is closed.
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

/// A connection, and its place among those that there may be.
struct Guest {
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
}

/// Where connections come in, one for each place that is free.
struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
    is_in_trouble: bool,
}

impl Door {
    fn new(listener: TcpListener, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
        Self { listener, places, is_in_trouble: false }
    }

    /// The next connection. Nothing is lost where it is not waited for to the end.
    async fn next(&mut self) -> Guest {
        loop {
            // Nobody closes it.
            let Ok(place) = self.places.clone().acquire_owned().await else { return std::future::pending().await };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    self.is_in_trouble = false;
                    return Guest { stream, peer, place };
                }
                Err(error) if is_of_its_client(&error) => {}
                Err(error) => {
                    // Told once, not as often as it is tried.
                    if !std::mem::replace(&mut self.is_in_trouble, true) {
                        tracing::error!(%error, "connections can't be accepted");
                    }
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
            }
        }
    }
}

/// Whether a connection was gone before it was accepted.
fn is_of_its_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn connection(
    guest: Guest,
    router: Router,
    limits: ServerLimits,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    let Guest { stream, peer, place } = guest;
    // Small answers go out at once; a socket that can't be told so works too.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(limits.body_time));
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Body::new(TimedBody::new(body, limits.body_time)));
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time)
        .max_buf_size(HEADER_CAP)
        // A client that has said all it has to say may still read its answer.
        .half_close(true)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let watched = graceful.watch(connection);
    async move {
        // An error here is a client that went away or spoke no HTTP.
        drop(watched.await);
        drop(place);
    }
}
