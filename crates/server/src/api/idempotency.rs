//! Calls under an `Idempotency-Key`: written down before they are sent, and answered as before when they come again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;
use weifen::inbox::{Booking, Inbox};
use weifen::journal::{
    Answer, Begun, CallKey, End, Ended, Fingerprint, Finish, NewCall, Outcome, Sending, Times, Writing,
};
use weifen::{Config, transport};

use super::Api;
use super::fault::Fault;
use super::fence::Fence;
use super::operation::{Answer as _, Key, Operation, ok};
use super::problem::{Kind, PROBLEM_JSON, Problem};

/// Name of the header.
pub(super) const HEADER: &str = "Idempotency-Key";

/// Name of the header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Time beyond the call's own in which its beginning may be committed.
const SLACK: Duration = Duration::from_secs(5);

/// Pauses between attempts to write an end.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Lengths of time in the life of a call.
pub(crate) fn times(config: &Config) -> Times {
    Times { sendable: config.http.timeout + SLACK, kept: config.api.keep_answers }
}

/// Reads the key of a request; `None` where it has none and needs none.
pub(super) fn key<O: Operation>(caller: &str, headers: &HeaderMap) -> Result<Option<CallKey>, Problem> {
    let mut keys = headers.get_all(HEADER).iter();
    let (first, second) = (keys.next(), keys.next());
    let Some(given) = first else {
        return if O::KEY == Key::Needed { Err(required()) } else { Ok(None) };
    };
    let key = given.to_str().ok().filter(|_| second.is_none()).map(|text| CallKey::new(caller, text));
    match key {
        Some(Ok(key)) => Ok(Some(key)),
        Some(Err(error)) => Err(Fault::of_parameter(HEADER, error.to_string()).into()),
        None => Err(Fault::of_parameter(HEADER, "must be given once, in visible ASCII characters").into()),
    }
}

fn required() -> Problem {
    let problem = Problem::new(Kind::KeyRequired, format!("this call needs the header {HEADER}"));
    problem.with_hint(
        "send a key of your own, such as the order's number, and the same key when you repeat the request: the call \
         is then sent to the vendor at most once",
    )
}

/// Makes a call under its key, or answers as it was answered before.
pub(super) async fn answer<O: Operation>(
    api: Arc<Api>,
    key: CallKey,
    fingerprint: Fingerprint,
    request: O,
) -> Result<Response, Problem> {
    // The journal's deadline counts from the commit, which is later. A connection may have to be made first.
    let http = &api.config.http;
    let fence = Fence::after(times(&api.config).sendable.saturating_sub(http.connect_timeout.min(http.timeout)));
    match api.journal.begin(NewCall { key, operation: O::ROUTE.id, fingerprint }).await? {
        Begun::Send(sending) => {
            let answered = fence.hold(request.answer(api.clone())).await;
            end::<O>(&api, sending, answered).await
        }
        Begun::InUse(left) => {
            let problem = Problem::new(Kind::KeyInUse, "the first request with this key is still running");
            Err(problem.retryable_after(left.min(SLACK)))
        }
        Begun::Replay(_, Some(answer)) => Ok(replayed(answered_as(answer))),
        Begun::Replay(..) => Ok(replayed(lost().into_response())),
        Begun::Expired(outcome) => Err(Problem::new(
            Kind::KeyExpired,
            "a call was made with this key, but its answer is no longer stored; nothing was sent",
        )
        .with_outcome(outcome)),
        Begun::Reused => Err(Problem::new(Kind::KeyReused, "this key was used for another request; nothing was sent")
            .with_hint("use a new key for each request, and the same key only to repeat a request")),
        _ => Err(Problem::internal()),
    }
}

/// Writes the end of a call, and then answers.
async fn end<O: Operation>(
    api: &Arc<Api>,
    sending: Sending,
    answered: Result<O::Answer, Problem>,
) -> Result<Response, Problem> {
    let answered = answered.and_then(|answer| Ok((answer.json()?, answer)));
    let (end, otherwise) = match answered {
        Ok((body, answer)) if !O::is_final(&answer) => (End::Free, Ok(ok(body))),
        Ok((body, answer)) => {
            let end = if let Some(booking) = O::booking(&answer).cloned() {
                let inbox = api.inbox.clone();
                End::Finished(Arc::new(Booked::<O> { answer: Mutex::new(answer), booking, inbox }))
            } else {
                End::Answered(Outcome::Done, Answer { status: StatusCode::OK.as_u16(), body })
            };
            (end, Err(Problem::internal()))
        }
        Err(problem) => match problem.end() {
            Outcome::Free => (End::Free, Err(problem)),
            outcome => {
                let answer = Answer { status: problem.status(), body: problem.json() };
                (End::Answered(outcome, answer), Err(problem))
            }
        },
    };
    match api.journal.end(&sending, end.clone()).await {
        Ok(Ended::Written(Some(answer))) => Ok(answered_as(answer)),
        Ok(Ended::Written(None)) => otherwise,
        Ok(_) => Err(overtaken()),
        Err(error) => {
            api.tasks.spawn(write_until_done(api.clone(), sending, end));
            Err(Problem::not_written(&error))
        }
    }
}

/// Tries to write an end until it is written. Until then its key is in use, and after the deadline unknown.
async fn write_until_done(api: Arc<Api>, sending: Sending, end: End) {
    let mut pause = FIRST_PAUSE;
    while let Err(error) = api.journal.end(&sending, end.clone()).await {
        tracing::warn!(error = transport::in_words(&error), "could not save the outcome of a call; weifen retries");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// An answer that tells of a booking, which is committed with it.
struct Booked<O: Operation> {
    answer: Mutex<O::Answer>,
    booking: Booking,
    inbox: Inbox,
}

impl<O: Operation> fmt::Debug for Booked<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Booked").field("booking", &self.booking).finish_non_exhaustive()
    }
}

#[async_trait]
impl<O: Operation> Finish for Booked<O> {
    async fn finish(&self, writing: &mut Writing<'_>) -> Result<Answer, weifen::journal::DatabaseError> {
        let kept = self.inbox.keep_booking_in(writing, &self.booking).await?;
        let mut answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        O::booked(&mut answer, kept);
        let (status, body) = match answer.json() {
            Ok(body) => (StatusCode::OK.as_u16(), body),
            Err(problem) => (problem.status(), problem.json()),
        };
        Ok(Answer { status, body })
    }
}

/// The problem of a call whose end came too late to be stored.
fn overtaken() -> Problem {
    Problem::new(
        Kind::Overtaken,
        "the call ended too late, and its end is not stored: its key is unknown by now, or was used again",
    )
    .with_hint(
        "GET /v1/calls/{key} returns what is stored for the key; check with the vendor whether the call had its effect",
    )
}

/// The problem of a call whose server ended before the call did.
fn lost() -> Problem {
    let kind = Kind::Call(transport::ErrorKind::UnknownOutcome, transport::Outcome::Unknown);
    Problem::new(kind, "the server ended during this call: the call may have had its effect")
        .with_hint("check with the vendor whether the call had its effect; if not, repeat the call with a new key")
}

fn answered_as(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_success() {
        return ok(answer.body);
    }
    (status, [(CONTENT_TYPE, PROBLEM_JSON)], answer.body).into_response()
}

fn replayed(mut response: Response) -> Response {
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
