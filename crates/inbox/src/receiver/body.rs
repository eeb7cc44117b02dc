//! A push's body, read up to a cap.

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::http_server::HttpServer;
use super::refusal::Refusal;

/// Cap on a push's body, in bytes. A push is a few hundred.
const CAP: usize = 64 * 1024;

/// Reads the whole body, up to the cap.
pub(super) async fn read(body: Body) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > CAP as u64 {
        return Err(Refusal::TooLarge);
    }
    match Limited::new(body, CAP).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Refusal::TooLarge),
        Err(error) if HttpServer::timed_out(&*error) => Err(Refusal::Late),
        Err(_) => Err(Refusal::Broken),
    }
}
