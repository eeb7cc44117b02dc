//! One request to a vendor's side and its answer: read, answered from the world, logged, sent.
//! Whatever is to go wrong on purpose between reading and sending has its place here.

use std::sync::Arc;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Map, Value, json};

use crate::{
    body::{self, Unreadable},
    clock,
    log::LogEntry,
    parameters::Call,
    world::{SharedWorld, World},
};

/// What a vendor offers at one path.
pub(crate) struct Operation {
    pub(crate) vendor: &'static str,
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// `Err` is a refusal, so that checks end an answer by `?`.
    pub(crate) answer: fn(&mut World, &Call) -> Result<Reply, Reply>,
}

#[derive(Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Any,
}

/// What goes back to the caller.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content: Content,
    why: Option<String>,
}

#[derive(Debug)]
enum Content {
    Json(Value),
    Html(String),
    Png(Vec<u8>),
    Location(HeaderValue),
}

impl Reply {
    pub(crate) fn json(answer: Value) -> Self {
        Self {
            status: StatusCode::OK,
            content: Content::Json(answer),
            why: None,
        }
    }

    /// A refusal by the vendor: HTTP 200 as well. `why` goes to the log alone.
    pub(crate) fn refusal(answer: Value, why: impl Into<String>) -> Self {
        Self {
            why: Some(why.into()),
            ..Self::json(answer)
        }
    }

    pub(crate) fn html(page: String) -> Self {
        Self {
            status: StatusCode::OK,
            content: Content::Html(page),
            why: None,
        }
    }

    pub(crate) fn png(image: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            content: Content::Png(image),
            why: None,
        }
    }

    pub(crate) fn redirect(location: HeaderValue) -> Self {
        Self {
            status: StatusCode::FOUND,
            content: Content::Location(location),
            why: None,
        }
    }

    /// What no vendor would answer: the request itself makes no sense here.
    pub(crate) fn error(status: StatusCode, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self {
            status,
            content: Content::Json(json!({ "error": reason })),
            why: Some(reason),
        }
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
        let (name, value, bytes) = match self.content {
            Content::Json(answer) => (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
                answer.to_string().into_bytes(),
            ),
            Content::Html(page) => (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
                page.into_bytes(),
            ),
            Content::Png(image) => (
                header::CONTENT_TYPE,
                HeaderValue::from_static("image/png"),
                image,
            ),
            Content::Location(to) => (header::LOCATION, to, Vec::new()),
        };
        (self.status, [(name, value)], bytes).into_response()
    }
}

pub(crate) async fn exchange(
    world: Arc<SharedWorld>,
    operation: &'static Operation,
    request: Request,
) -> Reply {
    let (head, body) = request.into_parts();
    let call = match body::read(body).await {
        Ok(body) => Call::read(&head, body).await,
        Err(unreadable) => Err(unreadable),
    };
    let mut world = world.lock();
    match call {
        Ok(call) => {
            let reply = (operation.answer)(&mut world, &call).unwrap_or_else(|refusal| refusal);
            log(&mut world, Some(operation), &head, call, &reply);
            reply
        }
        Err(unreadable) => {
            let reply = unreadable.into();
            log(&mut world, Some(operation), &head, Call::default(), &reply);
            reply
        }
    }
}

/// A path or a method that neither vendor has.
pub(crate) fn no_operation(world: &SharedWorld, status: StatusCode, request: Request) -> Reply {
    let (head, _) = request.into_parts();
    let reply = Reply::error(
        status,
        format!("no operation answers {} {}", head.method, head.uri.path()),
    );
    log(&mut world.lock(), None, &head, Call::default(), &reply);
    reply
}

fn log(world: &mut World, operation: Option<&Operation>, head: &Parts, call: Call, reply: &Reply) {
    let at = clock::rfc3339(world.clock.now());
    let parameters: Map<String, Value> = call.parameters;
    world.log.write(LogEntry {
        number: 0,
        at,
        vendor: operation.map(|operation| operation.vendor),
        operation: operation.map(|operation| operation.name),
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        encoding: call.encoding,
        parameters,
        status: reply.status.as_u16(),
        answer: reply.logged(),
        why: reply.why.clone(),
    });
}
