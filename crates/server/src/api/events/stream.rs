//! GET /v1/events/stream: Server-Sent Events

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::sleep;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use weifen::config::Scope;

use super::feed::Gap;
use crate::EventRow;
use crate::api::Api;
use crate::api::operation::{Answer, Header, Method, Operation, Route};
use crate::api::problem::{Kind, Problem};

/// Longest time in which nothing is sent: proxies cut a connection that is idle for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Time after which a client that found no place may try again.
const AGAIN: Duration = Duration::from_secs(30);
/// The begin of each stream. A client that comes again sends the id along.
const FIRST: &str = ": changes from now on; a stream cannot be resumed\nretry: 2000\nid: 0\n\n";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct StreamRequest {
    #[serde(skip)]
    #[schema(ignore)]
    was_connected: bool,
}

/// A stream of changes, and its place among the requests that wait.
pub(in crate::api) struct EventStream {
    /// What is sent before any change, the last first.
    first: Vec<Bytes>,
    changes: broadcast::Receiver<Bytes>,
    ending: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Operation for StreamRequest {
    type Answer = EventStream;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/events/stream",
        id: "streamEvents",
        summary: "Changes of events as they happen, as Server-Sent Events",
        scope: Some(Scope::InboxRead),
        problems: &[StatusCode::SERVICE_UNAVAILABLE],
    };

    const HEADER: Option<Header> = Some(Header {
        name: "Last-Event-ID",
        description: "The id of the last event that came, as browsers send it when they connect again: the stream begins \
            with a `gap` then. Its value makes no difference.",
    });

    fn heed(&mut self) {
        self.was_connected = true;
    }

    async fn answer(self, api: Arc<Api>) -> Result<EventStream, Problem> {
        let place = api.waiters.clone().try_acquire_owned().map_err(|_| {
            let detail = "the number of waiting and streaming requests has reached api.max_waiters";
            Problem::new(Kind::RateLimited, detail).retryable_after(AGAIN)
        })?;
        let changes = api.feed.subscribe(&api.inbox).await?;
        let gap = self.was_connected.then(|| Gap::Reconnected.frame());
        let first = gap.into_iter().chain([Bytes::from_static(FIRST.as_bytes())]).collect();
        Ok(EventStream { first, changes, ending: api.ending.clone(), _place: place })
    }
}

impl EventStream {
    /// Returns what is to be sent next; `None` where the server ends. It is asked for once the client has read enough.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if let Some(first) = self.first.pop() {
            return Some((Ok(first), self));
        }
        let frame = tokio::select! {
            biased;
            // An error says that the server has ended.
            _ = self.ending.wait_for(|is_ending| *is_ending) => return None,
            change = self.changes.recv() => match change {
                Ok(change) => change,
                Err(RecvError::Lagged(_)) => Gap::TooSlow.frame(),
                Err(RecvError::Closed) => return None,
            },
            () = sleep(HEARTBEAT) => Bytes::from_static(b":\n\n"),
        };
        Some((Ok(frame), self))
    }
}

impl Answer for EventStream {
    const MEDIA: &'static str = "text/event-stream";

    /// A stream has no end that could be kept.
    fn json(&self) -> Result<String, Problem> {
        Err(Problem::internal())
    }

    fn into_response(self) -> Result<Response, Problem> {
        // nginx would collect the answer first, and what compresses it, too.
        let headers = [
            (CONTENT_TYPE.as_str(), Self::MEDIA),
            (CACHE_CONTROL.as_str(), "no-store, no-transform"),
            ("x-accel-buffering", "no"),
        ];
        Ok((headers, Body::from_stream(unfold(self, Self::next))).into_response())
    }
}

impl PartialSchema for EventStream {
    fn schema() -> RefOr<Schema> {
        let description = "Events `received`, `held`, `delivered` and `dead`; their data is the Event at that time. \
            Other events may be added. A comment is sent every 15 s if nothing else is sent. A stream cannot be \
            resumed: `gap` (with `reason`) says that changes may be missing; list the events then. `gap` comes first \
            if the request has a Last-Event-ID.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(description)).into()
    }
}

impl ToSchema for EventStream {
    fn name() -> Cow<'static, str> {
        "EventStream".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((EventRow::name().into_owned(), EventRow::schema()));
        EventRow::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    /// Of a client that does not read, nothing but the newest changes is kept.
    #[tokio::test]
    async fn a_stream_that_was_too_slow_tells_of_a_gap_and_goes_on() {
        let (sender, changes) = broadcast::channel(2);
        let (_running, ending) = watch::channel(false);
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let mut stream = EventStream { first: Vec::new(), changes, ending, _place: place };
        for change in ["lost", "kept", "newest"] {
            sender.send(Bytes::from_static(change.as_bytes())).unwrap();
        }
        for told in [&Gap::TooSlow.frame()[..], b"kept", b"newest"] {
            let (next, rest) = stream.next().await.unwrap();
            assert_eq!(next.unwrap(), told);
            stream = rest;
        }
    }
}
