//! A server that runs.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use weifen::inbox::{Dispatcher, Inbox, ServerLock};

use crate::Deliveries;
use crate::listeners::Listeners;

/// Time that the database has to be closed in.
const CLOSING: Duration = Duration::from_secs(5);

/// A server that runs on the tokio runtime on which it was started. Dropped, it ends at once, as a crash would end it:
/// what was under way is delivered again after its lease. [`drain`](Self::drain) ends it in order.
#[derive(Debug)]
#[must_use = "it ends when it is dropped"]
pub struct Running {
    pub(crate) inbox: Inbox,
    /// Tells requests that wait of the server's end.
    pub(crate) ending: watch::Sender<bool>,
    pub(crate) listeners: Listeners,
    pub(crate) deliveries: Deliveries,
    pub(crate) dispatcher: Option<Dispatcher>,
    /// Tasks that end with the server.
    pub(crate) beside: JoinSet<()>,
    /// Calls of the API, their callers gone or not.
    pub(crate) calls: Option<TaskTracker>,
    pub(crate) drain: Duration,
    /// The same for the API: at least as long as a call takes.
    pub(crate) call_drain: Duration,
    pub(crate) _lock: ServerLock,
}

impl Running {
    /// Address of pushes, `http://ADDRESS/push/SECRET`: `serve.listen`, with the port that it got. `None` where no
    /// pushes are taken.
    pub fn push_address(&self) -> Option<SocketAddr> {
        self.listeners.push_address()
    }

    /// Address of `/healthz`, `/readyz` and `/metrics`: `serve.admin_listen`, with the port that it got.
    pub fn admin_address(&self) -> SocketAddr {
        self.listeners.admin_address()
    }

    /// Address of the HTTP API: `api.listen`, with the port that it got. `None` where there is none.
    pub fn api_address(&self) -> Option<SocketAddr> {
        self.listeners.api_address()
    }

    /// Inbox that the server stores pushes in. `Weifen::builder(…).bookings(Arc::new(inbox.clone()))` books each QR
    /// code in it.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// The way in which events leave the inbox.
    pub fn deliveries(&self) -> Deliveries {
        self.deliveries
    }

    /// Returns true if a push could be stored now, within two seconds: as `/readyz` answers.
    pub async fn ready(&self) -> bool {
        self.listeners.ready().await
    }

    /// Stops: takes no more pushes, finishes what is under way within `serve.drain_s`, calls of the API
    /// within at least the time that a call may take, and closes the inbox.
    pub async fn drain(self) {
        let Self { inbox, ending, listeners, deliveries: _, dispatcher, calls, mut beside, drain, call_drain, _lock } =
            self;
        ending.send_replace(true);
        let deliveries = async {
            if let Some(dispatcher) = dispatcher {
                dispatcher.stop(drain).await;
            }
        };
        let calls = async {
            let Some(calls) = calls else { return };
            calls.close();
            if timeout(call_drain, calls.wait()).await.is_err() {
                tracing::warn!(calls = calls.len(), "calls are still running: their outcome is unknown");
            }
        };
        tokio::join!(listeners.stop(drain, call_drain), deliveries, calls, beside.shutdown());
        // A database that doesn't answer must not hold up the end: what was acknowledged is in it.
        if timeout(CLOSING, inbox.close()).await.is_err() {
            tracing::warn!("closing the database timed out");
        }
    }
}
