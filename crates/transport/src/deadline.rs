//! Until when a call may take, with its repetitions and all that it waits for.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use weifen_proto::Repeat;

use crate::{Transport, TransportError};

/// What an attempt may take beyond the deadline: a transport that ends calls by itself can then tell how far it got, and
/// an attempt that begins late is not cut at once.
pub(crate) const LATE: Duration = Duration::from_millis(500);

/// Until when a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    ends: Instant,
    /// Until when a request is sent whose outcome would be unknown if it were cut.
    unsafe_until: Instant,
}

/// The time of a call is over.
#[derive(Debug, thiserror::Error)]
#[error("the time for the call, with its repetitions and what it waited for, is over")]
pub struct OutOfTime;

impl Deadline {
    /// `total` from now.
    pub fn after(total: Duration) -> Self {
        // A century stands for ever, which the clock can't tell.
        let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        let (now, total) = (Instant::now(), total.min(century));
        Self { ends: now + total, unsafe_until: now + total.mul_f64(0.9) }
    }

    /// Waits for something that a call needs before it can be made. Outside a tokio runtime there is no end to it.
    ///
    /// # Panics
    /// In a tokio runtime without its clock (`enable_time`).
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn wait<T>(self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        if Handle::try_current().is_err() {
            return Ok(work.await);
        }
        timeout_at(self.ends, work).await.map_err(|_| OutOfTime)
    }

    /// How much of it is left.
    #[cfg(feature = "tower")]
    pub(crate) fn left(self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// Sends a request, which carries the deadline in its extensions. What is not safe is not sent in the last tenth of the time:
    /// it would likely be cut, and its outcome unknown.
    ///
    /// # Errors
    /// The transport's, or that the time is over: before the request was sent, or while it was.
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
        if Instant::now() >= begins_until {
            return Err(TransportError::not_sent(OutOfTime));
        }
        request.extensions_mut().insert(self);
        let reply = timeout_at(self.ends + LATE, transport.send(request)).await;
        reply.unwrap_or_else(|_| Err(TransportError::no_reply(OutOfTime)))
    }
}
