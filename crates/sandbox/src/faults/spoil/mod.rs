//! What a fault makes of a reply.

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
use super::{
    fault::{Fault, FaultKind},
    state::Hit,
};
use crate::wire::{paced::Paced, reply::Reply, socket::Ending};

const HTML: &str = "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>系统维护中</title></head>\n\
                    <body><h1>系统维护中，请稍后再试</h1></body>\n</html>\n";

/// What goes out, and how much later.
pub(crate) struct Spoilt {
    pub(crate) wait: Duration,
    pub(crate) response: Response,
}

impl From<Response> for Spoilt {
    fn from(response: Response) -> Self {
        Self { wait: Duration::ZERO, response }
    }
}

/// What goes out where the operation was not done.
pub(crate) fn without_answer(hit: &Hit) -> Spoilt {
    let fault = &hit.fault;
    match fault.kind {
        FaultKind::Delay => Spoilt { wait: delay(fault), response: Ending::Close.into_response() },
        FaultKind::Status => plain(fault).into(),
        FaultKind::GzipBomb => gzip::bomb(fault.inflated_mib, b"").into(),
        FaultKind::BadGzip => gzip::bad(b"").into(),
        _ => in_its_place(fault).unwrap_or_else(|| Ending::Close.into_response()).into(),
    }
}

/// What goes out in the place of an operation's reply; none where the fault can't be done to it.
pub(crate) fn spoil(hit: &Hit, reply: &Reply) -> Option<Spoilt> {
    let fault = &hit.fault;
    let whole = || reply.clone().into_response();
    let spoilt = match fault.kind {
        FaultKind::Delay => return Some(Spoilt { wait: delay(fault), response: whole() }),
        FaultKind::Status if fault.keep_body == Some(true) => status(fault, whole()),
        FaultKind::Status => plain(fault),
        FaultKind::Truncate => truncated(fault, reply)?,
        FaultKind::Drip => {
            let pause = Duration::from_millis(fault.pause_ms.unwrap_or(200));
            whole().map(|_| Body::new(Paced::drip(reply.body(), pause)))
        }
        FaultKind::GzipBomb => gzip::bomb(fault.inflated_mib, &reply.body()),
        FaultKind::BadGzip => gzip::bad(&reply.body()),
        FaultKind::Bom => with_body(reply, text::with_bom(&reply.body())),
        FaultKind::Gbk => with_body(reply, text::in_gbk(reply.answer()?)),
        FaultKind::EarlyTokenExpiry | FaultKind::QuotaOut => whole(),
        FaultKind::WrongType
        | FaultKind::ExtraField
        | FaultKind::MissingField
        | FaultKind::NumberAsString
        | FaultKind::StringAsNumber
        | FaultKind::DuplicateKey
        | FaultKind::DeepNesting => with_body(reply, json::spoil(hit, reply.answer()?)?.into()),
        FaultKind::Html
        | FaultKind::Empty
        | FaultKind::Reset
        | FaultKind::Redirect
        | FaultKind::SlowPush
        | FaultKind::LostPush => in_its_place(fault)?,
    };
    Some(spoilt.into())
}

/// A reply that nothing of the operation's is left of.
fn in_its_place(fault: &Fault) -> Option<Response> {
    let response = match fault.kind {
        FaultKind::Html => {
            let page = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], HTML).into_response();
            with_status(page, fault.status.or(Some(200)))
        }
        FaultKind::Empty => with_status(().into_response(), fault.status.or(Some(200))),
        FaultKind::Reset => Ending::Reset.into_response(),
        FaultKind::Redirect => {
            let location = fault.location.as_deref().unwrap_or("http://elsewhere.invalid/");
            let location = HeaderValue::from_str(location).ok()?;
            with_status([(header::LOCATION, location)].into_response(), fault.status.or(Some(302)))
        }
        _ => return None,
    };
    Some(response)
}

fn plain(fault: &Fault) -> Response {
    let code = StatusCode::from_u16(fault.status.unwrap_or(500));
    let words = code.ok().and_then(|code| code.canonical_reason()).unwrap_or("Error");
    status(fault, words.into_response())
}

/// The fault's status, and how long to leave the vendor alone, over `response`.
fn status(fault: &Fault, response: Response) -> Response {
    let mut response = with_status(response, fault.status);
    if let Some(seconds) = fault.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn with_status(mut response: Response, status: Option<u16>) -> Response {
    let status = StatusCode::from_u16(status.unwrap_or(500));
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn with_body(reply: &Reply, body: Bytes) -> Response {
    reply.clone().into_response().map(|_| Body::from(body))
}

fn delay(fault: &Fault) -> Duration {
    Duration::from_millis(fault.delay_ms.unwrap_or(5000))
}

fn truncated(fault: &Fault, reply: &Reply) -> Option<Response> {
    let body = reply.body();
    // A body can only be cut that has something to lose.
    let keep = fault.keep.unwrap_or(body.len() / 2).min(body.len().checked_sub(1)?);
    let mut response = reply.clone().into_response();
    let end = if fault.announced.unwrap_or(true) {
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
