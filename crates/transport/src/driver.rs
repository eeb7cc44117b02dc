//! The driver: one request out, one reply back, and the only place that decides what the two amount to.

use std::cell::LazyCell;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, header};
use secrecy::SecretString;
use weifen_proto::{Drift, DriftKind, DriftObserver, Endpoint, NoAnswer, Operation, Repeat};

use crate::drift_watch::DriftWatch;
use crate::repeat::Repeats;
use crate::sent_texts::{SentTexts, are_in};
use crate::{
    BadReply, CallError, Clock, Deadline, Failure, Jitter, NetworkFault, RepeatPolicy, RetryAfter, Transport,
    TransportError, Unusable,
};

/// What a client calls its vendor with: it sends encoded requests, reads the replies, and makes calls again that failed
/// without harm.
#[derive(Debug)]
pub struct Driver {
    transport: Arc<dyn Transport>,
    repeats: Repeats,
    drift: DriftWatch,
    secrets: Vec<SecretString>,
}

impl Driver {
    /// Sends with `transport`, and repeats by `policy`.
    pub fn new(transport: Arc<dyn Transport>, policy: RepeatPolicy) -> Self {
        Self { transport, repeats: Repeats::new(policy), drift: DriftWatch::default(), secrets: Vec::new() }
    }

    /// Where the wall's time comes from, by which a vendor may say when it wants to be asked again.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.repeats.clock = clock;
        self
    }

    /// Where the chance comes from by which repetitions are spread.
    #[must_use]
    pub fn jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.repeats.jitter = jitter;
        self
    }

    /// Who is told of answers that are not as documented. Without one, the log is.
    #[must_use]
    pub fn drift_observer(mut self, observer: Option<Arc<dyn DriftObserver>>) -> Self {
        self.drift = DriftWatch::new(observer);
        self
    }

    /// What the vendor knows and may repeat though it was not sent: it is not shown either.
    #[must_use]
    pub fn hiding(mut self, secret: SecretString) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Makes one attempt after another, each anew from the start, until one has an answer or no other may be made. All
    /// of them together, with what they wait for, have until the deadline that each is handed.
    ///
    /// It waits on tokio's clock. Outside a tokio runtime nothing is repeated, and only the transport ends a call.
    ///
    /// # Panics
    /// In a tokio runtime without its clock (`enable_time`).
    ///
    /// # Errors
    /// The last attempt's.
    pub async fn repeat<T, F>(
        &self,
        operation: &'static Operation,
        attempt: impl FnMut(Deadline) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.repeats.run(operation, attempt).await
    }

    /// Sends `request`, the encoded form of an `E`, and reads the reply as its answer, at any HTTP status.
    ///
    /// # Panics
    /// In a tokio runtime without its clock (`enable_time`).
    ///
    /// # Errors
    /// [`CallError`], which says what is known about the call's effect: see [`CallError::outcome`].
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

/// What is not as documented. The name of an unknown field is the vendor's to choose; one that repeats what was sent is not told.
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

/// A status that sends the caller elsewhere, and an address to go to.
fn is_redirect(reply: &Response<Bytes>) -> bool {
    reply.status().is_redirection() && reply.headers().contains_key(header::LOCATION)
}

/// The host that a redirect points to; its path and query may carry what was sent.
fn target_host(reply: &Response<Bytes>) -> Option<String> {
    let location = String::from_utf8_lossy(reply.headers().get(header::LOCATION)?.as_bytes());
    let (scheme, rest) = location.trim().split_once("//")?;
    if !["", "http:", "https:"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority: http::uri::Authority = rest.split(['/', '\\', '?', '#']).next()?.parse().ok()?;
    // No host has a percent sign, but what was sent may stand behind one.
    Some(authority.host().to_owned()).filter(|host| !host.contains('%'))
}
