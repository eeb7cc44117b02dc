//! The HTTP API: what the crates do, for programs in any language. docs/api.md is its page.

mod bookings;
mod caller;
mod calls;
mod check;
mod cors;
mod deliveries;
mod document;
mod events;
mod fault;
mod fence;
mod fensi;
mod format;
mod idempotency;
mod input;
mod json;
mod older_document;
mod operation;
mod page;
mod problem;
mod quarantine;
mod rate;
mod schema;
pub(crate) mod times;
mod weiting;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;
use weifen::inbox::{Inbox, Intake, Pull};
use weifen::journal::Journal;
use weifen::{Config, Weifen};

use crate::metrics::{Counted, Metrics};
use crate::{Deliveries, StartError};
use caller::{Asker, Callers};
use events::feed::Feed;
use operation::Entry;
use problem::{Kind, Problem};

pub(crate) use fence::Fenced;
pub(crate) use idempotency::times;

pub use document::openapi;
pub use older_document::openapi_3_0;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Number of connections for callers that don't wait.
pub(crate) const CALLERS: usize = 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Every operation.
const OPERATIONS: [Entry; 27] = [
    Entry::of::<weiting::authorize_url::AuthorizeUrlRequest>(),
    Entry::of::<weiting::openid::OpenidRequest>(),
    Entry::of::<weiting::user::UserRequest>(),
    Entry::of::<weiting::prize_notice::PrizeNoticeRequest>(),
    Entry::of::<weiting::login_report::LoginReportRequest>(),
    Entry::of::<weiting::order_report::OrderReportRequest>(),
    Entry::of::<weiting::mobile::MobileRequest>(),
    Entry::of::<weiting::token::TokenRequest>(),
    Entry::of::<fensi::qrcode::QrcodeRequest>(),
    Entry::of::<fensi::scenes::ScenesRequest>(),
    Entry::of::<fensi::cities::CitiesRequest>(),
    Entry::of::<bookings::book::BookRequest>(),
    Entry::of::<bookings::list::BookingsRequest>(),
    Entry::of::<bookings::show::BookingRequest>(),
    Entry::of::<bookings::status::BookingStatusRequest>(),
    Entry::of::<deliveries::claim::ClaimRequest>(),
    Entry::of::<deliveries::ack::AckRequest>(),
    Entry::of::<events::list::EventsRequest>(),
    Entry::of::<events::stream::StreamRequest>(),
    Entry::of::<events::show::EventRequest>(),
    Entry::of::<events::release::ReleaseRequest>(),
    Entry::of::<events::redrive::RedriveRequest>(),
    Entry::of::<events::redrive_matching::RedriveMatchingRequest>(),
    Entry::of::<quarantine::list::QuarantineRequest>(),
    Entry::of::<quarantine::readmit::ReadmitRequest>(),
    Entry::of::<calls::show::CallRequest>(),
    Entry::of::<calls::list::CallsRequest>(),
];

/// What the operations work with.
#[derive(Debug)]
pub(crate) struct Api {
    callers: Callers,
    clients: Weifen,
    config: Config,
    inbox: Inbox,
    /// What pushes are taken in by; `None` where the server takes none.
    intake: Option<Intake>,
    pull: Pull,
    /// The way in which events leave the inbox, in words, where it is not by claims.
    other_way: Option<&'static str>,
    journal: Journal,
    /// What is under way, whether its caller still listens or not.
    tasks: TaskTracker,
    metrics: Arc<Metrics>,
    /// The requests that may wait or stream at once.
    waiters: Arc<Semaphore>,
    feed: Arc<Feed>,
    ending: watch::Receiver<bool>,
}

impl Api {
    /// Reads the callers' keys. `ending` tells when the server ends: nothing waits any longer then.
    pub(crate) fn new(
        config: &Config,
        Counted { clients, metrics }: Counted,
        inbox: Inbox,
        intake: Option<Intake>,
        deliveries: Deliveries,
        journal: Journal,
        ending: watch::Receiver<bool>,
    ) -> Result<Self, StartError> {
        let callers = Callers::read(&config.api)?;
        let pull = crate::deliveries::pull(config, &inbox)?;
        let other_way = match deliveries {
            Deliveries::Claimed | Deliveries::Kept => None,
            Deliveries::Posted => Some("this server posts its deliveries to serve.deliver_url"),
            Deliveries::Handled => Some("this server hands its deliveries to a handler of its own"),
        };
        let waiters = Arc::new(Semaphore::new(config.api.max_waiters));
        let feed = Arc::default();
        let tasks = TaskTracker::new();
        let config = config.clone();
        Ok(Self {
            callers,
            clients,
            config,
            inbox,
            intake,
            pull,
            other_way,
            journal,
            tasks,
            metrics,
            waiters,
            feed,
            ending,
        })
    }

    /// The journal of calls.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What is under way.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// Returns a function that reads the metrics of calls, token and API.
    pub(crate) fn figures(&self) -> impl Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync + use<> {
        let (metrics, clients) = (self.metrics.clone(), self.clients.clone());
        move || {
            let (metrics, clients) = (metrics.clone(), clients.clone());
            Box::pin(async move { metrics.text(&clients).await })
        }
    }

    /// Waits until the server ends.
    async fn is_ending(&self) {
        // An error says that it has ended.
        let _ = self.ending.clone().wait_for(|is_ending| *is_ending).await;
    }

    /// The routes, for a server of so many connections: of them requests that wait leave some to others.
    pub(crate) fn router(self, connections: usize) -> Router {
        let most = connections.saturating_sub(CALLERS).max(connections / 2);
        self.waiters.forget_permits(self.config.api.max_waiters.saturating_sub(most));
        let origins: Arc<[String]> = self.config.api.origins.clone().into();
        let document = openapi().to_string();
        let api = Arc::new(self);
        let mut router = Router::new()
            .route("/healthz", get(async || ([(CONTENT_TYPE, JSON)], r#"{"ok":true}"#)))
            .route("/v1/openapi.json", get(async || ([(CONTENT_TYPE, JSON)], document)));
        for entry in OPERATIONS {
            let mut handler = entry.handler();
            if entry.route.scope.is_none() {
                handler = handler.options(async || StatusCode::NO_CONTENT);
                handler = handler.layer(from_fn_with_state(origins.clone(), cors::allow));
            }
            router = router.route(entry.route.path, handler);
        }
        router
            .method_not_allowed_fallback(other_method)
            .fallback(no_route)
            .layer(from_fn_with_state(api.clone(), identified))
            .with_state(api)
    }
}

/// Gives a request its number, under which the log tells of it, and counts its answer.
async fn identified(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    let id = hex::encode(rand::random::<[u8; 16]>());
    let span = tracing::info_span!("api", request_id = id);
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
    api.metrics.has_answered(asker.name(), status);
    // The path of its operation, without what the request put in.
    let path = path.as_ref().map(MatchedPath::as_str);
    span.in_scope(|| tracing::debug!(caller = asker.name(), path, status, ms, "the API has answered"));
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

async fn other_method() -> Problem {
    let problem = Problem::new(
        Kind::InvalidRequest,
        "this path does not support this method; the header Allow lists the supported ones",
    );
    problem.with_status(StatusCode::METHOD_NOT_ALLOWED)
}

async fn no_route() -> Problem {
    Problem::new(Kind::NotFound, "no operation has this path").with_hint("GET /v1/openapi.json lists every path")
}
