//! One request to a vendor's side and its answer: read, answered from the world, logged, sent.
//! A fault comes before the answer or between it and the sending.

use std::sync::Arc;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};
use serde_json::{Map, Value};

use crate::{
    clock,
    faults::{
        fault::FaultKind,
        spoil::{self, Spoilt},
        state::Hit,
    },
    log::LogEntry,
    operation::Operation,
    wire::{body, parameters::Call, reply::Reply},
    world::{SharedWorld, World},
};

pub(crate) async fn exchange(world: Arc<SharedWorld>, operation: &'static Operation, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let call = match body::read(body).await {
        Ok(body) => Call::read(operation.subject.vendor, &head, body).await,
        Err(unreadable) => Err(unreadable),
    };
    let Spoilt { wait, response } = {
        let mut world = world.lock();
        match call {
            Ok(call) => respond(&mut world, operation, &head, call),
            Err(unreadable) => {
                let reply = unreadable.into();
                log(&mut world, Some(operation), &head, Call::default(), Happened::refused(&reply));
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
    let hit = world.faults.due(&operation.subject);
    if let Some(hit) = hit.as_ref().filter(|hit| hit.fault.before) {
        world.faults.happened(hit);
        log(world, Some(operation), head, call, Happened::prevented(hit));
        return spoil::without_answer(hit);
    }
    let hit = hit.filter(|hit| prepare(world, hit, &call));
    let (reply, done) = match (operation.answer)(world, &call) {
        Ok(reply) => (reply, true),
        Err(refusal) => (refusal, false),
    };
    let spoilt = hit.and_then(|hit| Some((spoil::spoil(&hit, &reply)?, hit)));
    let fault = spoilt.as_ref().map(|(_, hit)| hit.fault.kind.name());
    log(world, Some(operation), head, call, Happened { reply: Some(&reply), fault, done });
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
    match hit.fault.kind {
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
    log(&mut world.lock(), None, &head, Call::default(), Happened::refused(&reply));
    reply
}

/// The outcome of a request.
struct Happened<'a> {
    /// The operation's own; none where it was not asked.
    reply: Option<&'a Reply>,
    fault: Option<String>,
    done: bool,
}

impl<'a> Happened<'a> {
    fn refused(reply: &'a Reply) -> Self {
        Self { reply: Some(reply), fault: None, done: false }
    }

    fn prevented(hit: &Hit) -> Self {
        Self { reply: None, fault: Some(hit.fault.kind.name()), done: false }
    }
}

fn log(world: &mut World, operation: Option<&Operation>, head: &Parts, call: Call, happened: Happened<'_>) {
    let at = clock::rfc3339(world.clock.now());
    let parameters: Map<String, Value> = call.parameters;
    let Happened { reply, fault, done } = happened;
    world.log.write(LogEntry {
        number: 0,
        at,
        vendor: operation.map(|operation| operation.subject.vendor.name()),
        operation: operation.map(|operation| operation.subject.name),
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
