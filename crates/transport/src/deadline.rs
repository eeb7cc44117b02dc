//! Until when a call may take, with its repetitions and all that it waits for.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use crate::{Transport, TransportError};

/// What an attempt may take beyond the deadline: a transport that ends calls by itself can then tell how far it got, and
/// an attempt that begins late is not cut at once.
const LATE: Duration = Duration::from_millis(500);

/// Until when a call may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

/// The time of a call is over.
#[derive(Debug, thiserror::Error)]
#[error("the time for the call, with its repetitions and what it waited for, is over")]
pub struct OutOfTime;

impl Deadline {
    /// `total` from now.
    pub fn after(total: Duration) -> Self {
        // A century stands for ever, which the clock can't tell.
        let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
        Self(Instant::now() + total.min(century))
    }

    /// Waits for something that a call needs before it can be made. Outside a tokio runtime there is no end to it.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn wait<T>(self, work: impl Future<Output = T>) -> Result<T, OutOfTime> {
        if Handle::try_current().is_err() {
            return Ok(work.await);
        }
        timeout_at(self.0, work).await.map_err(|_| OutOfTime)
    }

    /// # Errors
    /// The transport's, or that the time is over: before the request was sent, or while it was.
    pub(crate) async fn send(
        self,
        transport: &dyn Transport,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        if Handle::try_current().is_err() {
            return transport.send(request).await;
        }
        if Instant::now() >= self.0 {
            return Err(TransportError::not_sent(OutOfTime));
        }
        let reply = timeout_at(self.0 + LATE, transport.send(request)).await;
        reply.unwrap_or_else(|_| Err(TransportError::no_reply(OutOfTime)))
    }
}
