//! Connections that wait for a request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::connection::{Connection, Origin};
use crate::http_client::IDLE;

/// Time between two looks for connections that have waited too long.
const LOOK: Duration = Duration::from_secs(1);

/// Connections that wait for a request. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    /// The one that came last is last, and is taken first.
    connections: Vec<Kept>,
    /// Task that closes connections while there are some. Its runtime may have ended.
    watch: Option<JoinHandle<()>>,
}

struct Kept {
    origin: Origin,
    since: Instant,
    connection: Connection,
}

impl Kept {
    fn is_usable(&self) -> bool {
        self.since.elapsed() < IDLE && self.connection.is_ready()
    }
}

impl Pool {
    /// Takes a connection to `origin` that is open, as far as is known.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        let mut waiting = self.waiting();
        loop {
            let place = waiting.connections.iter().rposition(|kept| kept.origin == *origin)?;
            let kept = waiting.connections.remove(place);
            if kept.is_usable() {
                return Some(kept.connection);
            }
        }
    }

    /// Keeps a connection whose reply was read to its end.
    pub(super) fn keep(&self, origin: Origin, connection: Connection) {
        if connection.is_ready() {
            self.put(origin, connection);
        } else {
            tokio::spawn(self.clone().keep_once_ready(origin, connection));
        }
    }

    /// Keeps a connection that may still be writing its request, or noticing that its reply has ended.
    async fn keep_once_ready(self, origin: Origin, mut connection: Connection) {
        if timeout(IDLE, connection.becomes_ready()).await.is_ok_and(|ready| ready) {
            self.put(origin, connection);
        }
    }

    fn put(&self, origin: Origin, connection: Connection) {
        let mut waiting = self.waiting();
        waiting.connections.push(Kept { origin, since: Instant::now(), connection });
        if waiting.watch.as_ref().is_none_or(JoinHandle::is_finished) {
            waiting.watch = Some(tokio::spawn(self.clone().close_old()));
        }
    }

    /// Closes connections that have waited too long, until none is left.
    async fn close_old(self) {
        loop {
            sleep(LOOK).await;
            let mut waiting = self.waiting();
            waiting.connections.retain(Kept::is_usable);
            if waiting.connections.is_empty() {
                waiting.watch = None;
                return;
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::uri::{Authority, Scheme};
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, duplex};

    use super::*;

    fn origin(scheme: Scheme, authority: &'static str) -> Origin {
        Origin { scheme, authority: Authority::from_static(authority) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_for_its_origin_and_closed_once_it_has_waited_too_long() {
        let here = || origin(Scheme::HTTPS, "shop.example");
        let (client, mut server) = duplex(64);
        let pool = Pool::default();
        pool.keep(here(), Connection::over(TokioIo::new(client)).await.unwrap());
        sleep(IDLE.mul_f64(0.9)).await;
        for other in [origin(Scheme::HTTP, "shop.example"), origin(Scheme::HTTPS, "shop.example:444")] {
            assert!(pool.take(&other).is_none());
        }
        let connection = pool.take(&here()).expect("it waits");
        assert!(pool.take(&here()).is_none(), "it is taken");
        pool.keep(here(), connection);

        let kept = Instant::now();
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0, "it is closed without being asked for");
        assert!((IDLE..IDLE + 2 * LOOK).contains(&kept.elapsed()), "{:?}", kept.elapsed());
        assert!(pool.take(&here()).is_none());
    }

    #[tokio::test]
    async fn a_connection_that_the_server_has_closed_is_not_taken() {
        let here = || origin(Scheme::HTTP, "shop.example");
        let (client, server) = duplex(64);
        let pool = Pool::default();
        pool.keep(here(), Connection::over(TokioIo::new(client)).await.unwrap());
        drop(server);
        // The connection's own task sees it.
        tokio::task::yield_now().await;
        assert!(pool.take(&here()).is_none());
    }
}
