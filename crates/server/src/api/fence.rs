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
#[error("the server was delayed until after the call's deadline")]
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

    fn time_limit(&self) -> Option<Duration> {
        self.0.time_limit()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Counted(AtomicUsize);

    #[async_trait]
    impl Transport for Counted {
        async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Response::new(Bytes::new()))
        }

        fn time_limit(&self) -> Option<Duration> {
            Some(Duration::from_secs(7))
        }
    }

    #[tokio::test]
    async fn a_call_is_sent_before_its_fence_and_not_after_and_another_task_has_none() {
        let below = Arc::new(Counted::default());
        let fenced = Arc::new(Fenced(below.clone()));
        let send = || async { fenced.send(Request::new(Bytes::new())).await };
        assert!(Fence::after(Duration::from_secs(60)).hold(send()).await.is_ok());
        let late = Fence::after(Duration::ZERO).hold(send()).await;
        assert!(matches!(late, Err(TransportError::NotSent(_))), "{late:?}");
        let elsewhere = fenced.clone();
        let task = Fence::after(Duration::ZERO)
            .hold(async move { tokio::spawn(async move { elsewhere.send(Request::new(Bytes::new())).await }).await });
        assert!(task.await.unwrap().is_ok());
        assert_eq!(below.0.load(Ordering::Relaxed), 2);
        assert_eq!(fenced.time_limit(), below.time_limit());
    }
}
