//! Reads a request's body whole, within a size and a time.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;

/// A longer body is refused.
const CAP: usize = 64 * 1024;
/// So much of a body that is too long is read and let go, so that its sender lives to read the refusal.
const DRAINED: usize = 1024 * 1024;
const TIME: Duration = Duration::from_secs(10);

/// A request that cannot be understood, and the HTTP status to say so with.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) status: StatusCode,
    pub(crate) reason: String,
}

impl Unreadable {
    pub(crate) fn bad(reason: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, reason: reason.into() }
    }
}

pub(crate) async fn read(body: Body) -> Result<Bytes, Unreadable> {
    match tokio::time::timeout(TIME, collect(body)).await {
        Ok(read) => read,
        Err(_) => Err(Unreadable {
            status: StatusCode::REQUEST_TIMEOUT,
            reason: format!("the body did not arrive within {} s", TIME.as_secs()),
        }),
    }
}

async fn collect(mut body: Body) -> Result<Bytes, Unreadable> {
    let mut kept = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Unreadable::bad(format!("the body broke off: {error}")))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length += data.len();
        if length <= CAP {
            kept.extend_from_slice(&data);
        }
        if length > DRAINED {
            break;
        }
    }
    if length > CAP {
        return Err(Unreadable {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            reason: format!("the body is longer than {CAP} bytes"),
        });
    }
    Ok(kept.freeze())
}
