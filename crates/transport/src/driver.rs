//! The driver: it sends a request, and alone decides what the reply means.

use std::cell::LazyCell;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, header};
use secrecy::SecretString;
use tokio::time::Instant;
use weifen_proto::{Drift, DriftKind, DriftObserver, Endpoint, NoAnswer, Operation, Repeat};

use crate::drift_watch::DriftWatch;
use crate::repeat::Repeats;
use crate::sent_texts::{SentTexts, are_in};
use crate::{
    BadReply, CallError, CallObserver, Clock, Deadline, Failure, Jitter, NetworkFault, RepeatPolicy, RetryAfter,
    Transport, TransportError, Unusable,
};

/// Makes a client's calls: it sends encoded requests, decodes the replies, and repeats calls that failed without harm.
#[derive(Debug)]
pub struct Driver {
    transport: Arc<dyn Transport>,
    repeats: Repeats,
    drift: DriftWatch,
    observer: Option<Arc<dyn CallObserver>>,
    secrets: Vec<SecretString>,
}

impl Driver {
    /// Creates a driver that sends through `transport` and repeats by `policy`.
    pub fn new(transport: Arc<dyn Transport>, policy: RepeatPolicy) -> Self {
        Self {
            transport,
            repeats: Repeats::new(policy),
            drift: DriftWatch::default(),
            observer: None,
            secrets: Vec::new(),
        }
    }

    /// Sets the clock of wall time, by which a date in `Retry-After` is read. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.repeats.clock = clock;
        self
    }

    /// Sets the source of the random pauses before repetitions.
    #[must_use]
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.repeats.jitter = jitter;
        self
    }

    /// Sets the observer of answers that differ from the documentation. They are logged in any case.
    #[must_use]
    pub fn drift_observer(mut self, observer: Option<Arc<dyn DriftObserver>>) -> Self {
        self.drift = DriftWatch::new(observer);
        self
    }

    /// Sets the observer of calls that have ended.
    #[must_use]
    pub fn call_observer(mut self, observer: Option<Arc<dyn CallObserver>>) -> Self {
        self.observer = observer;
        self
    }

    /// Adds a secret that is not sent but that the vendor knows and may repeat: it is removed from messages too.
    #[must_use]
    pub fn hiding(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Makes attempts, each from the start, until one has an answer or no repetition is allowed. All of them share one
    /// deadline, which each is given.
    ///
    /// It waits on tokio's clock. Outside a tokio runtime nothing is repeated, and only the transport ends a call.
    ///
    /// # Panics
    /// In a tokio runtime without its clock (`enable_time`).
    ///
    /// # Errors
    /// The last attempt's error.
    pub async fn repeat<T, F>(
        &self,
        operation: &'static Operation,
        attempt: impl FnMut(Deadline) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let begun = Instant::now();
        let outcome = self.repeats.run(operation, attempt).await;
        if let Some(observer) = &self.observer {
            observer.called(operation, begun.elapsed(), outcome.as_ref().err());
        }
        outcome
    }

    /// Sends `request`, the encoded form of an `E`, and decodes the reply as its answer, at any HTTP status.
    ///
    /// # Panics
    /// In a tokio runtime without its clock (`enable_time`).
    ///
    /// # Errors
    /// [`CallError`]: the vendor refused, nothing was sent, no reply came, or it is no answer; see [`Failure`].
    pub async fn call<E: Endpoint>(&self, request: Request<Bytes>, deadline: Deadline) -> Result<E::Answer, CallError> {
        let operation = const { &E::OPERATION };
        let sent = SentTexts::of(&request, &self.secrets);
        let reply = match deadline.send(&*self.transport, request, operation.repeat).await {
            Ok(reply) => reply,
            Err(TransportError::BadBody { status, retry_after, fault }) => {
                let failure = bad_reply(operation.repeat, BadReply::Body(fault));
                return Err(CallError::new(operation, failure).with_status(status).with_retry_after(retry_after));
            }
            Err(error) => {
                let advice = error.fault().and_then(NetworkFault::advice);
                let error = CallError::new(operation, no_reply(operation.repeat, error));
                return Err(match advice {
                    Some(advice) => error.with_hint(advice),
                    None => error,
                });
            }
        };
        let error = match E::answer(reply.body()) {
            Ok(answer) => {
                self.drift.look(operation.vendor, operation.name, || drifts::<E>(reply.body(), &sent));
                return Ok(answer);
            }
            Err(error) => error,
        };
        let failure = match error {
            NoAnswer::Refused(refusal) => Failure::Refused(refusal.hiding(sent.texts())),
            NoAnswer::Undecodable(_) if is_redirect(&reply) => bad_reply(
                operation.repeat,
                BadReply::Redirect { host: target_host(&reply).filter(|host| !are_in(host, &sent.texts())) },
            ),
            NoAnswer::Undecodable(fault) => bad_reply(operation.repeat, fault.into()),
        };
        Err(CallError::new(operation, failure)
            .with_status(reply.status())
            .with_retry_after(RetryAfter::read(reply.headers())))
    }
}

/// Returns the differences from the documented answer. The vendor chooses the names of unknown fields; a name that
/// repeats a sent text becomes `?`.
fn drifts<E: Endpoint>(body: &[u8], sent: &SentTexts<'_>) -> Vec<Drift> {
    let texts = LazyCell::new(|| sent.texts());
    let mut drifts = E::DOCUMENTED.drifts(body);
    let may_be_unknown =
        |drift: &&mut Drift| matches!(drift.kind, DriftKind::UnknownField { .. } | DriftKind::BrokenText);
    for drift in drifts.iter_mut().filter(may_be_unknown) {
        let name = drift.path.rfind('.').map_or(0, |dot| dot + 1);
        if are_in(&drift.path[name..], &texts) {
            drift.path.replace_range(name.., "?");
        }
    }
    drifts
}

fn no_reply(repeat: Repeat, error: TransportError) -> Failure {
    match (&error, repeat) {
        (TransportError::NotSent(_), _) => Failure::NotDelivered(error),
        (_, Repeat::Safe | Repeat::Counted) => Failure::NoReply(error),
        (_, Repeat::Once | Repeat::Write) => Failure::UnknownOutcome(Unusable::NoReply(error)),
    }
}

fn bad_reply(repeat: Repeat, reply: BadReply) -> Failure {
    match repeat {
        Repeat::Write => Failure::UnknownOutcome(Unusable::BadReply(reply)),
        Repeat::Safe | Repeat::Counted | Repeat::Once => Failure::Undecodable(reply),
    }
}

/// Returns true for a redirect status with a `Location`.
fn is_redirect(reply: &Response<Bytes>) -> bool {
    reply.status().is_redirection() && reply.headers().contains_key(header::LOCATION)
}

/// Returns the host of a redirect's target. Its path and query are left out: they may carry sent texts.
fn target_host(reply: &Response<Bytes>) -> Option<String> {
    let location = String::from_utf8_lossy(reply.headers().get(header::LOCATION)?.as_bytes());
    let (scheme, rest) = location.trim().split_once("//")?;
    if !["", "http:", "https:"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority: http::uri::Authority = rest.split(['/', '\\', '?', '#']).next()?.parse().ok()?;
    // A host has no percent sign, but an encoded sent text may.
    Some(authority.host().to_owned()).filter(|host| !host.contains('%'))
}
