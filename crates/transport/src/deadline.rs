//! The deadline of a call, which includes its repetitions and waits.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use weifen_proto::Repeat;

use crate::{Transport, TransportError};

/// Grace of an attempt after the deadline. Within it, a transport with a timeout of its own can tell how far the
/// request got, and an attempt that begins late is not cut at once.
pub(crate) const LATE: Duration = Duration::from_millis(500);

/// Deadline of a call, its repetitions and waits included.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    ends: Instant,
    /// Latest time to send a request whose outcome would be unknown if it were cut.
    unsafe_until: Instant,
}

/// Error of a call whose deadline has passed.
#[derive(Debug, thiserror::Error)]
#[error("the call exceeded its time limit, which includes retries and waits")]
pub struct OutOfTime;

impl Deadline {
    /// Creates a deadline `total` from now, a century at most.
    pub fn after(total: Duration) -> Self {
        // The clock can't represent a later end.
        let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        let (now, total) = (Instant::now(), total.min(century));
        Self { ends: now + total, unsafe_until: now + total.mul_f64(0.9) }
    }

    /// Waits for `work`, which a call needs before it can be made. Outside a tokio runtime it waits without a limit.
    ///
    /// # Panics
    /// In a tokio runtime without its clock (`enable_time`).
    ///
    /// # Errors
    /// [`OutOfTime`] where the deadline passes first.
    pub async fn wait<T>(self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        if Handle::try_current().is_err() {
            return Ok(work.await);
        }
        timeout_at(self.ends, work).await.map_err(|_| OutOfTime)
    }

    /// Time left until the deadline.
    #[cfg(feature = "tower")]
    pub(crate) fn left(self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// Sends a request, with the deadline in its extensions where the transport may take longer. A request that is not
    /// safe is not sent in the last tenth of the time: it would likely be cut, and its outcome unknown.
    ///
    /// # Errors
    /// The transport's error, or [`OutOfTime`]: as not sent before the request, as no reply after it.
    pub(crate) async fn send(
        self,
        transport: &dyn Transport,
        mut request: Request<Bytes>,
        repeat: Repeat,
    ) -> Result<Response<Bytes>, TransportError> {
        if Handle::try_current().is_err() {
            return transport.send(request).await;
        }
        let begins_until = if repeat == Repeat::Safe { self.ends } else { self.unsafe_until };
        let now = Instant::now();
        if now >= begins_until {
            return Err(TransportError::not_sent(OutOfTime));
        }
        if transport.time_limit().is_some_and(|limit| limit <= (self.ends + LATE).duration_since(now)) {
            return transport.send(request).await;
        }
        request.extensions_mut().insert(self);
        let reply = timeout_at(self.ends + LATE, transport.send(request)).await;
        reply.unwrap_or_else(|_| Err(TransportError::no_reply(OutOfTime)))
    }
}
