//! Serves a router on a thread and runtime of its own, so that a sandbox answers even while its user's
//! runtime is blocked or its time is paused.

use std::{
    io,
    net::SocketAddr,
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::Router;
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::{oneshot, watch},
    task::JoinSet,
};

use crate::wire::socket::{Ending, ResetSwitch, Socket};

/// The address that a connection came from. It travels as an extension of each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(SocketAddr);

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl Peer {
    pub(crate) fn is_on_this_machine(&self) -> bool {
        self.0.ip().to_canonical().is_loopback()
    }
}

/// A client that has not sent its header by then is let go; so is an idle connection.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// The time that a graceful stop gives answers under way.
const STOP_TIME: Duration = Duration::from_secs(5);
const HEADER_CAP: usize = 64 * 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    On,
    UntilAnswered,
    Off,
}

/// Has hyper end the connection.
#[derive(Debug, thiserror::Error)]
#[error("this request gets no reply")]
struct NoReply;

/// A server's thread. Dropped, it closes its listener and every connection, and ends.
pub(crate) struct Server {
    runtime: Handle,
    work: Option<oneshot::Sender<Work>>,
    run: watch::Sender<Run>,
    ended: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

type Work = (TcpListener, Router);

impl Server {
    /// Starts the thread; it serves nothing yet.
    pub(crate) async fn start() -> io::Result<Self> {
        let (ready, is_ready) = oneshot::channel();
        let (work, given) = oneshot::channel();
        let (run, told) = watch::channel(Run::On);
        let (ending, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("weifen-sandbox".to_owned()).spawn(move || {
            work_until_told(ready, given, told);
            drop(ending);
        })?;
        let runtime = is_ready.await.unwrap_or_else(|_| Err(io::Error::other("the thread ended at once")))?;
        Ok(Self { runtime, work: Some(work), run, ended: Some(ended), thread: Some(thread) })
    }

    pub(crate) async fn bind(&self, address: SocketAddr) -> io::Result<TcpListener> {
        let bound = self.runtime.spawn(TcpListener::bind(address));
        bound.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    pub(crate) fn serve(&mut self, listener: TcpListener, router: Router) {
        if let Some(work) = self.work.take() {
            // A thread that has ended takes no work: connections are refused then.
            let _ = work.send((listener, router));
        }
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Takes no more connections, finishes the answers under way, and ends.
    pub(crate) async fn stop(mut self) {
        self.run.send_replace(Run::UntilAnswered);
        if let Some(ended) = self.ended.take() {
            // The sender is only ever dropped: an error is the sign awaited.
            let _ = ended.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run.send_replace(Run::Off);
        self.work = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has closed its sockets as well.
            let _ = thread.join();
        }
    }
}

fn work_until_told(
    ready: oneshot::Sender<io::Result<Handle>>,
    given: oneshot::Receiver<Work>,
    told: watch::Receiver<Run>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    runtime.block_on(async {
        if ready.send(Ok(Handle::current())).is_err() {
            return;
        }
        if let Ok((listener, router)) = given.await {
            serve(listener, router, told).await;
        }
    });
    // Dropping it would wait for a name that is still being looked up.
    runtime.shutdown_background();
}

async fn serve(listener: TcpListener, router: Router, mut told: watch::Receiver<Run>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    while *told.borrow() == Run::On {
        tokio::select! {
            changed = told.changed() => if changed.is_err() { return },
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer.into(), router.clone(), &graceful));
                }
                // Out of file handles, mostly: leave time for some to come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(STOP_TIME) => {}
        _ = told.wait_for(|run| *run == Run::Off) => {}
    }
}

fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    // Small answers go out at once; a socket that can't be told so works too.
    let _ = stream.set_nodelay(true);
    let reset = ResetSwitch::default();
    let socket = Socket::new(stream, reset.clone());
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: http::Request<_>| {
        request.extensions_mut().insert(peer);
        let answer = router.call(request);
        let reset = reset.clone();
        async move {
            let Ok(response) = answer.await;
            match response.extensions().get() {
                None => return Ok(response),
                Some(Ending::Close) => {}
                Some(Ending::Reset) => reset.set(),
            }
            Err(NoReply)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_CAP)
        .serve_connection(TokioIo::new(socket), service);
    let watched = graceful.watch(connection);
    // An error here is a client that went away or spoke no HTTP.
    async move { drop(watched.await) }
}
