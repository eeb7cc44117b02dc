//! A reply, spoilt by a fault.

mod gzip;
mod json;
mod scalars;
mod text;
mod unfinished;

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Version, header};

use self::unfinished::{End, Unfinished};
use super::{fault::FaultKind, state::Hit};
use crate::wire::{paced::Paced, reply::Reply, socket::Ending};

const HTML: &str = "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>系统维护中</title></head>\n\
                    <body><h1>系统维护中，请稍后再试</h1></body>\n</html>\n";

/// The response that goes out, and its delay.
pub(crate) struct Spoilt {
    pub(crate) wait: Duration,
    pub(crate) response: Response,
}

impl From<Response> for Spoilt {
    fn from(response: Response) -> Self {
        Self { wait: Duration::ZERO, response }
    }
}

/// The response where the operation was not done.
pub(crate) fn without_answer(hit: &Hit) -> Spoilt {
    match &hit.fault.kind {
        FaultKind::Delay { delay_ms } => Spoilt { wait: delay(*delay_ms), response: Ending::Close.into_response() },
        FaultKind::Status { status, retry_after_s, .. } => plain(*status, *retry_after_s).into(),
        FaultKind::GzipBomb { inflated_mib } => gzip::bomb(*inflated_mib, b"").into(),
        FaultKind::BadGzip => gzip::bad(b"").into(),
        kind => in_its_place(kind).unwrap_or_else(|| Ending::Close.into_response()).into(),
    }
}

/// The response in the place of an operation's reply; none where the fault can't be done to it.
pub(crate) fn spoil(hit: &Hit, reply: &Reply) -> Option<Spoilt> {
    let whole = || reply.clone().into_response();
    let spoilt = match &hit.fault.kind {
        FaultKind::Delay { delay_ms } => return Some(Spoilt { wait: delay(*delay_ms), response: whole() }),
        FaultKind::Status { status, retry_after_s, keep_body: Some(true) } => {
            with_retry_after(with_status(whole(), status.unwrap_or(500)), *retry_after_s)
        }
        FaultKind::Status { status, retry_after_s, .. } => plain(*status, *retry_after_s),
        FaultKind::Truncate { keep, announced } => truncated(*keep, announced.unwrap_or(true), reply)?,
        FaultKind::Drip { pause_ms } => {
            let pause = Duration::from_millis(pause_ms.unwrap_or(200));
            whole().map(|_| Body::new(Paced::drip(reply.body(), pause)))
        }
        FaultKind::GzipBomb { inflated_mib } => gzip::bomb(*inflated_mib, &reply.body()),
        FaultKind::BadGzip => gzip::bad(&reply.body()),
        FaultKind::Bom => with_body(reply, text::with_bom(&reply.body())),
        FaultKind::Gbk => with_body(reply, text::in_gbk(reply.answer()?)),
        FaultKind::EarlyTokenExpiry | FaultKind::QuotaOut => whole(),
        FaultKind::WrongType { .. }
        | FaultKind::ExtraField { .. }
        | FaultKind::MissingField { .. }
        | FaultKind::NumberAsString { .. }
        | FaultKind::StringAsNumber { .. }
        | FaultKind::DuplicateKey { .. }
        | FaultKind::DeepNesting { .. } => with_body(reply, json::spoil(hit, reply.answer()?)?.into()),
        kind => in_its_place(kind)?,
    };
    Some(spoilt.into())
}

/// A reply that nothing of the operation's is left of.
fn in_its_place(kind: &FaultKind) -> Option<Response> {
    let response = match kind {
        FaultKind::Html { status } => {
            let page = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            with_status((page, HTML).into_response(), status.unwrap_or(200))
        }
        FaultKind::Empty { status } => with_status(().into_response(), status.unwrap_or(200)),
        FaultKind::Reset => Ending::Reset.into_response(),
        FaultKind::Redirect { status, location } => {
            let location = location.as_deref().unwrap_or("http://elsewhere.invalid/");
            let location = HeaderValue::from_str(location).ok()?;
            with_status([(header::LOCATION, location)].into_response(), status.unwrap_or(302))
        }
        _ => return None,
    };
    Some(response)
}

/// A status with its name as the body.
fn plain(status: Option<u16>, retry_after_s: Option<u64>) -> Response {
    let status = status.unwrap_or(500);
    let words = StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()).unwrap_or("Error");
    with_retry_after(with_status(words.into_response(), status), retry_after_s)
}

fn with_retry_after(mut response: Response, seconds: Option<u64>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn with_status(mut response: Response, status: u16) -> Response {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn with_body(reply: &Reply, body: Bytes) -> Response {
    reply.clone().into_response().map(|_| Body::from(body))
}

fn delay(delay_ms: Option<u64>) -> Duration {
    Duration::from_millis(delay_ms.unwrap_or(5000))
}

fn truncated(keep: Option<usize>, announced: bool, reply: &Reply) -> Option<Response> {
    let body = reply.body();
    // A body can only be cut that has something to lose.
    let keep = keep.unwrap_or(body.len() / 2).min(body.len().checked_sub(1)?);
    let mut response = reply.clone().into_response();
    let end = if announced {
        response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
        End::BreakOff
    } else {
        // Only HTTP/1.0 has bodies whose end is the connection's.
        *response.version_mut() = Version::HTTP_10;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        End::AsIfWhole
    };
    Some(response.map(|_| Body::new(Unfinished::new(body.slice(..keep), end))))
}
