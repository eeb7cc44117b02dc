//! What an operation of the API is: its constants, its request, its answer. Each stands in a file of its own.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::Instrument as _;
use utoipa::{PartialSchema, ToSchema};
use weifen::config::Scope;
use weifen::inbox::{Booking, KeptBooking};
use weifen::journal::{CallKey, Fingerprint};

use super::caller::Asker;
use super::input::Expected;
use super::problem::Problem;
use super::schema::Schema;
use super::{Api, JSON, idempotency};

/// An operation of the API, implemented by its request, whose schema is what requests are checked by.
pub(super) trait Operation: DeserializeOwned + ToSchema + Send + 'static {
    /// The answer.
    type Answer: Answer;

    /// Its constants.
    const ROUTE: Route;

    /// Takes the sign of its caller's presence. Only a request that waits for what it takes away needs it.
    fn watch(&mut self, _caller: Presence) {}

    /// Use of an `Idempotency-Key`.
    const KEY: Key = Key::Unused;

    /// Finds what the schema can't say is wrong, before the call is written down.
    fn check(&self, _: &Api) -> Result<(), Problem> {
        Ok(())
    }

    /// Tells the request whose it is.
    fn called_by(&mut self, _: &str) {}

    /// A header that only this operation heeds.
    const HEADER: Option<Header> = None;

    /// Takes note that the request has that header.
    fn heed(&mut self) {}

    /// True where it only reads and waits: it ends when its caller hangs up.
    const ENDS_WITH_CALLER: bool = false;

    /// Does what is asked for. It is a task of its own, unless it ends with its caller: one that hangs up stops
    /// nothing.
    fn answer(self, api: Arc<Api>) -> impl Future<Output = Result<Self::Answer, Problem>> + Send;

    /// True where the answer stands for good, so that its key gets it again.
    fn is_final(_: &Self::Answer) -> bool {
        true
    }

    /// The booking that is to be kept before anybody gets the answer.
    fn booking(_: &Self::Answer) -> Option<&Booking> {
        None
    }

    /// Puts the booking that was kept into the answer.
    fn booked(_: &mut Self::Answer, _: KeptBooking) {}
}

/// Use of an `Idempotency-Key` by an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// It calls no vendor by a POST.
    Unused,
    /// A call that comes again under its key is answered as before.
    Taken,
    /// The same, and nothing is called without one.
    Needed,
}

/// A request's header that means something by being there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
}

/// The sign that a caller is still there.
#[derive(Debug, Default)]
pub(super) struct Presence(Option<oneshot::Receiver<Infallible>>);

impl Presence {
    /// Waits until the caller has hung up.
    pub(super) async fn ends(&mut self) {
        match &mut self.0 {
            // Nothing is ever sent: it ends with its sender.
            Some(sign) => drop(sign.await),
            None => pending().await,
        }
    }
}

/// The answer of an operation: a body of one media type.
pub(super) trait Answer: ToSchema + Send + 'static {
    const MEDIA: &'static str;

    /// The body, where it can be kept.
    fn json(&self) -> Result<String, Problem>;

    fn into_response(self) -> Result<Response, Problem>
    where
        Self: Sized,
    {
        Ok(ok(self.json()?))
    }
}

/// All answers are JSON, but for those that say otherwise.
impl<T: Serialize + ToSchema + Send + 'static> Answer for T {
    const MEDIA: &'static str = "application/json";

    fn json(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|error| {
            tracing::error!(%error, "an answer can't be written as JSON");
            Problem::internal()
        })
    }
}

pub(super) fn ok(json: String) -> Response {
    ([(CONTENT_TYPE, JSON)], json).into_response()
}

/// The constants of an operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The name under which programs that are made from the OpenAPI document know it.
    pub(super) id: &'static str,
    /// One line.
    pub(super) summary: &'static str,
    /// The scope that its caller needs; `None`: it needs no key, and the pages of `api.origins` may ask.
    pub(super) scope: Option<Scope>,
    /// Statuses of the problems that it has beside those of all.
    pub(super) problems: &'static [StatusCode],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Its request stands in path and query.
    Get,
    /// Its request stands in path and body.
    Post,
}

/// Statuses of an operation that calls a vendor.
pub(super) const OF_CALLS: &[StatusCode] = &[
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::NOT_IMPLEMENTED,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

impl Route {
    /// Returns true if `name` is a part of the path, as in `/v1/weiting/users/{openid}`.
    pub(super) fn is_in_path(&self, name: &str) -> bool {
        self.path.split('/').any(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) == Some(name))
    }
}

/// An operation without its types, as the list of all has it.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) route: Route,
    pub(super) key: Key,
    pub(super) header: Option<Header>,
    pub(super) expected: fn() -> Expected,
    /// The names of request and answer, and all schemas that either uses.
    pub(super) request_name: fn() -> String,
    pub(super) answer_name: fn() -> String,
    pub(super) media: &'static str,
    pub(super) schemas: fn() -> Vec<(String, Value)>,
    handle: Handle,
}

type Path = Result<RawPathParams, RawPathParamsRejection>;
/// Handles requests for an operation. Boxed, so that the server around it is compiled once and not for each of them.
type Handle = fn(Arc<Expected>, Arc<Api>, Path, Request<Body>) -> BoxFuture<'static, Response>;

impl Entry {
    pub(super) const fn of<O: Operation>() -> Self {
        Self {
            route: O::ROUTE,
            key: O::KEY,
            header: O::HEADER,
            expected: expected::<O>,
            request_name: || O::name().into_owned(),
            answer_name: || O::Answer::name().into_owned(),
            media: O::Answer::MEDIA,
            schemas: schemas::<O>,
            handle: |expected, api, path, request| {
                async move { handle::<O>(&expected, api, path, request).await.unwrap_or_else(IntoResponse::into_response) }
                    .boxed()
            },
        }
    }

    pub(super) fn handler(self) -> MethodRouter<Arc<Api>> {
        let expected = Arc::new((self.expected)());
        let handler =
            move |State(api): State<Arc<Api>>, path: Path, request| (self.handle)(expected.clone(), api, path, request);
        match self.route.method {
            Method::Get => get(handler),
            Method::Post => post(handler),
        }
    }
}

fn expected<O: Operation>() -> Expected {
    let schema = Schema::of::<O>();
    match O::ROUTE.method {
        Method::Get => Expected { parameters: schema, body: None },
        Method::Post => {
            let (parameters, body) = schema.divided(|name| O::ROUTE.is_in_path(name));
            Expected { parameters, body: Some(body) }
        }
    }
}

fn schemas<O: Operation>() -> Vec<(String, Value)> {
    let mut all = vec![(O::Answer::name().into_owned(), O::Answer::schema())];
    O::Answer::schemas(&mut all);
    all.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))).collect()
}

async fn handle<O: Operation>(
    expected: &Expected,
    api: Arc<Api>,
    path: Path,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let (mut request, key): (O, _) = read(expected, &api, path, request).await?;
    if O::ENDS_WITH_CALLER {
        return answer(api, request).await;
    }
    // Dropped with this future, when the caller hangs up.
    let (_is_there, sign) = oneshot::channel();
    request.watch(Presence(Some(sign)));
    // The panic hook tells of what ends a task without an answer.
    spawn(api, request, key).await.map_err(|_| Problem::internal())?
}

/// Answers a request in a task of its own. Not async: whoever waits for the task does not hold its size too.
fn spawn<O: Operation>(
    api: Arc<Api>,
    request: O,
    key: Option<(CallKey, Fingerprint)>,
) -> JoinHandle<Result<Response, Problem>> {
    let tasks = api.tasks.clone();
    let answered = match key {
        Some((key, fingerprint)) => idempotency::answer(api, key, fingerprint, request).boxed(),
        None => answer(api, request).boxed(),
    };
    tasks.spawn(answered.in_current_span())
}

/// Reads the request of a caller who may make it. Nothing of its head is left, so that thousands that wait hold no
/// buffer.
async fn read<O: Operation>(
    expected: &Expected,
    api: &Api,
    path: Path,
    request: Request<Body>,
) -> Result<(O, Option<(CallKey, Fingerprint)>), Problem> {
    let (head, body) = request.into_parts();
    let mut name = String::new();
    if let Some(scope) = O::ROUTE.scope {
        let caller = api.callers.known(&head.headers)?;
        Asker::note(&head, caller);
        caller.admit(scope)?;
        tracing::debug!(caller = caller.name, operation = O::ROUTE.id, "the API is called");
        name.clone_from(&caller.name);
    }
    let (mut request, fields): (O, _) = expected.read(&head, path, body).await?;
    if O::HEADER.is_some_and(|header| head.headers.contains_key(header.name)) {
        request.heed();
    }
    request.called_by(&name);
    request.check(api)?;
    let key = if O::KEY == Key::Unused { None } else { idempotency::key::<O>(&name, &head.headers)? };
    let key = key.map(|key| {
        let fingerprint = Fingerprint::new(&key, head.method.as_str(), head.uri.path(), &fields);
        (key, fingerprint)
    });
    Ok((request, key))
}

/// Answers a request that has no key.
async fn answer<O: Operation>(api: Arc<Api>, request: O) -> Result<Response, Problem> {
    let mut answer = request.answer(api.clone()).await?;
    if let Some(booking) = O::booking(&answer) {
        let kept = api.inbox.keep_booking(booking).await.map_err(Problem::not_booked)?;
        O::booked(&mut answer, kept.ok_or_else(Problem::internal)?);
    }
    answer.into_response()
}
