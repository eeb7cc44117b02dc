//! The pages that may ask a browser for what needs no key: those of `api.origins`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

/// Lets the page read the answer, if it is one of `origins`. Its browser asks with OPTIONS first where the page sends a
/// header of its own.
pub(super) async fn allow(State(origins): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(ORIGIN).map(HeaderValue::as_bytes);
    let origin = origins.iter().find(|known| Some(known.as_bytes()) == given);
    let origin = origin.and_then(|known| HeaderValue::from_str(known).ok());
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if is_preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
        }
    }
    response
}
