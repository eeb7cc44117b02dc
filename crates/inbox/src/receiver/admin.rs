//! What an operator's machines ask: whether the process lives, whether a push could be stored now, and the metrics.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::Inbox;
use crate::causes::Causes;

/// The header of `/healthz` that tells where pushes arrive. By it a server of weifen can be told from any other.
pub const LISTEN_HEADER: &str = "weifen-listen";

/// How long whoever asks is kept waiting.
const PATIENCE: Duration = Duration::from_secs(2);

struct Admin {
    inbox: Inbox,
    more_metrics: fn() -> String,
    /// Held by the one probe that is under way: those who ask meanwhile don't add their own to a database in trouble.
    probing: Arc<Mutex<()>>,
}

/// `GET /healthz`: 200 while the process lives, and in [`LISTEN_HEADER`] where pushes arrive, `listen`. `GET /readyz`: 200
/// if a push could be stored now, else 503, within two seconds. `GET /metrics`: what the inbox counts, for Prometheus, and
/// after it `more_metrics`, lines in the same text format of what the program around it counts.
///
/// It is for an operator's machines alone: it has no secret, and belongs on an address that strangers don't reach.
pub fn admin(inbox: Inbox, listen: SocketAddr, more_metrics: fn() -> String) -> Router {
    let alive = ([(LISTEN_HEADER, listen.to_string())], "ok");
    let admin = Arc::new(Admin { inbox, more_metrics, probing: Arc::default() });
    Router::new()
        .route("/healthz", get(move || async move { alive }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

async fn readyz(State(admin): State<Arc<Admin>>) -> Response {
    match timeout(PATIENCE, admin.can_store()).await {
        Ok(true) => "ok".into_response(),
        Ok(false) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "pushes can't be stored").into_response(),
    }
}

async fn metrics(State(admin): State<Arc<Admin>>) -> Response {
    match admin.inbox.metrics().await {
        Ok(text) => ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text + &(admin.more_metrics)()).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Admin {
    async fn can_store(&self) -> bool {
        let probing = self.probing.clone().lock_owned().await;
        let inbox = self.inbox.clone();
        // On its own it comes to its end: a transaction must not be left where its asker lost patience.
        let probe = tokio::spawn(async move {
            let probed = inbox.probe().await;
            drop(probing);
            probed.inspect_err(|error| tracing::warn!(error = %Causes(error), "the inbox is not ready"))
        });
        matches!(probe.await, Ok(Ok(())))
    }
}
