//! The driver: one request out, one reply back, and the only place that decides what the two amount to.

use bytes::Bytes;
use http::{Request, Response, header};
use weifen_proto::{Endpoint, NoAnswer, Repeat};

use crate::{BadReply, CallError, Failure, RetryAfter, Transport, TransportError, Unusable};

/// Sends `request`, the encoded form of an `E`, and reads the reply as its answer, at any HTTP status.
///
/// # Errors
/// [`CallError`], which says what is known about the call's effect: see [`CallError::outcome`].
pub async fn call<E: Endpoint>(transport: &dyn Transport, request: Request<Bytes>) -> Result<E::Answer, CallError> {
    let operation = const { &E::OPERATION };
    let reply = match transport.send(request).await {
        Ok(reply) => reply,
        Err(TransportError::BadBody { status, fault }) => {
            let failure = bad_reply(operation.repeat, BadReply::Body(fault));
            return Err(CallError::new(operation, failure).with_status(status));
        }
        Err(error) => return Err(CallError::new(operation, no_reply(operation.repeat, error))),
    };
    E::answer(reply.body()).map_err(|error| {
        let failure = match error {
            NoAnswer::Refused(refusal) => Failure::Refused(refusal),
            NoAnswer::Undecodable(_) if is_redirect(&reply) => {
                bad_reply(operation.repeat, BadReply::Redirect { host: target_host(&reply) })
            }
            NoAnswer::Undecodable(fault) => bad_reply(operation.repeat, fault.into()),
        };
        CallError::new(operation, failure)
            .with_status(reply.status())
            .with_retry_after(RetryAfter::read(reply.headers()))
    })
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
    Some(authority.host().to_owned())
}
