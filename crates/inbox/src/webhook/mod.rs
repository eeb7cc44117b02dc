//! A handler that posts each event to a URL, signed by the convention of Standard Webhooks.

mod signature;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretSlice;
use url::Url;
use weifen_database::milliseconds;
use weifen_transport::http::header::CONTENT_TYPE;
use weifen_transport::http::{Request, StatusCode, Uri};
use weifen_transport::{Bytes, Clock, RetryAfter, SystemClock, Transport, TransportError, async_trait};

use crate::{FollowEvent, Handler, HandlerError, IdempotencyKey, payload};
use signature::Signer;

/// Cap on the wait that a receiver asks for by `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Posts each event to a URL, signed by the convention of Standard Webhooks, so that a business in any language can
/// take events.
///
/// The body is `{"type":"fensi.follow","timestamp":…,"data":…}`: time of receipt (RFC 3339, UTC) and the push's fields
/// by the vendor's names; the same bytes at each attempt. `webhook-id` is the event's [`IdempotencyKey`],
/// `webhook-timestamp` the attempt's time, `webhook-signature` `v1,` and the HMAC-SHA256 of `ID.TIMESTAMP.BODY`.
///
/// Any 2xx takes the event, whatever the reply's body. 410 pauses deliveries until they are resumed or a dispatcher
/// starts. `Retry-After` of a 429 or 503 is obeyed, up to an hour. Everything else, a redirect too, is a failure, and
/// the event is posted again. Over plain http the push's fields can be read on the way.
///
/// The transport's timeout must be shorter than [`DispatchPolicy::attempt_timeout`](crate::DispatchPolicy), which cuts
/// an attempt without regard to what was received.
pub struct Webhook {
    url: Uri,
    signer: Signer,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

/// The error of a webhook that can't post. Nothing was sent; correct the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidWebhook {
    /// The URL is not an absolute http or https URL.
    #[error("the URL for events must be an absolute http or https URL, such as https://host/path")]
    NotAUrl,
    /// The URL contains a user name or a password. Put the secret into its path or query.
    #[error("the URL for events must not contain a user name or a password")]
    HasCredentials,
    /// The key has fewer than 16 bytes and can be guessed. Create a longer key.
    #[error("the key that signs events must have at least 16 bytes; Standard Webhooks recommends 24 to 64")]
    ShortKey,
}

impl Webhook {
    /// Makes a webhook that posts to `url` and signs with `key`, of 16 bytes at least (Standard Webhooks advises 24 to
    /// 64).
    ///
    /// # Errors
    /// [`InvalidWebhook`]: the URL is not absolute http(s), it holds credentials, or the key is too short.
    pub fn new(url: &str, key: SecretSlice<u8>, transport: Arc<dyn Transport>) -> Result<Self, InvalidWebhook> {
        Ok(Self { url: address(url)?, signer: Signer::new(key)?, transport, clock: Arc::new(SystemClock) })
    }

    /// Sets the clock for `webhook-timestamp` and for dates in `Retry-After`; default the system's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Posts an event once, and returns the status of the answer, whatever it is.
    ///
    /// # Errors
    /// When there was no answer. The event may have been taken all the same, unless the error says "not delivered".
    pub async fn post(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<StatusCode, HandlerError> {
        Ok(self.exchange(event, key).await?.0)
    }

    async fn exchange(
        &self,
        event: &FollowEvent,
        key: &IdempotencyKey,
    ) -> Result<(StatusCode, Option<RetryAfter>), HandlerError> {
        let request = self
            .request(event, key)
            .ok_or_else(|| HandlerError::give_up("the event cannot be encoded as a request"))?;
        match self.transport.send(request).await {
            Ok(reply) => Ok((reply.status(), RetryAfter::read(reply.headers()))),
            // Only the head of a reply counts.
            Err(
                TransportError::BodyTimedOut { status, retry_after }
                | TransportError::BadBody { status, retry_after, .. },
            ) => Ok((status, retry_after)),
            Err(error @ TransportError::NotSent(_)) => Err(HandlerError::retry(why("not delivered", &error))),
            Err(error) => Err(HandlerError::retry(why("no reply", &error))),
        }
    }

    fn request(&self, event: &FollowEvent, key: &IdempotencyKey) -> Option<Request<Bytes>> {
        let body = payload::bytes(event)?;
        let timestamp = milliseconds::since_1970(self.clock.wall()) / 1000;
        let signature = self.signer.signature(key.as_str(), timestamp, &body).ok()?;
        Request::post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", key.as_str())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body)
            .ok()
    }

    fn judge(&self, status: StatusCode, retry_after: Option<RetryAfter>) -> Result<(), HandlerError> {
        let why = || format!("HTTP {}", status.as_u16());
        match status {
            _ if status.is_success() => Ok(()),
            StatusCode::GONE => Err(HandlerError::pause(why())),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                let wait = retry_after.map(|retry| retry.wait(self.clock.wall()).min(LONGEST_WAIT));
                Err(wait.map_or_else(|| HandlerError::retry(why()), |wait| HandlerError::retry_after(why(), wait)))
            }
            _ => Err(HandlerError::retry(why())),
        }
    }
}

#[async_trait]
impl Handler for Webhook {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        let (status, retry_after) = self.exchange(event, key).await?;
        self.judge(status, retry_after)
    }
}

/// Describes the failure of an attempt. Only a network fault is quoted: other errors may hold parts of the URL.
fn why(what: &str, error: &TransportError) -> String {
    error.fault().map_or_else(|| what.to_owned(), |fault| format!("{what}: {fault}"))
}

/// Shows the host alone: path and query may be the receiver's secrets.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("host", &self.url.host().unwrap_or_default()).finish_non_exhaustive()
    }
}

fn address(text: &str) -> Result<Uri, InvalidWebhook> {
    let url = Url::parse(text).map_err(|_| InvalidWebhook::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidWebhook::NotAUrl);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidWebhook::HasCredentials);
    }
    Uri::try_from(url.as_str()).map_err(|_| InvalidWebhook::NotAUrl)
}
