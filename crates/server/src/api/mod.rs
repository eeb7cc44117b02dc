//! The HTTP API: what the crates do, for programs in any language. docs/api.md is its page.

mod caller;
mod check;
mod document;
mod fault;
mod fensi;
mod input;
mod older_document;
mod operation;
mod problem;
mod rate;
mod schema;
mod times;
mod weiting;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tracing::Instrument as _;
use weifen::Weifen;
use weifen::config::ApiConfig;

use crate::StartError;
use caller::Callers;
use operation::Entry;
use problem::{Kind, Problem};

pub use document::openapi;
pub use older_document::openapi_3_0;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// Every operation.
const OPERATIONS: [Entry; 7] = [
    Entry::of::<weiting::authorize_url::AuthorizeUrlRequest>(),
    Entry::of::<weiting::openid::OpenidRequest>(),
    Entry::of::<weiting::user::UserRequest>(),
    Entry::of::<weiting::mobile::MobileRequest>(),
    Entry::of::<weiting::token::TokenRequest>(),
    Entry::of::<fensi::scenes::ScenesRequest>(),
    Entry::of::<fensi::cities::CitiesRequest>(),
];

/// What the operations work with.
#[derive(Debug)]
pub(crate) struct Api {
    callers: Callers,
    clients: Weifen,
}

impl Api {
    /// Reads the callers' keys.
    pub(crate) fn new(config: &ApiConfig, clients: Weifen) -> Result<Self, StartError> {
        Ok(Self { callers: Callers::read(config)?, clients })
    }

    /// The routes.
    pub(crate) fn router(self) -> Router {
        let document = openapi().to_string();
        let mut router = Router::new()
            .route("/healthz", get(async || ([(CONTENT_TYPE, JSON)], r#"{"ok":true}"#)))
            .route("/v1/openapi.json", get(async || ([(CONTENT_TYPE, JSON)], document)));
        for entry in OPERATIONS {
            router = router.route(entry.route.path, (entry.handler)());
        }
        router
            .method_not_allowed_fallback(other_method)
            .fallback(no_route)
            .layer(from_fn(identified))
            .with_state(Arc::new(self))
    }
}

/// Gives a request its number, under which the log tells of it.
async fn identified(request: Request, next: Next) -> Response {
    let id = hex::encode(rand::random::<[u8; 16]>());
    let span = tracing::info_span!("api", request_id = id);
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

async fn other_method() -> Problem {
    let problem = Problem::new(Kind::InvalidRequest, "this path has another method: the header Allow names it");
    problem.with_status(StatusCode::METHOD_NOT_ALLOWED)
}

async fn no_route() -> Problem {
    Problem::new(Kind::NotFound, "there is nothing at this path").with_hint("GET /v1/openapi.json lists every path")
}
