//! A transport with canned replies, which keeps the requests.

use std::collections::VecDeque;
use std::time::Duration;
use std::{fmt, io};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::{Mutex, locked};
use crate::{Transport, TransportError};

type Reply = Result<Response<Bytes>, TransportError>;
type Answer = Box<dyn Fn(&Request<Bytes>) -> Reply + Send + Sync>;

/// A transport for tests: it gives canned replies and keeps the requests.
///
/// ```
/// use weifen_transport::mock::Canned;
/// use weifen_transport::{Bytes, Transport, http};
///
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let vendor = Canned::by(|request| match request.uri().path() {
///         "/open" => Ok(http::Response::new("{}".into())),
///         _ => Ok(http::Response::builder().status(404).body(Bytes::new()).unwrap()),
///     });
///     let reply = vendor.send(http::Request::get("https://api.example/shut?page=2").body(Bytes::new())?).await?;
///     assert_eq!(reply.status(), 404);
///     assert_eq!(vendor.requests()[0].uri().query(), Some("page=2"));
///     Ok(())
/// }
/// ```
pub struct Canned {
    answer: Answer,
    delay: Duration,
    requests: Mutex<Vec<Request<Bytes>>>,
}

impl Canned {
    /// Answers each request with the result of `answer`.
    pub fn by(answer: impl Fn(&Request<Bytes>) -> Reply + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), delay: Duration::ZERO, requests: Mutex::default() }
    }

    /// Answers each request with HTTP 200 and `body`.
    pub fn body(body: impl Into<Bytes>) -> Self {
        Self::in_turn([Ok(Response::new(body.into()))])
    }

    /// Answers with each of `replies` in turn, then always with the last. Without replies, every connection is lost.
    pub fn in_turn(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Mutex<VecDeque<_>> = Mutex::new(replies.into_iter().collect());
        Self::by(move |_| {
            let mut replies = locked(&replies);
            let reply = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
            reply.unwrap_or_else(|| Err(TransportError::no_reply(io::Error::from(io::ErrorKind::ConnectionReset))))
        })
    }

    /// Waits `delay` by tokio's clock before each answer.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Returns the requests so far, in the order in which they were sent.
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        locked(&self.requests).clone()
    }
}

impl fmt::Debug for Canned {
    /// Leaves out requests and replies: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canned").field("delay", &self.delay).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, request: Request<Bytes>) -> Reply {
        locked(&self.requests).push(request.clone());
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        (self.answer)(&request)
    }
}
