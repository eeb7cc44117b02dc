//! Serves a router on a thread and runtime of its own, so that a sandbox answers even while its user's
//! runtime is blocked or its time is paused.

use std::{
    io,
    net::TcpListener as StdListener,
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
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

/// A client that has not sent its header by then is let go; so is an idle connection.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a graceful stop waits for answers under way.
const STOP_TIME: Duration = Duration::from_secs(5);
const HEADER_CAP: usize = 64 * 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    On,
    UntilAnswered,
    Off,
}

/// A running server. Dropped, it closes its listener and every connection, and ends its thread.
pub(crate) struct Server {
    run: watch::Sender<Run>,
    thread: Option<JoinHandle<()>>,
    ended: Option<oneshot::Receiver<()>>,
}

impl Server {
    pub(crate) async fn start(listener: StdListener, router: Router) -> io::Result<(Self, Handle)> {
        listener.set_nonblocking(true)?;
        let (run, told) = watch::channel(Run::On);
        let (ready, is_ready) = oneshot::channel();
        let (ending, ended) = oneshot::channel::<()>();
        let thread = thread::Builder::new()
            .name("weifen-sandbox".to_owned())
            .spawn(move || {
                serve_until_told(listener, router, ready, told);
                drop(ending);
            })?;
        let server = Self {
            run,
            thread: Some(thread),
            ended: Some(ended),
        };
        let handle = is_ready
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the thread ended at once")))?;
        Ok((server, handle))
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
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has closed its sockets as well.
            let _ = thread.join();
        }
    }
}

fn serve_until_told(
    listener: StdListener,
    router: Router,
    ready: oneshot::Sender<io::Result<Handle>>,
    told: watch::Receiver<Run>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener);
        let (listener, begun) = match listener {
            Ok(listener) => (Some(listener), Ok(Handle::current())),
            Err(error) => (None, Err(error)),
        };
        if let (Ok(()), Some(listener)) = (ready.send(begun), listener) {
            serve(listener, router, told).await;
        }
    });
}

async fn serve(listener: TcpListener, router: Router, mut told: watch::Receiver<Run>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    while *told.borrow() == Run::On {
        tokio::select! {
            changed = told.changed() => if changed.is_err() { return },
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), &graceful))),
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
    router: Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    // Small answers go out at once; a socket that can't be told so works too.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_CAP)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let watched = graceful.watch(connection);
    // An error here is a client that went away or spoke no HTTP.
    async move { drop(watched.await) }
}
