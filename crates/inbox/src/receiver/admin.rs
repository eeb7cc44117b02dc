//! Health and metrics for operators: the process lives, a push could be stored now, and the counters.

use std::fmt;
use std::future::ready;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::Inbox;
use crate::causes::Causes;

/// The header of `/healthz` that holds the address for pushes. It tells a server of weifen from any other.
pub const LISTEN_HEADER: &str = "weifen-listen";

/// Timeout of `/readyz`.
const PATIENCE: Duration = Duration::from_secs(2);

type Figures = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// Health and metrics of an inbox.
///
/// `GET /healthz` answers 200 while the process lives, with the address for pushes ([`listen`](Self::listen)) in
/// [`LISTEN_HEADER`]. `GET /readyz` answers 200 if a push could be stored now, else 503, within two seconds.
/// `GET /metrics` answers with the inbox's metrics for Prometheus, and then those of [`figures`](Self::figures).
///
/// For operators alone: it has no secret. Put it on an address that strangers can't reach.
#[derive(Clone)]
#[must_use]
pub struct Admin {
    inbox: Inbox,
    listen: Option<SocketAddr>,
    figures: Vec<Figures>,
    /// Held by the one probe under way: concurrent requests must not add theirs to a database in trouble.
    probing: Arc<Mutex<()>>,
}

impl Admin {
    /// Reports on `inbox`. Without [`listen`](Self::listen) it names no address for pushes.
    pub fn new(inbox: Inbox) -> Self {
        Self { inbox, listen: None, figures: Vec::new(), probing: Arc::default() }
    }

    /// Sets the address for pushes that `GET /healthz` reports; default none.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = Some(address);
        self
    }

    /// Adds metrics of the program around the inbox: lines in the text format of Prometheus.
    pub fn figures(self, text: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.read_figures(move || ready(text()))
    }

    /// The same for metrics that have to be read from somewhere. They are waited for.
    pub fn read_figures<F>(mut self, read: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = String> + Send + 'static,
    {
        self.figures.push(Arc::new(move || Box::pin(read())));
        self
    }

    /// The routes, for an [`HttpServer`](crate::HttpServer) or any other.
    pub fn router(&self) -> Router {
        let alive = (self.listen.map(|address| [(LISTEN_HEADER, address.to_string())]), "ok");
        Router::new()
            .route("/healthz", get(move || async move { alive }))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .with_state(self.clone())
    }

    /// Returns true if a push could be stored now, within two seconds. It checks by a write.
    pub async fn is_ready(&self) -> bool {
        timeout(PATIENCE, self.can_store()).await.unwrap_or(false)
    }

    async fn can_store(&self) -> bool {
        let probing = self.probing.clone().lock_owned().await;
        let inbox = self.inbox.clone();
        // As a task of its own it runs to its end: a timeout must not leave a transaction open.
        let probe = tokio::spawn(async move {
            let probed = inbox.probe().await;
            drop(probing);
            probed.inspect_err(|error| tracing::warn!(error = %Causes(error), "the inbox is not ready"))
        });
        matches!(probe.await, Ok(Ok(())))
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("inbox", &self.inbox).field("listen", &self.listen).finish_non_exhaustive()
    }
}

async fn readyz(State(admin): State<Admin>) -> Response {
    if admin.is_ready().await {
        "ok".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "pushes can't be stored").into_response()
    }
}

async fn metrics(State(admin): State<Admin>) -> Response {
    match admin.inbox.metrics().await {
        Ok(text) => {
            let more = join_all(admin.figures.iter().map(|figures| figures())).await.concat();
            ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text + &more).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "cannot write the metrics");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
