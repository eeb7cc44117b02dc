//! One request to a vendor's side and its answer: read, answered from the world, logged, sent.
//! What goes wrong on purpose comes before the answer or between it and the sending.

use std::sync::Arc;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Map, Value, json};

use crate::{
    FaultKind,
    body::{self, Unreadable},
    clock,
    faults::{self, Hit, Spoilt, Subject},
    log::LogEntry,
    parameters::Call,
    world::{SharedWorld, World},
};

/// What a vendor offers at one path.
pub(crate) struct Operation {
    pub(crate) vendor: Vendor,
    pub(crate) name: &'static str,
    /// No call of the vendor's: it stands in for 微信, or shows an image.
    pub(crate) page: bool,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// `Err` is a refusal, so that checks end an answer by `?`.
    pub(crate) answer: fn(&mut World, &Call) -> Result<Reply, Reply>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Weiting,
    Fensi,
}

impl Vendor {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Weiting => "weiting",
            Self::Fensi => "fensi",
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Any,
}

/// What goes back to the caller.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: StatusCode,
    content: Content,
    why: Option<String>,
}

#[derive(Debug, Clone)]
enum Content {
    Json(Value),
    Html(String),
    Png(Vec<u8>),
    Location(HeaderValue),
}

impl Reply {
    pub(crate) fn json(answer: Value) -> Self {
        Self { status: StatusCode::OK, content: Content::Json(answer), why: None }
    }

    /// A refusal by the vendor: HTTP 200 as well. `why` goes to the log alone.
    pub(crate) fn refusal(answer: Value, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::json(answer) }
    }

    pub(crate) fn html(page: String) -> Self {
        Self { status: StatusCode::OK, content: Content::Html(page), why: None }
    }

    pub(crate) fn png(image: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, content: Content::Png(image), why: None }
    }

    pub(crate) fn redirect(location: HeaderValue) -> Self {
        Self { status: StatusCode::FOUND, content: Content::Location(location), why: None }
    }

    /// What no vendor would answer: the request itself makes no sense here.
    pub(crate) fn error(status: StatusCode, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { status, content: Content::Json(json!({ "error": reason })), why: Some(reason) }
    }

    /// The answer's JSON, if it is any.
    pub(crate) fn answer(&self) -> Option<&Value> {
        match &self.content {
            Content::Json(answer) => Some(answer),
            _ => None,
        }
    }

    pub(crate) fn body(&self) -> Bytes {
        match &self.content {
            Content::Json(answer) => answer.to_string().into(),
            Content::Html(page) => page.clone().into(),
            Content::Png(image) => image.clone().into(),
            Content::Location(_) => Bytes::new(),
        }
    }

    /// What the reply says of itself, or where it leads.
    fn header(&self) -> (HeaderName, HeaderValue) {
        let content_type = match &self.content {
            Content::Location(to) => return (header::LOCATION, to.clone()),
            Content::Json(_) => "application/json; charset=utf-8",
            Content::Html(_) => "text/html; charset=utf-8",
            Content::Png(_) => "image/png",
        };
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    fn logged(&self) -> Value {
        match &self.content {
            Content::Json(answer) => answer.clone(),
            Content::Html(page) => json!({ "html_bytes": page.len() }),
            Content::Png(image) => json!({ "png_bytes": image.len() }),
            Content::Location(to) => json!({ "location": String::from_utf8_lossy(to.as_bytes()) }),
        }
    }
}

impl From<Unreadable> for Reply {
    fn from(unreadable: Unreadable) -> Self {
        Self::error(unreadable.status, unreadable.reason)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let body = self.body();
        (self.status, [self.header()], body).into_response()
    }
}

pub(crate) async fn exchange(world: Arc<SharedWorld>, operation: &'static Operation, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let call = match body::read(body).await {
        Ok(body) => Call::read(operation.vendor, &head, body).await,
        Err(unreadable) => Err(unreadable),
    };
    let Spoilt { wait, response } = {
        let mut world = world.lock();
        match call {
            Ok(call) => respond(&mut world, operation, &head, call),
            Err(unreadable) => {
                let reply = unreadable.into();
                log(&mut world, Some(operation), &head, Call::default(), &Happened::refused(&reply));
                reply.into_response().into()
            }
        }
    };
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    response
}

fn respond(world: &mut World, operation: &Operation, head: &Parts, call: Call) -> Spoilt {
    let hit = world.faults.due(&Subject::from(operation));
    if let Some(hit) = hit.as_ref().filter(|hit| hit.fault.comes_before()) {
        world.faults.happened(hit);
        log(world, Some(operation), head, call, &Happened::prevented(hit));
        return faults::without_answer(hit);
    }
    let hit = hit.filter(|hit| prepare(world, hit, &call));
    let (reply, done) = match (operation.answer)(world, &call) {
        Ok(reply) => (reply, true),
        Err(refusal) => (refusal, false),
    };
    let spoilt = hit.and_then(|hit| Some((faults::spoil(&hit, &reply)?, hit)));
    let fault = spoilt.as_ref().map(|(_, hit)| hit.fault.kind());
    log(world, Some(operation), head, call, &Happened { reply: Some(&reply), fault, done });
    match spoilt {
        None => reply.into_response().into(),
        Some((spoilt, hit)) => {
            world.faults.happened(&hit);
            spoilt
        }
    }
}

/// Does what a fault of the world itself does to it; false where it can't.
fn prepare(world: &mut World, hit: &Hit, call: &Call) -> bool {
    match hit.fault.kind() {
        FaultKind::EarlyTokenExpiry => {
            let now = world.clock.now();
            world.weiting.end_token_of(call, now)
        }
        FaultKind::QuotaOut => {
            world.weiting.use_up_fetches();
            true
        }
        _ => true,
    }
}

/// A path or a method that neither vendor has.
pub(crate) fn no_operation(world: &SharedWorld, status: StatusCode, request: Request) -> Reply {
    let (head, _) = request.into_parts();
    let reply = Reply::error(status, format!("no operation answers {} {}", head.method, head.uri.path()));
    log(&mut world.lock(), None, &head, Call::default(), &Happened::refused(&reply));
    reply
}

/// What became of a request.
struct Happened<'a> {
    /// The operation's own; none where it was not asked.
    reply: Option<&'a Reply>,
    fault: Option<FaultKind>,
    done: bool,
}

impl<'a> Happened<'a> {
    fn refused(reply: &'a Reply) -> Self {
        Self { reply: Some(reply), fault: None, done: false }
    }

    fn prevented(hit: &Hit) -> Self {
        Self { reply: None, fault: Some(hit.fault.kind()), done: false }
    }
}

fn log(world: &mut World, operation: Option<&Operation>, head: &Parts, call: Call, happened: &Happened<'_>) {
    let at = clock::rfc3339(world.clock.now());
    let parameters: Map<String, Value> = call.parameters;
    let Happened { reply, fault, done } = *happened;
    world.log.write(LogEntry {
        number: 0,
        at,
        vendor: operation.map(|operation| operation.vendor.name()),
        operation: operation.map(|operation| operation.name),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        encoding: call.encoding,
        parameters,
        status: reply.map_or(0, |reply| reply.status.as_u16()),
        answer: reply.map_or(Value::Null, Reply::logged),
        why: reply.and_then(|reply| reply.why.clone()),
        fault,
        done,
    });
}
