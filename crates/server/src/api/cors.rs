//! The pages that may ask a browser for what needs no key: those of `api.origins`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN, VARY};
use axum::middleware::Next;
use axum::response::Response;

/// Lets the page read the answer, if it is one of `origins`.
pub(super) async fn allow(State(origins): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(ORIGIN).map(HeaderValue::as_bytes);
    let origin = origins.iter().find(|known| Some(known.as_bytes()) == given);
    let origin = origin.and_then(|known| HeaderValue::from_str(known).ok());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}
