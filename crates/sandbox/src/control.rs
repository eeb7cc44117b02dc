//! `/_sandbox/`: looks into a sandbox and moves it, for programs of this machine.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Query, Request, State, rejection::QueryRejection},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;

use crate::{
    checked_faults, clock,
    error::ControlError,
    faults::list,
    fensi::{follow::Follow, outbox::ReleaseOrder, outgoing::PushReport, push},
    log::LogEntry,
    server::Peer,
    wire::{
        body::{self, Unreadable},
        reply::Reply,
    },
    world::SharedWorld,
};

type World = State<Arc<SharedWorld>>;

pub(crate) fn router(world: Arc<SharedWorld>) -> Router<Arc<SharedWorld>> {
    Router::new()
        .route("/state", get(state))
        .route("/log", get(log))
        .route("/reset", post(reset))
        .route("/clock", post(advance))
        .route("/push_url", post(set_push_url))
        .route("/follow", post(follow))
        .route("/release", post(release))
        .route("/faults", post(set_faults))
        .layer(from_fn_with_state(world, admit))
}

/// Refuses other machines, unless the sandbox was told to let them in: whoever gets in reads all that was sent, and
/// moves the clock and the push URL.
async fn admit(State(world): World, request: Request, next: Next) -> Response {
    let is_here = request.extensions().get().is_some_and(Peer::is_on_this_machine);
    if is_here || world.lock().options.control_anywhere {
        return next.run(request).await;
    }
    let words = "the control actions are only for this machine: connect to a loopback address, or start the sandbox \
                 with control_anywhere (`weifen sandbox --control-anywhere`)";
    Failure(StatusCode::FORBIDDEN, words.to_owned()).into_response()
}

/// The HTTP status and the reason of a control request that failed.
struct Failure(StatusCode, String);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Reply::error(self.0, self.1).into_response()
    }
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        Self(unreadable.status, unreadable.reason)
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        let status = match &error {
            ControlError::BadRequest(_)
            | ControlError::Fault { .. }
            | ControlError::ClockTooFar
            | ControlError::PushUrl(_)
            | ControlError::Times(_)
            | ControlError::TooLong { .. } => StatusCode::BAD_REQUEST,
            ControlError::UnknownAccount(_) => StatusCode::NOT_FOUND,
            ControlError::NeverOffered(_) | ControlError::NoBudget(_) => StatusCode::CONFLICT,
            ControlError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self(status, error.to_string())
    }
}

async fn state(State(world): World) -> Json<Value> {
    Json(world.lock().state())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slice {
    #[serde(default)]
    after: u64,
    #[serde(default = "all")]
    most: usize,
}

fn all() -> usize {
    usize::MAX
}

async fn log(State(world): World, slice: Result<Query<Slice>, QueryRejection>) -> Result<Json<Vec<LogEntry>>, Failure> {
    let Query(Slice { after, most }) =
        slice.map_err(|error| ControlError::BadRequest(format!("this takes ?after=NUMBER&most=COUNT; {error}")))?;
    Ok(Json(world.lock().log.after(after, most)))
}

async fn reset(State(world): World) -> Json<Value> {
    world.lock().reset();
    Json(json!({ "ok": true }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: i64,
}

async fn advance(State(world): World, request: Request) -> Result<Json<Value>, Failure> {
    let Advance { advance_s } = read(request, r#"{"advance_s": seconds}"#).await?;
    let seconds = u64::try_from(advance_s)
        .map_err(|_| ControlError::BadRequest(format!("advance_s is {advance_s}: the clock only moves forward")))?;
    let now = world.lock().clock.advance(Duration::from_secs(seconds))?;
    Ok(Json(json!({ "now": clock::rfc3339(now) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PushUrl {
    #[serde(deserialize_with = "Option::deserialize")]
    url: Option<String>,
}

async fn set_push_url(State(world): World, request: Request) -> Result<Json<Value>, Failure> {
    let PushUrl { url } = read(request, r#"{"url": "http://127.0.0.1:PORT/PATH"}, or null for no push"#).await?;
    let mut world = world.lock();
    world.set_push_url(url.as_deref())?;
    Ok(Json(json!({ "push_url": world.fensi.push_url.as_ref().map(Url::as_str) })))
}

async fn follow(State(world): World, request: Request) -> Result<Json<PushReport>, Failure> {
    let follow: Follow = read(request, r#"{"auth_open_id": "…", "appid"?: "…", "times"?: 1, …}"#).await?;
    Ok(Json(push::follow(world, follow).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    #[serde(default)]
    order: ReleaseOrder,
}

async fn release(State(world): World, request: Request) -> Result<Json<Value>, Failure> {
    let takes = r#"{"order"?: "as_they_came", "reverse" or {"shuffled": SEED}}"#;
    let Release { order } = read(request, takes).await?;
    Ok(Json(json!({ "released": push::release(world, order).await })))
}

async fn set_faults(State(world): World, request: Request) -> Result<Json<Value>, Failure> {
    let body = body::read(request.into_body()).await?;
    let (seed, list) = list::read(&body)?;
    let mut world = world.lock();
    checked_faults::set(&mut world.faults, seed, list)?;
    Ok(Json(world.faults.state()))
}

/// Reads a JSON body under any content type.
async fn read<T: DeserializeOwned>(request: Request, takes: &str) -> Result<T, Failure> {
    let body = body::read(request.into_body()).await?;
    serde_json::from_slice(&body)
        .map_err(|error| ControlError::BadRequest(format!("this takes {takes}; {error}")).into())
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use axum::body::Body;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::start_options::StartOptions;

    /// Answers `GET state` to a client at this address.
    async fn answer(address: &str, control_anywhere: bool) -> StatusCode {
        let options = StartOptions { control_anywhere, ..StartOptions::default() };
        let world = Arc::new(SharedWorld::new(options));
        let service = TowerToHyperService::new(router(Arc::clone(&world)).with_state(world));
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/state".parse().unwrap();
        let address: IpAddr = address.parse().unwrap();
        request.extensions_mut().insert(Peer::from(SocketAddr::new(address, 1234)));
        service.call(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn control_is_for_this_machine_unless_it_is_let_out() {
        for here in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(answer(here, false).await, StatusCode::OK, "{here}");
        }
        for elsewhere in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "0.0.0.0"] {
            assert_eq!(answer(elsewhere, false).await, StatusCode::FORBIDDEN, "{elsewhere}");
            assert_eq!(answer(elsewhere, true).await, StatusCode::OK, "{elsewhere}");
        }
    }
}
