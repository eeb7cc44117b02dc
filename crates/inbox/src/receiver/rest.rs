//! The rest of a request's body, which the answer did not wait for. It is drained before the answer is sent: a client
//! that is cut off while it sends may never read its answer, and one that keeps the connection loses its next request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;

use super::timed_body::TimedBody;

/// Cap on the bytes that are drained.
const CAP: usize = 8 << 20;

/// A body that goes back to its server if it is dropped before its end.
struct LentBody {
    // There until its end.
    unread: Option<Unread>,
    home: Option<oneshot::Sender<Unread>>,
}

/// A body that was not read to its end.
struct Unread {
    body: TimedBody,
    is_begun: bool,
    /// True where it is broken or late.
    has_failed: bool,
}

/// The rest of a body that was lent to a handler.
pub(super) struct Rest(Option<oneshot::Receiver<Unread>>);

/// Lends a body to a handler.
pub(super) fn lend(body: TimedBody) -> (Body, Rest) {
    if body.is_end_stream() {
        return (Body::new(body), Rest(None));
    }
    let (home, rest) = oneshot::channel();
    let unread = Unread { body, is_begun: false, has_failed: false };
    (Body::new(LentBody { unread: Some(unread), home: Some(home) }), Rest(Some(rest)))
}

impl Rest {
    /// Drains what the handler has left. Returns false where that is not all of it: the connection can't be kept.
    ///
    /// A client that `waits` to be told to send its body sends none once it is answered.
    pub(super) async fn drain(self, waits: bool) -> bool {
        let unread = self.0.and_then(|mut rest| rest.try_recv().ok());
        let Some(Unread { mut body, is_begun, has_failed }) = unread else { return true };
        if has_failed || (waits && !is_begun) {
            return false;
        }
        let mut left = CAP;
        while let Some(frame) = body.frame().await {
            let Some(rest) = frame.ok().and_then(|frame| left.checked_sub(frame.data_ref().map_or(0, Bytes::len)))
            else {
                return false;
            };
            left = rest;
        }
        true
    }
}

impl HttpBody for LentBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(unread) = self.unread.as_mut() else { return Poll::Ready(None) };
        unread.is_begun = true;
        let frame = ready!(Pin::new(&mut unread.body).poll_frame(cx));
        match &frame {
            Some(Ok(_)) => {}
            Some(Err(_)) => unread.has_failed = true,
            None => self.unread = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.unread.as_ref().is_none_or(|unread| unread.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.unread.as_ref().map(|unread| unread.body.size_hint()).unwrap_or_default()
    }
}

impl Drop for LentBody {
    fn drop(&mut self) {
        let unread = self.unread.take().filter(|unread| unread.has_failed || !unread.body.is_end_stream());
        if let (Some(unread), Some(home)) = (unread, self.home.take()) {
            // The server is gone if its connection is.
            _ = home.send(unread);
        }
    }
}
