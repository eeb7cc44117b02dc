//! 消息推送 · POST or GET /push/{secret}: a push is stored, and then acknowledged.

use std::error::Error as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use tokio::net::TcpListener;
use weifen_fensi::Push;
use weifen_transport::{StoreError, StoreErrorKind};

use super::http_server::{HttpServer, ServerLimits};
use super::networks::Networks;
use super::refusal::Refusal;
use super::{PushSecrets, body, client};
use crate::causes::Causes;
use crate::seldom::Seldom;
use crate::unwanted::Excess;
use crate::{Intake, Packet, Receipt, UndecodableStatus};

/// Body of the acknowledgement, with HTTP 200. The vendor documents none: that it suffices is assumed.
const TAKEN: &str = r#"{"status":"ok"}"#;
/// Time between two lines of the log about the same sender that may not push.
const TURNED_AWAY_LINES_PAUSE: Duration = Duration::from_secs(60);

/// Receives pushes by HTTP: `POST /push/{secret}` or `GET`, with the fields as JSON, a form or multipart in the body,
/// or in the query, in UTF-8 or the charset that the `Content-Type` declares.
///
/// | answer | when |
/// |---|---|
/// | 200 `{"status":"ok"}` | the push is stored: to be delivered, held, a copy, dropped or in quarantine |
/// | the same | a test of the address, not stored: a `GET` without query and body, or a `HEAD` without a push |
/// | 400 | it is in quarantine, and [`undecodable_status`](Self::undecodable_status) says so; or the body broke off |
/// | 403, and the connection is closed | its sender may not push ([`allow_ips`](Self::allow_ips)) |
/// | none, and the connection is closed | the same in [`serve`](Self::serve), where no proxy is trusted |
/// | 404, and the connection is closed | the secret is wrong, or the path is another |
/// | 405 | the secret is right, but the method is none of `POST`, `GET` and `HEAD` |
/// | 408, 413, 415 | its body is too slow, larger than 64 KiB, or compressed |
/// | 429 | it would be held or quarantined, above its sender's [`quarantine_rate`](crate::Rules::quarantine_rate) |
/// | 503 | it could not be stored, or would exceed [`quarantine_bytes`](crate::Rules::quarantine_bytes) |
///
/// # Security
/// The vendor signs nothing: whoever knows the address can push. Keep it out of logs, a proxy's too, and have pushes
/// sent by https.
#[derive(Debug, Clone)]
#[must_use]
pub struct Receiver {
    intake: Intake,
    secrets: PushSecrets,
    undecodable: UndecodableStatus,
    allowed: Networks,
    proxies: Networks,
    turned_away_lines: Arc<Seldom<Option<IpAddr>>>,
}

/// The error of a task that panicked. The panic's message is left out: it may hold personal data.
#[derive(Debug, thiserror::Error)]
#[error("the task of the push ended without a result")]
struct Ended;

impl Receiver {
    /// Makes a receiver of pushes from anywhere whose address holds one of the secrets.
    pub fn new(intake: Intake, secrets: PushSecrets) -> Self {
        Self {
            intake,
            secrets,
            undecodable: UndecodableStatus::default(),
            allowed: Networks::default(),
            proxies: Networks::default(),
            turned_away_lines: Arc::new(Seldom::new(TURNED_AWAY_LINES_PAUSE)),
        }
    }

    /// Sets the status for a request that is no push of ours or can't be understood; default 200.
    pub fn undecodable_status(mut self, status: UndecodableStatus) -> Self {
        self.undecodable = status;
        self
    }

    /// Sets the networks that pushes may come from; from anywhere if empty.
    pub fn allow_ips(mut self, networks: Vec<IpNet>) -> Self {
        self.allowed = networks.into_iter().collect();
        self
    }

    /// Sets the proxies whose `X-Forwarded-For` or `Forwarded` is trusted, read from the end. The header tells the
    /// sender for [`allow_ips`](Self::allow_ips) and [`Rules::quarantine_rate`](crate::Rules::quarantine_rate) alone.
    ///
    /// The sender is unknown where such a proxy sends no header, one that can't be read, or both and they disagree.
    /// With a list of allowed networks such a request is refused.
    pub fn trusted_proxies(mut self, networks: Vec<IpNet>) -> Self {
        self.proxies = networks.into_iter().collect();
        self
    }

    /// Serves pushes on `listener`. Where no proxy is trusted, [`allow_ips`](Self::allow_ips) is checked at accept:
    /// another peer's connection is closed at once, and counted. A trusted proxy may have any number of connections.
    pub fn serve(self, listener: TcpListener, mut limits: ServerLimits) -> HttpServer {
        let peers = if self.proxies.is_empty() { self.allowed.clone() } else { Networks::default() };
        limits.uncapped.extend(self.proxies.iter());
        HttpServer::open(listener, self.router(), limits, peers)
    }

    /// The routes, for a server other than [`serve`](Self::serve)'s. It must give requests their peer's
    /// `ConnectInfo<SocketAddr>`, or an allow-list lets nobody in, and set its own timeouts.
    pub fn router(self) -> Router {
        // One handler for every path: a wrong path gets the same answer as a wrong secret.
        Router::new().fallback(take).with_state(Arc::new(self))
    }

    /// Checks that a request is a push to this address.
    fn admit(&self, head: &Parts) -> Result<(), Refusal> {
        if !self.may_push(head) {
            return Err(Refusal::NotAllowed);
        }
        if !secret_of(head).is_some_and(|secret| self.secrets.admit(secret)) {
            return Err(Refusal::NotFound);
        }
        if ![Method::POST, Method::GET, Method::HEAD].contains(&head.method) {
            return Err(Refusal::OtherMethod);
        }
        if HttpServer::compressed(&head.headers) {
            return Err(Refusal::Compressed);
        }
        Ok(())
    }

    fn may_push(&self, head: &Parts) -> bool {
        if self.allowed.is_empty() {
            return true;
        }
        let (peer, sender) = (peer(head), self.sender(head));
        let may = sender.is_some_and(|sender| self.allowed.contain(sender));
        if !may && self.turned_away_lines.is_due(sender.or(peer)) {
            match (sender, peer) {
                (Some(sender), _) => tracing::warn!(
                    %sender,
                    "refused a request: the sender is not in serve.allow_ips. Add the sender there if it is an \
                     address of the platform"
                ),
                (None, Some(proxy)) => tracing::warn!(
                    %proxy,
                    "refused a request: the trusted proxy did not name the sender in X-Forwarded-For or Forwarded"
                ),
                (None, None) => tracing::warn!("refused a request: the server does not know the sender's address"),
            }
        }
        may
    }

    /// Returns the address of a request's sender, if known.
    fn sender(&self, head: &Parts) -> Option<IpAddr> {
        client::address(peer(head)?, &head.headers, &self.proxies)
    }

    /// Takes in a push; `None` where the request only tests the address.
    async fn receive(&self, head: &Parts, body: Body) -> Result<Option<Receipt>, Refusal> {
        let (body, query) = (body::read(body).await?, head.uri.query().unwrap_or_default());
        let is_test = match head.method {
            Method::HEAD => Push::from_form(query).is_err(),
            Method::GET => body.is_empty() && query.is_empty(),
            _ => false,
        };
        if is_test {
            tracing::debug!("the push address was tested; nothing was stored");
            return Ok(None);
        }
        let query = Bytes::copy_from_slice(query.as_bytes());
        let mut packet = Packet::new(self.secrets.redacted(body)).query(self.secrets.redacted(query));
        if let Some(content_type) = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes) {
            let content_type = self.secrets.redacted(Bytes::copy_from_slice(content_type));
            packet = packet.content_type(String::from_utf8_lossy(&content_type));
        }
        if let Some(sender) = self.sender(head) {
            packet = packet.sender(sender);
        }
        let intake = self.intake.clone();
        // As a task of its own it runs to its end, even if a server drops the request of a client that is gone.
        let receiving = tokio::spawn(async move { intake.receive(packet).await });
        let ended = |_| Err(StoreError::new(self.intake.inbox().database(), StoreErrorKind::Unavailable, Ended));
        let received = receiving.await.unwrap_or_else(ended);
        received.map(Some).map_err(|error| match error.source().and_then(|source| source.downcast_ref()) {
            // The inbox has logged it, as seldom as is right.
            Some(Excess::Rate) => Refusal::TooMany,
            Some(Excess::Bytes) => Refusal::NotStored,
            None => {
                tracing::error!(error = %Causes(&error), "a push was not stored and not acknowledged");
                Refusal::NotStored
            }
        })
    }

    /// Counts a refusal, and logs it if the secret was right: the vendor tells nobody else of it.
    fn tell(&self, refusal: Refusal) {
        self.intake.inbox().counters().has_refused(refusal.status().as_u16());
        if !refusal.is_of_a_stranger() && !matches!(refusal, Refusal::TooMany | Refusal::NotStored) {
            tracing::warn!(status = refusal.status().as_u16(), "refused a request with a valid push secret");
        }
    }

    fn acknowledge(&self, receipt: Option<Receipt>) -> Response {
        if receipt == Some(Receipt::Quarantined) && self.undecodable == UndecodableStatus::BadRequest {
            return StatusCode::BAD_REQUEST.into_response();
        }
        ([(CONTENT_TYPE, "application/json")], TAKEN).into_response()
    }
}

async fn take(State(receiver): State<Arc<Receiver>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let outcome = match receiver.admit(&head) {
        Ok(()) => receiver.receive(&head, body).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(receipt) => receiver.acknowledge(receipt),
        Err(refusal) => {
            receiver.tell(refusal);
            refusal.into_response()
        }
    }
}

fn peer(head: &Parts) -> Option<IpAddr> {
    head.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip())
}

fn secret_of(head: &Parts) -> Option<&str> {
    head.uri.path().strip_prefix("/push/")
}
