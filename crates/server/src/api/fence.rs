//! The last moment at which a call that was written down may be sent.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response};
use weifen::transport::{Clock as _, SystemClock, Transport, TransportError};

tokio::task_local! {
    /// The moment of this task's call, by the clock that runs on while the machine sleeps.
    static UNTIL: Duration;
}

/// A deadline before that of the journal, which counts from a later moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fence(Duration);

/// The error of a call that was held up for too long. It was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the server was held up until after the call's deadline")]
struct Late;

impl Fence {
    /// The fence of a call that may be sent for so long from now.
    pub(super) fn after(sendable: Duration) -> Self {
        Self(SystemClock.elapsed().saturating_add(sendable))
    }

    /// Makes a call that is not sent after this moment.
    pub(super) async fn hold<T>(self, call: impl Future<Output = T>) -> T {
        UNTIL.scope(self.0, call).await
    }
}

/// A transport that sends nothing after the fence of the call.
#[derive(Debug)]
pub(crate) struct Fenced(pub(crate) Arc<dyn Transport>);

#[async_trait]
impl Transport for Fenced {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        // Another task's request, such as the fetch of the token, has no fence.
        if UNTIL.try_with(|until| SystemClock.elapsed() >= *until).unwrap_or(false) {
            return Err(TransportError::not_sent(Late));
        }
        self.0.send(request).await
    }
}
